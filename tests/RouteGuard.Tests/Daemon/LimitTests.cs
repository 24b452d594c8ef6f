using System.Net;
using Microsoft.Extensions.Time.Testing;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>What a client may ask of the socket, and what becomes of one that asks more.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private static readonly Peer Stranger = new(1, 1002, IsInGroup: false);
    private static readonly Peer Root = new(1, 0, IsInGroup: false);

    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Headers_that_come_letter_by_letter_are_cut()
    {
        await _world.StartAsync();
        using var slow = new RawConnection(_world.Directories.Socket);
        slow.Send("GET /health HTTP/1.1\r\nHost: localhost\r\nX: ");
        var (lasted, _) = await slow.DribbleAsync("x", TimeSpan.FromMilliseconds(100));
        Assert.InRange(lasted, Limits.HeaderWaitMax - TimeSpan.FromSeconds(1), Limits.HeaderWaitMax * 3);
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Fact]
    public async Task A_body_that_comes_letter_by_letter_is_cut()
    {
        await _world.StartAsync();
        using var slow = new RawConnection(_world.Directories.Socket);
        slow.Send(
            "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
        );
        var (lasted, answer) = await slow.DribbleAsync(" ", TimeSpan.FromMilliseconds(50));
        Assert.InRange(lasted, Limits.SlowMax, Limits.SlowMax * 6);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        Assert.Equal(0, (await _world.SendAsync(HttpMethod.Get, "/v1/sessions")).Body.GetArrayLength());
    }

    [Fact]
    public async Task A_body_has_a_time_in_all_however_fast_its_parts_come()
    {
        var time = new FakeTimeProvider();
        _world.Time = time;
        await _world.StartAsync();
        using var slow = new RawConnection(_world.Directories.Socket);
        slow.Send(
            "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
        );
        slow.Send(new string(' ', 30000));
        var line = slow.ReadLineAsync();
        const int LooksMax = 100;
        for (var look = 0; look < LooksMax && !line.IsCompleted; look++)
        {
            time.Advance(Limits.BodyWaitMax / 4);
            await Task.WhenAny(line, Task.Delay(20));
        }

        Assert.Equal("HTTP/1.1 408 Request Timeout", await line);
    }

    [Theory]
    [InlineData("the request line", 414)]
    [InlineData("one header", 431)]
    [InlineData("many headers", 431)]
    public async Task A_head_that_is_too_large_is_refused(string what, int status)
    {
        await _world.StartAsync();
        using var large = new RawConnection(_world.Directories.Socket);
        large.Send(
            what switch
            {
                "the request line" => $"GET /{new string('x', Limits.RequestLineBytesMax)} HTTP/1.1\r\n\r\n",
                "one header" =>
                    $"GET /health HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', Limits.HeaderBytesMax)}\r\n\r\n",
                _ => $"GET /health HTTP/1.1\r\nHost: localhost\r\n{Headers(Limits.HeadersMax)}\r\n",
            }
        );
        Assert.StartsWith($"HTTP/1.1 {status} ", await large.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_user_has_so_many_connections_and_root_as_many_as_there_are()
    {
        _world.Settings = new(null, new() { Limits = new() { Connections = 3 } });
        await _world.StartAsync();
        var open = new List<RawConnection>();
        try
        {
            _world.Caller = Stranger;
            for (var at = 0; at < 3; at++)
            {
                Assert.Equal("HTTP/1.1 200 OK", await ConnectAsync(open));
            }

            Assert.Equal("", await ConnectAsync(open));

            _world.Caller = Stranger with { Uid = 1003 };
            Assert.Equal("HTTP/1.1 200 OK", await ConnectAsync(open));
            _world.Caller = Root;
            for (var at = 0; at < 5; at++)
            {
                Assert.Equal("HTTP/1.1 200 OK", await ConnectAsync(open));
            }

            // One that goes makes room for the same user.
            open[0].Dispose();
            _world.Caller = Stranger;
            await EventuallyAsync(async () => await ConnectAsync(open) == "HTTP/1.1 200 OK");
        }
        finally
        {
            open.ForEach(one => one.Dispose());
        }
    }

    [Fact]
    public async Task Strangers_who_take_every_place_leave_those_that_are_kept_for_root()
    {
        await _world.StartAsync();
        var open = new List<RawConnection>();
        try
        {
            for (var at = 0; at < Limits.ConnectionsMax - Limits.ConnectionsKept; at++)
            {
                _world.Caller = Stranger with { Uid = (uint)(2000 + (at / Limits.ConnectionsPerUserUsual)) };
                Assert.Equal("HTTP/1.1 200 OK", await ConnectAsync(open));
            }

            _world.Caller = Stranger;
            Assert.Equal("", await ConnectAsync(open));
            foreach (var privileged in new[] { Root, Stranger with { IsInGroup = true } })
            {
                _world.Caller = privileged;
                Assert.Equal("HTTP/1.1 200 OK", await ConnectAsync(open));
            }
        }
        finally
        {
            open.ForEach(one => one.Dispose());
        }
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_ask_again_and_then_is_answered()
    {
        _world.Settings = new(null, new() { Limits = new() { RequestsPerSecond = 1 } });
        await _world.StartAsync();
        _world.Caller = Stranger;
        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage? refused = null;
        for (var at = 0; at < 40 && refused is null; at++)
        {
            var (answer, problem) = await _world.SendAsync(HttpMethod.Get, "/health");
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                refused = answer;
                Assert.Equal("TooManyRequests", problem.GetProperty("title").GetString());
                Assert.StartsWith("Cannot ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }

        // The burst: two seconds' worth, and what came in meanwhile.
        Assert.NotNull(refused);
        Assert.True(statuses.Count > Limits.BurstSeconds, string.Join(' ', statuses));
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));

        _world.Caller = Stranger with { Uid = 1003 };
        Assert.Equal(HttpStatusCode.OK, (await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
        _world.Caller = Root;
        for (var at = 0; at < Limits.BurstSeconds * 5; at++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
        }

        _world.Caller = Stranger;
        await EventuallyAsync(async () =>
            (await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode == HttpStatusCode.OK
        );
    }

    [Fact]
    public void A_flood_of_user_numbers_has_no_more_rates_than_there_are_slots()
    {
        var slots = Enumerable
            .Range(0, 100_000)
            .Select(uid => RequestRate.SlotOf(new(1, (uint)uid + 100_000, IsInGroup: false), 0, 200))
            .Distinct();
        Assert.Equal(Limits.RateSlots, slots.Count());
    }

    [Theory]
    [InlineData(0, false, 2000)]
    [InlineData(300, false, 2000)]
    [InlineData(1001, true, 2000)]
    [InlineData(1001, false, 200)]
    [InlineData(uint.MaxValue, false, 200)]
    public void The_privileged_may_ask_ten_times_as_often(uint uid, bool isInGroup, int perSecond) =>
        Assert.Equal(perSecond, RequestRate.SlotOf(new(1, uid, isInGroup), 300, 200).PerSecond);

    [Fact]
    public async Task No_stranger_has_the_guard_asked_anything()
    {
        await _world.StartAsync();
        var (_, session) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"roots"}""");
        var path = $"/v1/sessions/{session.GetProperty("id").GetString()}";
        _world.Caller = Stranger;

        // The guard is busy: a question of a stranger would wait for it.
        using var busy = new ManualResetEventSlim();
        var happening = _world.HappensAsync(busy.Wait);
        foreach (
            var (method, at) in new[]
            {
                ("DELETE", path),
                ("POST", $"{path}/up"),
                ("POST", $"{path}/heartbeat"),
                ("POST", $"{path}/confirm"),
                ("GET", "/v1/status"),
                ("POST", "/v1/restore"),
                ("GET", "/v1/operations/op-1"),
            }
        )
        {
            var (answer, _) = await _world.SendAsync(new(method), at);
            Assert.Equal(at.StartsWith("/v1/operations", StringComparison.Ordinal) ? 404 : 403, (int)answer.StatusCode);
        }

        busy.Set();
        await happening;
        Assert.Single(_world.Guarded.Guard.Sessions);
    }

    private async Task<string> ConnectAsync(List<RawConnection> open)
    {
        var connection = new RawConnection(_world.Directories.Socket);
        open.Add(connection);
        try
        {
            connection.Send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        catch (System.Net.Sockets.SocketException)
        {
            return "";
        }

        return await connection.ReadLineAsync();
    }

    private static string Headers(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(at => $"X-{at}: y\r\n"));

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        const int LooksMax = 200;
        for (var look = 0; !await holds(); look++)
        {
            Assert.True(look < LooksMax, "it never came so");
            await Task.Delay(25);
        }
    }
}
