namespace RouteGuard.Client;

/// <summary>Events one after the other, over as many streams as it takes.</summary>
/// <param name="openAsync">Opens a stream after the event of an id.</param>
/// <param name="bounds">How long, how often, how much.</param>
/// <param name="time">The clock.</param>
/// <param name="lastId">Of the last event that the listener has; null for none.</param>
internal sealed class EventFeed(
    Func<string?, CancellationToken, Task<HttpResponseMessage>> openAsync,
    ClientBounds bounds,
    TimeProvider time,
    string? lastId
) : IAsyncDisposable
{
    private string? _lastId = EventReader.IsId(lastId) ? lastId : null;
    private EventReader? _stream;
    private bool _hasBegun;
    private int _failures;
    private TimeSpan? _askedWait;

    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>Waits for the next event.</summary>
    /// <exception cref="RouteGuardException">The first stream was refused, too many failed since, or what came is no
    /// event.</exception>
    public async Task<HeardEvent> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            RouteGuardException why;
            try
            {
                _stream ??= new(await openAsync(_lastId, stop), bounds, time, _lastId);
                _hasBegun = true;
                if (await _stream.NextAsync(stop) is { } heard)
                {
                    _failures = 0;
                    return heard;
                }

                why = Refusals.Cut();
            }
            catch (RouteGuardException refused) when (_hasBegun && IsPassing(refused.Kind))
            {
                why = refused;
            }

            await CloseAsync();
            if (++_failures > bounds.ReconnectsMax)
            {
                throw why;
            }

            await Task.Delay(Wait(), time, stop);
        }
    }

    // An id may come without an event, and a wait with it.
    private async Task CloseAsync()
    {
        if (_stream is { } ended)
        {
            _stream = null;
            _lastId = ended.LastId;
            _askedWait = ended.AskedWait ?? _askedWait;
            await ended.DisposeAsync();
        }
    }

    private TimeSpan Wait()
    {
        var wait = (_askedWait ?? bounds.ReconnectWait) * Math.Pow(2, _failures - 1);
        return wait < bounds.ReconnectWaitMin ? bounds.ReconnectWaitMin
            : wait > bounds.ReconnectWaitMax ? bounds.ReconnectWaitMax
            : wait;
    }

    private static bool IsPassing(RefusalKind kind) =>
        kind is RefusalKind.NoDaemon or RefusalKind.Busy or RefusalKind.TooManyRequests or RefusalKind.Conflict;
}
