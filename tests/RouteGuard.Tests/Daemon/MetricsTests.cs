using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>GET /metrics: what the guard counted, as Prometheus reads it.</summary>
public sealed class MetricsTests : IAsyncDisposable
{
    private static readonly GuardMeter Meter = new()
    {
        Passes = 12,
        EventsLost = 3,
        Resyncs = 2,
        Drifts = 7,
        DriftCounts =
        [
            new(IpFamily.V4, DriftKind.Missing, "rivald", 4),
            new(IpFamily.V6, DriftKind.Coverage, DriftTally.Unknown, 2),
            new(null, DriftKind.Extra, DriftTally.Others, 1),
        ],
        Reasserts = 5,
        Restores = 2,
        RestoreTimes = [TimeSpan.FromMilliseconds(0.9), TimeSpan.FromMilliseconds(600)],
        Leaked = TimeSpan.FromMilliseconds(1250),
    };

    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Every_count_of_the_guard_is_there_under_its_name()
    {
        _world.JournalBytes = () => 4096;
        _world.Alter = status => status with { Meter = Meter };
        await _world.StartAsync();

        var lines = await ScrapeAsync();

        Assert.Equal(
            [
                "routeguard_contested_seconds 0",
                "routeguard_drift_total{actor=\"other\",class=\"extra\",family=\"any\"} 1",
                "routeguard_drift_total{actor=\"rivald\",class=\"missing\",family=\"ipv4\"} 4",
                "routeguard_drift_total{actor=\"unknown\",class=\"coverage\",family=\"ipv6\"} 2",
                "routeguard_events_lost_total 3",
                "routeguard_journal_bytes 4096",
                "routeguard_leak_seconds_total 1.25",
                "routeguard_loop_lag_seconds 0",
                "routeguard_passes_total 12",
                "routeguard_reassert_total 5",
                "routeguard_resyncs_total 2",
            ],
            lines
                .Where(line => line[0] != '#' && !line.Contains("restore_duration", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
        Assert.Contains("routeguard_restore_duration_seconds_count 2", lines);
        Assert.Contains("routeguard_restore_duration_seconds_bucket{le=\"0.001\"} 1", lines);
        Assert.Contains("routeguard_restore_duration_seconds_bucket{le=\"1\"} 2", lines);
        Assert.Contains("# TYPE routeguard_drift_total counter", lines);
        Assert.Contains("# TYPE routeguard_restore_duration_seconds histogram", lines);
        Assert.Contains("# TYPE routeguard_journal_bytes gauge", lines);
    }

    [Fact]
    public async Task A_restore_is_told_once_however_often_the_loop_turns()
    {
        await _world.StartAsync();
        var (_, session) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", """{"ownerPid":4711}""");
        var id = session.GetProperty("id").GetString();
        await _world.HappensAsync(_world.Guarded.FourSteps);
        await _world.SendAsync(HttpMethod.Post, $"/v1/sessions/{id}/up", """{"tunnel":"tun0"}""");
        await _world.HappensAsync(_world.Guarded.TunnelVanishes);
        await _world.HappensAsync(static () => { });
        await _world.HappensAsync(static () => { });

        Assert.Contains("routeguard_restore_duration_seconds_count 1", await ScrapeAsync());
    }

    [Fact]
    public async Task Metrics_name_programs_and_are_for_those_who_may_read_and_nobody_may_post_to_them()
    {
        await _world.StartAsync();
        var (posted, _) = await _world.SendAsync(HttpMethod.Post, "/metrics");
        Assert.False(posted.IsSuccessStatusCode);

        _world.Caller = new(1, 1002, IsInGroup: false);
        var (refused, _) = await _world.SendAsync(HttpMethod.Get, "/metrics");
        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Numbers_are_written_the_same_in_every_language()
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        var before = CultureInfo.DefaultThreadCurrentCulture;
        CultureInfo.DefaultThreadCurrentCulture = comma;
        try
        {
            _world.Alter = status => status with { Meter = Meter };
            await _world.StartAsync();
            Assert.Contains("routeguard_leak_seconds_total 1.25", await ScrapeAsync());
        }
        finally
        {
            CultureInfo.DefaultThreadCurrentCulture = before;
        }
    }

    [Fact]
    public void The_lag_of_the_loop_is_the_wait_of_whoever_asked_first()
    {
        var time = new FakeTimeProvider();
        var lag = new LoopLag(time);
        Assert.Equal(TimeSpan.Zero, lag.Now);

        lag.Ask();
        time.Advance(TimeSpan.FromSeconds(2));
        lag.Ask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(3), lag.Now);

        lag.Turn();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(3), lag.Now);

        lag.Ask();
        lag.Turn();
        Assert.Equal(TimeSpan.Zero, lag.Now);
    }

    private async Task<string[]> ScrapeAsync()
    {
        using var http = _world.NewHttp();
        using var answer = await http.GetAsync("/metrics");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);

        // No labels and empty ones are the same (Prometheus text format).
        var text = (await answer.Content.ReadAsStringAsync()).Replace("{}", "", StringComparison.Ordinal);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
