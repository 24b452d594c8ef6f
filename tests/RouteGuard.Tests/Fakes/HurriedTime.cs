namespace RouteGuard.Tests.Fakes;

/// <summary>A clock whose every wait is over at once; each is counted and told.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private int _waits;

    /// <summary>Called before a wait ends, with its number from 1.</summary>
    public Action<int> OnWait { get; set; } = _ => { };

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
        {
            OnWait(Interlocked.Increment(ref _waits));
        }

        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
