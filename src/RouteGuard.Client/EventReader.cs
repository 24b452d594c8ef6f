using System.Net.ServerSentEvents;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>The events of one stream (WHATWG HTML, section 9.2).</summary>
internal sealed class EventReader : IAsyncDisposable
{
    /// <summary>An id that goes back in a header; the daemon's own have some twenty letters.</summary>
    private const int IdLengthMax = 128;

    private readonly HttpResponseMessage _response;
    private readonly ClientBounds _bounds;
    private readonly TimeProvider _time;
    private readonly string? _firstId;
    private SseParser<EventView>? _parser;
    private IAsyncEnumerator<SseItem<EventView>>? _events;

    public EventReader(HttpResponseMessage response, ClientBounds bounds, TimeProvider time, string? lastId)
    {
        _response = response;
        _bounds = bounds;
        _time = time;
        _firstId = lastId;
    }

    /// <summary>Of the last event that came, or the one before this stream.</summary>
    public string? LastId => _parser?.LastEventId is { Length: > 0 } id ? (IsId(id) ? id : null) : _firstId;

    /// <summary>The wait that the daemon asks for before the next stream, within its bound; null when it asks for
    /// none.</summary>
    public TimeSpan? AskedWait =>
        _parser?.ReconnectionInterval is { } wait && wait >= TimeSpan.Zero
            ? wait > _bounds.ReconnectWaitMax
                ? _bounds.ReconnectWaitMax
                : wait
            : null;

    public static bool IsId(string? text) =>
        text is { Length: > 0 and <= IdLengthMax } && text.All(letter => letter is > ' ' and < '\x7f');

    /// <summary>Waits for the next event.</summary>
    /// <param name="stop">Ends the waiting; the same one in every call.</param>
    /// <returns>Null when the stream ended, broke or was silent for too long.</returns>
    /// <exception cref="RouteGuardException">What came is no event.</exception>
    public async Task<HeardEvent?> NextAsync(CancellationToken stop)
    {
        try
        {
            _events ??= await OpenAsync(stop);
            return await _events.MoveNextAsync() ? new(LastId, _events.Current.Data) : null;
        }
        catch (IOException)
        {
            stop.ThrowIfCancellationRequested();
            return null;
        }
        catch (HttpRequestException)
        {
            stop.ThrowIfCancellationRequested();
            throw NoEvent();
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }

        _response.Dispose();
    }

    private async Task<IAsyncEnumerator<SseItem<EventView>>> OpenAsync(CancellationToken stop)
    {
        var bytes = new EventBytes(await _response.Content.ReadAsStreamAsync(stop), _bounds, _time);
        _parser = SseParser.Create(bytes, (_, data) => Contract.TryRead<EventView>(data) ?? throw NoEvent());
        return _parser.EnumerateAsync(stop).GetAsyncEnumerator(stop);
    }

    private static RouteGuardException NoEvent() => Contract.NotUnderstood(200);
}
