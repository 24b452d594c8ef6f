namespace RouteGuard.Daemon;

/// <summary>How long a question waits until the guard's loop turns to it.</summary>
internal sealed class LoopLag(TimeProvider time)
{
    // A timestamp of the clock may be 0; one more keeps that apart from "nobody waits".
    private long _askedAt;
    private long _lastTicks;

    /// <summary>The wait of the last question, or of the one that waits now if that is longer. On any thread.</summary>
    public TimeSpan Now
    {
        get
        {
            var last = TimeSpan.FromTicks(Volatile.Read(ref _lastTicks));
            var waits = Since(Volatile.Read(ref _askedAt));
            return waits > last ? waits : last;
        }
    }

    /// <summary>Somebody asks. On any thread.</summary>
    public void Ask() => Interlocked.CompareExchange(ref _askedAt, time.GetTimestamp() + 1, 0);

    /// <summary>The loop turns to whoever waits. On the loop's thread.</summary>
    public void Turn() => Volatile.Write(ref _lastTicks, Since(Interlocked.Exchange(ref _askedAt, 0)).Ticks);

    private TimeSpan Since(long askedAt) => askedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(askedAt - 1);
}
