using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using RouteGuard.Client;

namespace RouteGuard.Tests.Client;

/// <summary>Whatever comes from the socket, a question ends in a value or in a refusal, and in time.</summary>
public sealed class HostileAnswerTests
{
    private const string Good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private const string Body = """{"alive":true,"lastTurnAgeSeconds":0.2}""";
    private const string Ok = $"{Good}Content-Length: 39\r\n\r\n{Body}";
    private const string Problem = """{"type":"about:blank","title":"X","status":0,"detail":"Cannot X: Y. Do Z."}""";
    private const string Refused = "Content-Type: application/problem+json\r\nConnection: close\r\n\r\n";

    /// <summary>Within the body.</summary>
    private const int OkBodyAt = 90;

    /// <summary>Far beyond the client's own bound: reaching it is a hang.</summary>
    private static readonly TimeSpan HangMax = TimeSpan.FromSeconds(20);

    private static readonly ClientBounds Bounds = new()
    {
        AnswerMax = TimeSpan.FromSeconds(1),
        AnswerBytesMax = 10_000,
        TableBytesMax = 100_000,
        HeaderBytesMax = 8 * 1024,
    };

    private readonly HashSet<int> _connections = [];

    // what comes: the kind of the refusal, and a part of its sentence
    [Theory]
    [InlineData("", RefusalKind.Busy, "ended the connection without an answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", RefusalKind.Busy, "ended the connection without an answer")]
    [InlineData("HELLO\r\n\r\n", RefusalKind.Failed, "not what this version expects")]
    [InlineData("HTTP/1.1 many OK\r\n\r\n", RefusalKind.Failed, "not what this version expects")]
    [InlineData("HTTP/9.9 200 OK\r\n\r\n", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{Body}", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}Content-Length: 100\r\n\r\n{Body}", RefusalKind.Failed, "ended in its middle")]
    [InlineData($"{Good}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"al", RefusalKind.Failed, "ended in its middle")]
    [InlineData($"{Good}Transfer-Encoding: chunked\r\n\r\nZZ\r\n", RefusalKind.Failed, "ended in its middle")]
    [InlineData($"{Good}Content-Length: 20000\r\n\r\n", RefusalKind.Failed, "more than 10000 bytes")]
    [InlineData($"{Good}\r\n{{\"alive\":true", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}\r\nnull", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}\r\n[]", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}\r\n{{}}", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}\r\n{{\"alive\":true}}", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"{Good}\r\n{Body}{Body}", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"HTTP/1.1 200 OK\r\n\r\n{Body}", RefusalKind.Failed, "not what this version expects")]
    [InlineData($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{Body}", RefusalKind.Failed, "not what this")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", RefusalKind.Failed, "not what this version expects")]
    [InlineData("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc", RefusalKind.Failed, "not what this version expects")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: /health\r\n\r\n", RefusalKind.Failed, "points elsewhere (302)")]
    [InlineData("HTTP/1.1 307 X\r\nLocation: http://192.0.2.1/\r\n\r\n", RefusalKind.Failed, "points elsewhere (307)")]
    [InlineData($"HTTP/1.1 400 X\r\n{Refused}{Problem}", RefusalKind.Invalid, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 403 X\r\n{Refused}{Problem}", RefusalKind.NotPermitted, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 404 X\r\n{Refused}{Problem}", RefusalKind.NotFound, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 409 X\r\n{Refused}{Problem}", RefusalKind.Conflict, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 429 X\r\n{Refused}{Problem}", RefusalKind.TooManyRequests, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 502 X\r\n{Refused}{Problem}", RefusalKind.Failed, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 503 X\r\n{Refused}{Problem}", RefusalKind.Busy, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 507 X\r\n{Refused}{Problem}", RefusalKind.Failed, "Cannot X: Y. Do Z.")]
    [InlineData($"HTTP/1.1 404 X\r\n{Refused}{{}}", RefusalKind.NotFound, "the daemon answers 404")]
    [InlineData($"HTTP/1.1 403 X\r\nContent-Type: text/html\r\n\r\n{Problem}", RefusalKind.NotPermitted, "answers 403")]
    [InlineData("HTTP/1.1 431 X\r\n\r\n", RefusalKind.Invalid, "the daemon answers 431")]
    [InlineData("HTTP/1.1 999 X\r\n\r\n", RefusalKind.Failed, "the daemon answers 999")]
    public async Task An_answer_that_is_none_is_a_refusal(string answer, RefusalKind kind, string sentence)
    {
        await using var server = HostileServer.Saying(answer);
        var refused = await RefusedAsync(server);
        Assert.Equal(kind, refused.Kind);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("Cannot ", refused.Message, StringComparison.Ordinal);
        Assert.All(server.Requests, line => Assert.Equal("GET /healthz HTTP/1.1", line));
    }

    [Fact]
    public async Task The_same_server_could_answer_well()
    {
        await using var server = HostileServer.Saying(Ok);
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        Assert.Equal(new(true, 0.2), await client.AliveAsync());
    }

    [Theory]
    [InlineData("a body in chunks", $"{Good}Transfer-Encoding: chunked\r\n\r\n", "4\r\nxxxx\r\n", "10000 bytes")]
    [InlineData("a body until the end", $"{Good}\r\n", "xxxx", "10000 bytes")]
    [InlineData("headers", Good, "X-Header: xxxx\r\n", "headers are too large")]
    [InlineData("one header", $"{Good}X-Header: ", "xxxx", "headers are too large")]
    [InlineData("a status line", "HTTP/1.1 200 ", "xxxx", "headers are too large")]
    [InlineData(
        "a chunk's length",
        $"{Good}Transfer-Encoding: chunked\r\n\r\n4;",
        "xxxx",
        "not what this version expects"
    )]
    [InlineData("trailers", $"{Good}Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: xxxx\r\n", "headers are too large")]
    [InlineData("first answers", "", "HTTP/1.1 103 Early Hints\r\n\r\n", "headers are too large")]
    public async Task What_never_ends_is_ended(string what, string begin, string more, string sentence)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(begin);
            var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(more, 50)));
            while (true)
            {
                await visit.WriteAsync(many);
            }
        });
        var refused = await RefusedAsync(server);
        Assert.True(refused.Message.Contains(sentence, StringComparison.Ordinal), $"{what}: {refused.Message}");
        Assert.Equal(RefusalKind.Failed, refused.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(OkBodyAt)]
    public async Task An_answer_that_comes_too_slowly_is_not_waited_for(int at)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Ok[..at]);
            foreach (var letter in Ok[at..])
            {
                await Task.Delay(100, visit.Stop);
                await visit.WriteAsync(letter.ToString());
            }

            return false;
        });
        var watch = Stopwatch.StartNew();
        var refused = await RefusedAsync(server);
        Assert.Equal("Cannot reach the daemon: no answer within 1 s. Restart it.", refused.Message);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), HangMax);
    }

    [Fact]
    public async Task Who_stops_waiting_is_no_refusal()
    {
        await using var server = new HostileServer(async visit =>
        {
            await Task.Delay(HangMax, visit.Stop);
            return false;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.AliveAsync(stop.Token));
    }

    [Fact]
    public async Task The_daemon_says_how_long_to_wait()
    {
        await using var server = HostileServer.Saying($"HTTP/1.1 429 X\r\nRetry-After: 7\r\n{Refused}{Problem}");
        Assert.Equal(TimeSpan.FromSeconds(7), (await RefusedAsync(server)).RetryAfter);
    }

    [Fact]
    public async Task A_long_sentence_is_cut()
    {
        var detail = new string('x', 9000);
        await using var server = HostileServer.Saying(
            $$"""HTTP/1.1 400 X{{"\r\n"}}{{Refused}}{"type":"","title":"","status":400,"detail":"{{detail}}"}"""
        );
        Assert.Equal(4096, (await RefusedAsync(server)).Message.Length);
    }

    [Theory]
    [InlineData("""{"at":"2026-11-23T12:00:00Z","routes":[null],"rules":[],"interfaces":[]}""")]
    [InlineData("""{"at":"2026-11-23T12:00:00Z","routes":null,"rules":[],"interfaces":[]}""")]
    [InlineData("""{"at":"yesterday","routes":[],"rules":[],"interfaces":[]}""")]
    public async Task A_value_that_breaks_the_promise_of_its_record_is_refused(string body)
    {
        await using var server = HostileServer.Saying($"{Good}\r\n{body}");
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => client.RoutesAsync());
        Assert.Contains("not what this version expects", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_may_be_larger_than_a_word_of_health()
    {
        var routes = string.Join(',', Enumerable.Repeat("\"198.51.100.0/24 dev tun0\"", 1000));
        var table = $$"""{"at":"2026-11-23T12:00:00Z","routes":[{{routes}}],"rules":[],"interfaces":[],"new":null}""";
        await using var server = HostileServer.Saying($"{Good}\r\n{table}");
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        Assert.Equal(1000, (await client.RoutesAsync()).Routes.Count);
    }

    [Fact]
    public async Task A_question_is_asked_again_once_and_a_change_never()
    {
        await using var server = HostileServer.Saying(string.Empty);
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        await Assert.ThrowsAsync<RouteGuardException>(() => client.StatusAsync());
        Assert.Equal(2, server.Requests.Count);
        await Assert.ThrowsAsync<RouteGuardException>(() => client.HeartbeatAsync("some"));
        await Assert.ThrowsAsync<RouteGuardException>(() => client.EndAsync("some"));
        await Assert.ThrowsAsync<RouteGuardException>(() => client.RestoreAsync(new(null, false)));
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task A_kept_connection_that_is_dead_is_replaced_for_a_question_only()
    {
        await using var server = new HostileServer(async visit =>
        {
            // Each connection answers its first question and dies of its second.
            lock (_connections)
            {
                if (!_connections.Add(visit.Connection))
                {
                    return false;
                }
            }

            await visit.WriteAsync(Ok);
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        await client.AliveAsync();
        await client.AliveAsync();
        Assert.Equal(3, server.Requests.Count);
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => client.EndAsync("some"));
        Assert.Equal((RefusalKind.Busy, 4), (refused.Kind, server.Requests.Count));
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, RefusalKind.NotPermitted)]
    [InlineData(SocketError.ConnectionRefused, RefusalKind.NoDaemon)]
    [InlineData(SocketError.AddressNotAvailable, RefusalKind.NoDaemon)]
    [InlineData(SocketError.WouldBlock, RefusalKind.Busy)]
    [InlineData(SocketError.TryAgain, RefusalKind.Busy)]
    public void What_keeps_from_connecting_has_its_kind(SocketError error, RefusalKind kind) =>
        Assert.Equal(
            kind,
            Refusals
                .Of(
                    new HttpRequestException(HttpRequestError.ConnectionError, inner: new SocketException((int)error)),
                    "/run/nothing"
                )
                .Kind
        );

    private static async Task<RouteGuardException> RefusedAsync(HostileServer server)
    {
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        return await Assert.ThrowsAsync<RouteGuardException>(() => client.AliveAsync().WaitAsync(HangMax));
    }
}
