using System.Text.Json;
using RouteGuard.Client;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Client;

/// <summary>The client library asks a real daemon.</summary>
public sealed class ClientTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();
    private readonly RouteGuardClient _client;

    public ClientTests() => _client = new(_world.Directories.Socket);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_session_goes_from_begin_to_end()
    {
        await _world.StartAsync();
        Assert.True((await _client.AliveAsync()).Alive);
        Assert.Equal("ok", (await _client.HealthAsync()).Verdict);

        var begun = await _client.BeginAsync(new("home", GuardWorld.Vpn.Pid, "tun0", "keep") { LeaseSeconds = 600 });
        Assert.Equal(("home", "begun", "keep", 600), (begun.Label, begun.Phase, begun.OnDeath, begun.LeaseSeconds));
        await _world.HappensAsync(_world.Guarded.FourSteps);
        var up = await _client.UpAsync(begun.Id, new("tun0") { ConfirmSeconds = 60 });
        Assert.Equal("up", up.Phase);
        Assert.NotEmpty(up.OwnedRoutes);
        Assert.NotNull(up.ConfirmBy);
        Assert.Null((await _client.ConfirmAsync(begun.Id)).ConfirmBy);
        Assert.Equal(begun.Id, (await _client.HeartbeatAsync(begun.Id)).Id);
        Assert.Equal(begun.Id, Assert.Single(await _client.SessionsAsync()).Id);
        Assert.Equal(up.OwnedRoutes, (await _client.SessionAsync(begun.Id)).OwnedRoutes);

        Assert.Equal("planned", (await _client.PlanAsync()).Result);
        Assert.Equal("planned", (await _client.RestoreAsync(new(begun.Id, DryRun: true))).Result);
        Assert.Equal("restored", (await _client.EndAsync(begun.Id)).Result);
        Assert.Equal("restored", (await _client.StatusAsync()).LastRestore?.Result);
        Assert.Equal("nothingToDo", (await _client.RestoreAsync(new(null, DryRun: false))).Result);
    }

    [Fact]
    public async Task Tables_counts_and_the_description_are_read()
    {
        await _world.StartAsync();
        Assert.Contains(
            "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100",
            (await _client.RoutesAsync()).Routes
        );
        Assert.Equal((await _client.RoutesAsync()).Routes, (await _client.SnapshotAsync()).Routes);
        Assert.Contains("routeguard_", await _client.MetricsAsync(), StringComparison.Ordinal);
        using var description = JsonDocument.Parse(await _client.DescriptionAsync());
        Assert.Equal("3.1.1", description.RootElement.GetProperty("openapi").GetString());
    }

    [Fact]
    public async Task Refusals_have_a_kind_a_status_and_the_daemons_sentence()
    {
        await _world.StartAsync();
        await RefusedAsync(RefusalKind.NotFound, 404, () => _client.SessionAsync("nobody"));
        await RefusedAsync(RefusalKind.NotFound, 404, () => _client.OperationAsync("nothing"));
        await RefusedAsync(RefusalKind.Invalid, 400, () => _client.BeginAsync(new(null, null, null, "explode")));
        var tooLarge = new BeginSessionBody(new string('x', 100_000), null, null, null);
        await RefusedAsync(RefusalKind.Invalid, 413, () => _client.BeginAsync(tooLarge));
        _world.Caller = new(1, 1002, IsInGroup: false);
        await RefusedAsync(RefusalKind.NotPermitted, 403, () => Stranger(client => client.StatusAsync()));
        Assert.Equal("ok", (await Stranger(client => client.HealthAsync())).Verdict);
    }

    [Fact]
    public async Task Bad_health_is_an_answer()
    {
        _world.Alter = status => status with { Verdict = Verdict.Degraded, Problems = ["The guard says so."] };
        await _world.StartAsync();
        var health = await _client.HealthAsync();
        Assert.Equal("degraded", health.Verdict);
        Assert.Equal(["The guard says so."], health.Problems);
    }

    [Fact]
    public async Task Events_are_heard_as_they_happen_and_again_after_an_id()
    {
        await _world.StartAsync();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        List<HeardEvent> heard = [];
        await foreach (var one in _client.EventsAsync("of-another-run", end.Token))
        {
            heard.Add(one);
            if (heard.Count == 1)
            {
                // The stream is open.
                await _client.BeginAsync(new("home", null, null, null), stop: end.Token);
            }

            if (heard.Count == 4)
            {
                break;
            }
        }

        Assert.Equal(["lost", "verdict", "session", "verdict"], heard.Select(one => one.Happened.Kind));
        await foreach (var again in _client.EventsAsync(heard[2].Id, end.Token))
        {
            Assert.Equal(heard[3], again);
            break;
        }
    }

    [Fact]
    public async Task A_listener_that_is_told_to_stop_stops()
    {
        await _world.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _client.EventsAsync(stop: stop.Token)) { }
        });
    }

    [Fact]
    public async Task Without_a_daemon_that_is_said_with_what_to_do()
    {
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => _client.StatusAsync());
        Assert.Equal(RefusalKind.NoDaemon, refused.Kind);
        Assert.Null(refused.Status);
        Assert.Equal(
            $"Cannot reach the daemon at {_world.Directories.Socket}: there is no socket. Start it with systemctl start routeguard.",
            refused.Message
        );
        using var tooLong = new RouteGuardClient("/" + new string('x', 200));
        Assert.Equal(
            RefusalKind.NoDaemon,
            (await Assert.ThrowsAsync<RouteGuardException>(() => tooLong.StatusAsync())).Kind
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a%2fb")]
    public async Task What_is_no_id_is_not_asked_for(string id)
    {
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => _client.EndAsync(id));
        Assert.Equal((RefusalKind.NotFound, null), (refused.Kind, refused.Status));
        await Assert.ThrowsAsync<RouteGuardException>(() => _client.OperationAsync(id));
    }

    // Who is at the other end of a connection is asked once, so a stranger needs one of his own.
    private async Task<T> Stranger<T>(Func<RouteGuardClient, Task<T>> ask)
    {
        using var client = new RouteGuardClient(_world.Directories.Socket);
        return await ask(client);
    }

    private static async Task RefusedAsync(RefusalKind kind, int status, Func<Task> ask)
    {
        var refused = await Assert.ThrowsAsync<RouteGuardException>(ask);
        Assert.Equal((kind, status), (refused.Kind, refused.Status));
        Assert.StartsWith("Cannot ", refused.Message, StringComparison.Ordinal);
    }
}
