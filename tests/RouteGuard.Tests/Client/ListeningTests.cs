using RouteGuard.Client;

namespace RouteGuard.Tests.Client;

/// <summary>Streams of events that break, say nothing, or say nonsense.</summary>
public sealed class ListeningTests
{
    private const string Stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    private static readonly ClientBounds Bounds = new()
    {
        AnswerMax = TimeSpan.FromSeconds(1),
        EventBytesMax = 2000,
        SilenceMax = TimeSpan.FromMilliseconds(200),
        ReconnectWait = TimeSpan.FromMilliseconds(1),
        ReconnectWaitMin = TimeSpan.FromMilliseconds(1),
        ReconnectWaitMax = TimeSpan.FromMilliseconds(5),
        ReconnectsMax = 3,
    };

    [Fact]
    public async Task A_stream_that_ends_is_opened_again_after_the_last_event()
    {
        List<string?> ids = [];
        await using var server = new HostileServer(async visit =>
        {
            ids.Add(visit.LastEventId);
            await visit.WriteAsync($"{Stream}retry: 1\nid: 7-{visit.Connection}0\n\n");
            if (visit.Connection != 2)
            {
                await visit.WriteAsync(
                    Event($"7-{visit.Connection}1") + ": nothing new\n\n" + Event($"7-{visit.Connection}2")
                );
            }

            return false;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        List<string?> heard = [];
        await foreach (var one in client.EventsAsync("7-1"))
        {
            Assert.Equal("verdict", one.Happened.Kind);
            heard.Add(one.Id);
            if (heard.Count == 5)
            {
                break;
            }
        }

        // The second stream had an id and no event.
        Assert.Equal(["7-11", "7-12", "7-31", "7-32", "7-41"], heard);
        Assert.Equal(["7-1", "7-12", "7-20", "7-32"], ids.Take(4));
    }

    [Theory]
    [InlineData("ends at once", Stream)]
    [InlineData("ends in an event", Stream + "id: 1\ndata: {")]
    [InlineData("is no answer", "")]
    [InlineData("is refused for now", "HTTP/1.1 503 X\r\n\r\n")]
    [InlineData("has too many listeners", "HTTP/1.1 409 X\r\n\r\n")]
    public async Task A_stream_that_keeps_failing_is_given_up(string what, string answer)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(visit.Connection == 1 ? Stream + Event("1") : answer);
            return false;
        });
        var (heard, refused) = await ListenAsync(server);
        Assert.True(heard == 1, what);

        // Each of them once, and once more where no answer came at all.
        var failures = answer.Length == 0 ? 2 * Bounds.ReconnectsMax : Bounds.ReconnectsMax;
        Assert.Equal(1 + failures, server.Requests.Count);
        Assert.NotEmpty(refused.Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 503 X\r\n\r\n", RefusalKind.Busy)]
    [InlineData("HTTP/1.1 409 X\r\n\r\n", RefusalKind.Conflict)]
    [InlineData("HTTP/1.1 403 X\r\n\r\n", RefusalKind.NotPermitted)]
    [InlineData("HTTP/1.1 302 X\r\nLocation: /v1/events\r\n\r\n", RefusalKind.Failed)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}", RefusalKind.Failed)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\ndata: {}\n\n", RefusalKind.Failed)]
    [InlineData(Stream + "data: {}\n\n", RefusalKind.Failed)]
    [InlineData(Stream + "data: null\n\n", RefusalKind.Failed)]
    [InlineData(Stream + "data: \xff\xfe\n\n", RefusalKind.Failed)]
    [InlineData(Stream + "data: a\ndata: b\n\n", RefusalKind.Failed)]
    public async Task A_first_stream_that_is_none_is_a_refusal(string answer, RefusalKind kind)
    {
        await using var server = HostileServer.Saying(answer);
        var (heard, refused) = await ListenAsync(server);
        Assert.Equal((0, kind), (heard, refused.Kind));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("a line", "x")]
    [InlineData("an event of many lines", "data: x\n")]
    [InlineData("an event of many lines as on another system", "data: x\r\n")]
    [InlineData("an event of many lines as on an old system", "data: x\r")]
    public async Task An_event_that_never_ends_is_ended(string what, string more)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Stream);
            while (true)
            {
                await visit.WriteAsync(more);
            }
        });
        var (_, refused) = await ListenAsync(server);
        Assert.True(
            refused.Message.Contains("more than 2000 bytes", StringComparison.Ordinal),
            $"{what}: {refused.Message}"
        );
    }

    [Fact]
    public async Task A_chunk_whose_length_never_ends_is_ended()
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(
                Stream.Replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n1;", StringComparison.Ordinal)
            );
            while (true)
            {
                await visit.WriteAsync("xxxx");
            }
        });
        var (_, refused) = await ListenAsync(server);
        Assert.Contains("not what this version expects", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_comments_are_no_large_event()
    {
        await using var server = new HostileServer(async visit =>
        {
            foreach (var end in new[] { "\n", "\r\n", "\r" })
            {
                var comments = string.Concat(Enumerable.Repeat($": nothing new{end}{end}", 300));
                await visit.WriteAsync((end == "\n" ? Stream : string.Empty) + comments + Event("1"));
            }

            return false;
        });
        var (heard, _) = await ListenAsync(server, eventsMax: 3);
        Assert.Equal(3, heard);
    }

    [Fact]
    public async Task A_silent_stream_is_dead()
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Stream + (visit.Connection == 1 ? Event("1") : string.Empty));
            await Task.Delay(TimeSpan.FromSeconds(20), visit.Stop);
            return false;
        });
        var (heard, _) = await ListenAsync(server);
        Assert.Equal((1, 1 + Bounds.ReconnectsMax), (heard, server.Requests.Count));
    }

    [Theory]
    [InlineData("999999999")]
    [InlineData("922337203685477")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999999")]
    public async Task No_daemon_makes_a_listener_wait_for_longer_than_the_bound(string wait)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync($"{Stream}retry: {wait}\n\n" + (visit.Connection < 3 ? Event("1") : string.Empty));
            return false;
        });
        var (heard, _) = await ListenAsync(server);
        Assert.Equal(2, heard);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("snow\u2603")]
    [InlineData("line\r\nX-Header: y")]
    public async Task An_id_that_no_header_can_carry_is_not_sent(string id)
    {
        string? sent = "?";
        await using var server = new HostileServer(async visit =>
        {
            sent = visit.LastEventId;
            await visit.WriteAsync(Stream + Event("1"));
            return false;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        await foreach (var _ in client.EventsAsync(id))
        {
            break;
        }

        Assert.Null(sent);
    }

    private static string Event(string id) =>
        $$"""id: {{id}}{{"\n"}}event: verdict{{"\n"}}data: {"at":"2026-11-23T12:00:00Z","kind":"verdict","text":"ok"}{{"\n\n"}}""";

    private static async Task<(int Heard, RouteGuardException Refused)> ListenAsync(
        HostileServer server,
        int eventsMax = int.MaxValue
    )
    {
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        using var hang = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var heard = 0;
        try
        {
            await foreach (var _ in client.EventsAsync(stop: hang.Token))
            {
                if (++heard == eventsMax)
                {
                    break;
                }
            }

            return (heard, new(RefusalKind.Failed, "It was not refused."));
        }
        catch (RouteGuardException refused)
        {
            return (heard, refused);
        }
    }
}
