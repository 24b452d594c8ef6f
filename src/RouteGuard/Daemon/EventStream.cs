using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RouteGuard.Configuration;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>GET /v1/events: server-sent events (WHATWG HTML, section 9.2).</summary>
/// <remarks>
/// An id is RUN-NUMBER. Run is one run of the daemon, so that an id of an earlier one cannot be mistaken. A listener
/// that resumes with an id gets what it missed; what is no longer kept is told in one event of the kind lost. Without
/// an id it gets what happens from now on.
/// </remarks>
/// <param name="ring">The events.</param>
/// <param name="time">The clock.</param>
/// <param name="settings">How many one user may have.</param>
/// <param name="stopping">The daemon stops.</param>
internal sealed class EventStream(EventRing ring, TimeProvider time, Settings settings, CancellationToken stopping)
{
    /// <summary>A silent stream says this often that it is there.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);

    private readonly long _run = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly Quota _listeners = new(Limits.StreamsMax);

    /// <summary>Writes events until the caller goes or the daemon stops.</summary>
    /// <exception cref="GuardException">There are too many listeners.</exception>
    public async Task ServeAsync(HttpContext context, Peer peer)
    {
        var perUserMax = settings.Now.Limits.Streams;
        if (!_listeners.TryTake(peer.Uid, isPrivileged: true, perUserMax))
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot listen to events: {Limits.StreamsMax} listen already, or {perUserMax} of your own. Close one of them."
            );
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await WriteAllAsync(context, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // How every stream ends.
        }
        finally
        {
            _listeners.GiveBack(peer.Uid, isPrivileged: true);
        }
    }

    private async Task WriteAllAsync(HttpContext context, CancellationToken stop)
    {
        var resumed = context.Request.Headers["Last-Event-ID"].ToString();
        var known = KnownNumber(resumed);
        var number = known ?? (resumed.Length == 0 ? ring.Last : 0);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        if (resumed.Length > 0 && known is null)
        {
            await WriteAsync(context, 0, Lost("Events of an earlier run of the daemon may be missing."), stop);
        }

        await context.Response.WriteAsync(Invariant($"retry: 1000\nid: {_run}-{number}\n\n"), stop);
        await context.Response.Body.FlushAsync(stop);
        while (true)
        {
            var news = ring.After(number);
            if (news.Missed > 0)
            {
                await WriteAsync(
                    context,
                    news.First - 1,
                    Lost(Invariant($"{news.Missed} events are no longer kept.")),
                    stop
                );
            }

            for (var at = 0; at < news.Events.Count; at++)
            {
                await WriteAsync(context, news.First + at, news.Events[at], stop);
            }

            number = news.First + news.Events.Count - 1;
            await context.Response.Body.FlushAsync(stop);
            await WaitAsync(context, news.More, stop);
        }
    }

    private async Task WaitAsync(HttpContext context, Task more, CancellationToken stop)
    {
        while (!more.IsCompleted)
        {
            try
            {
                await more.WaitAsync(SilenceMax, time, stop);
            }
            catch (TimeoutException)
            {
                await context.Response.WriteAsync(": nothing new\n\n", stop);
                await context.Response.Body.FlushAsync(stop);
            }
        }
    }

    private async Task WriteAsync(HttpContext context, long number, EventView happened, CancellationToken stop)
    {
        // One line: a line break would end the data.
        var json = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(json))
        {
            JsonSerializer.Serialize(writer, happened, ApiJson.Default.EventView);
        }

        await context.Response.WriteAsync(
            Invariant(
                $"id: {_run}-{number}\nevent: {happened.Kind}\ndata: {Encoding.UTF8.GetString(json.WrittenSpan)}\n\n"
            ),
            stop
        );
    }

    private EventView Lost(string text) => new(time.GetUtcNow(), "lost", text, null);

    // A number beyond the last one is of no event of this run.
    private long? KnownNumber(string id)
    {
        var run = Invariant($"{_run}-");
        return
            id.StartsWith(run, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(run.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= ring.Last
            ? number
            : null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
