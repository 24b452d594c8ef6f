using System.Globalization;
using System.Text.Json;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Daemon;

/// <summary>Leases, drift policies, declared routes, confirmations and what holds, as asked over the socket.</summary>
public sealed class PromiseApiTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("{}", "restore", "reassert", null)]
    [InlineData("""{"onDeath":"hold","onDrift":"report","leaseSeconds":7.5}""", "hold", "report", 7.5)]
    [InlineData("""{"onDeath":"keep","onDrift":"restore","leaseSeconds":3600}""", "keep", "restore", 3600.0)]
    public async Task A_session_is_begun_with_its_policies_and_shows_them(
        string body,
        string onDeath,
        string onDrift,
        double? lease
    )
    {
        await _world.StartAsync();
        var (_, session) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", body);

        Assert.Equal(onDeath, session.GetProperty("onDeath").GetString());
        Assert.Equal(onDrift, session.GetProperty("onDrift").GetString());
        Assert.Equal(lease, NumberOf(session, "leaseSeconds"));
        var known = _world.Guarded.Machine.Stored[SessionId.Parse(session.GetProperty("id").GetString()!)].Session;
        Assert.Equal(onDeath, known.OnDeath.ToString(), ignoreCase: true);
        Assert.Equal(onDrift, known.OnDrift.ToString(), ignoreCase: true);
        Assert.Equal(lease, known.Lease?.TotalSeconds);
    }

    [Theory]
    [InlineData("""{"onDrift":"explode"}""")]
    [InlineData("""{"leaseSeconds":4.9}""")]
    [InlineData("""{"leaseSeconds":1e300}""")]
    [InlineData("""{"leaseSeconds":-1e300}""")]
    [InlineData("""{"leaseSeconds":"long"}""")]
    public async Task What_no_session_can_promise_is_refused_and_the_daemon_lives(string body)
    {
        await _world.StartAsync();
        var (answer, problem) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", body);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.StartsWith("Cannot ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(_world.Guarded.Machine.Stored);
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Theory]
    [InlineData("""{"routes":["nonsense"]}""")]
    [InlineData("""{"routes":[null]}""")]
    [InlineData("""{"confirmSeconds":0}""")]
    [InlineData("""{"confirmSeconds":1e300}""")]
    public async Task What_no_vpn_can_declare_is_refused_and_the_daemon_lives(string body)
    {
        await _world.StartAsync();
        var path = await BeginAsync("{}");
        var (answer, problem) = await _world.SendAsync(HttpMethod.Post, $"{path}/up", body);

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.StartsWith("Cannot ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Fact]
    public async Task Declared_routes_are_the_sessions_even_when_there_are_thousands()
    {
        await _world.StartAsync();
        var path = await BeginAsync("{}");
        string[] routes =
        [
            .. Enumerable
                .Range(0, 4000)
                .Select(at => string.Create(CultureInfo.InvariantCulture, $"10.{at / 250}.{at % 250}.0/24 dev tun0")),
        ];
        await _world.HappensAsync(_world.Guarded.TunnelComes);
        var body = JsonSerializer.Serialize(new { tunnel = "tun0", routes });
        Assert.True(body.Length > 64 * 1024);

        var (answer, session) = await _world.SendAsync(HttpMethod.Post, $"{path}/up", body);

        Assert.Equal(200, (int)answer.StatusCode);
        var owned = session.GetProperty("ownedRoutes").EnumerateArray().Select(route => route.GetString());
        Assert.Contains("10.15.249.0/24 dev tun0", owned);
    }

    [Fact]
    public async Task An_overlay_awaits_its_confirmation_until_it_has_it()
    {
        await _world.StartAsync();
        var path = await BeginAsync("{}");
        var (_, up) = await _world.SendAsync(HttpMethod.Post, $"{path}/up", """{"confirmSeconds":60}""");
        Assert.Equal(
            _world.Guarded.Time.GetUtcNow() + TimeSpan.FromSeconds(60),
            up.GetProperty("confirmBy").GetDateTimeOffset()
        );

        var (_, confirmed) = await _world.SendAsync(HttpMethod.Post, $"{path}/confirm");

        Assert.False(confirmed.TryGetProperty("confirmBy", out _));
    }

    [Fact]
    public async Task A_sign_of_life_renews_the_lease_and_is_refused_where_none_was_promised()
    {
        await _world.StartAsync();
        var leased = await BeginAsync("""{"leaseSeconds":10}""");
        for (var beat = 0; beat < 3; beat++)
        {
            await _world.HappensAsync(() => _world.Guarded.Time.Advance(TimeSpan.FromSeconds(9)));
            Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Post, $"{leased}/heartbeat")).Answer.StatusCode);
        }

        var (refused, _) = await _world.SendAsync(HttpMethod.Post, $"{await BeginAsync("{}")}/heartbeat");

        Assert.Equal(409, (int)refused.StatusCode);
        Assert.Equal(
            404,
            (int)(await _world.SendAsync(HttpMethod.Post, "/v1/sessions/no/heartbeat")).Answer.StatusCode
        );
        Assert.Equal(404, (int)(await _world.SendAsync(HttpMethod.Post, "/v1/sessions/no/confirm")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_session_that_holds_says_so()
    {
        await _world.StartAsync();
        var path = await BeginAsync("""{"ownerPid":4711,"onDeath":"hold"}""");
        await _world.HappensAsync(() => _world.Guarded.Machine.Kill(GuardWorld.Vpn));
        await _world.HappensAsync(() => { });

        var (_, session) = await _world.SendAsync(HttpMethod.Get, path);

        Assert.Equal("holding", session.GetProperty("phase").GetString());
    }

    [Theory]
    [InlineData("up")]
    [InlineData("heartbeat")]
    [InlineData("confirm")]
    public async Task The_user_that_began_a_session_may_speak_for_it_and_a_stranger_may_not(string what)
    {
        const uint Own = 1000;
        await _world.StartAsync();
        _world.Caller = new(1, Own, IsInGroup: true);
        var path = await BeginAsync("""{"leaseSeconds":10}""");

        _world.Caller = new(1, Own, IsInGroup: false);
        Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Post, $"{path}/{what}")).Answer.StatusCode);
        _world.Caller = new(1, Own + 1, IsInGroup: false);
        Assert.Equal(403, (int)(await _world.SendAsync(HttpMethod.Post, $"{path}/{what}")).Answer.StatusCode);
    }

    private async Task<string> BeginAsync(string body) =>
        (await _world.SendAsync(HttpMethod.Post, "/v1/sessions", body)).Answer.Headers.Location!.OriginalString;

    private static double? NumberOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var number) ? number.GetDouble() : null;
}
