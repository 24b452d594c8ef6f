using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>What the daemon tells of itself: contests, counts, faults of the journal.</summary>
public sealed class TellingTests : IAsyncDisposable
{
    private const string Contest = "0.0.0.0/1 is left to rivald (pid 66) until 12:00:30";
    private const string Torn = "The last 7 bytes of journal/journal.log were torn by a crash. They were cut off.";

    private static readonly GuardMeter Meter = new()
    {
        Passes = 12,
        EventsLost = 3,
        Drifts = 7,
        Reasserts = 5,
        Restores = 2,
        Leaked = TimeSpan.FromMilliseconds(1250),
        Contested = TimeSpan.FromSeconds(30),
    };

    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_command_line_tells_of_policies_leases_and_confirmations()
    {
        await _world.StartAsync();
        var code = await _world.RunAsync(
            "session",
            "begin",
            "--on-death",
            "hold",
            "--on-drift",
            "report",
            "--lease",
            "9"
        );
        Assert.Equal(ExitCode.Done, code);
        var id = _world.Out.ToString().Trim();
        await _world.HappensAsync(_world.Guarded.TunnelComes);
        const string Route = "203.0.113.0/24 dev tun0";
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "up", id, "--route", Route, "--confirm", "60"));
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "show", id));
        var shown = _world.Out.ToString();
        Assert.Contains("on death hold, on drift report", shown, StringComparison.Ordinal);
        Assert.Contains("lease    9 s", shown, StringComparison.Ordinal);
        Assert.Contains("confirm  by 2026-11-23 12:01:00 UTC", shown, StringComparison.Ordinal);
        Assert.Contains($"made     {Route}", shown, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "heartbeat", id));
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "confirm", id));
        Assert.DoesNotContain("confirm  by", _world.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_and_health_show_contests_and_counts()
    {
        _world.Alter = Contested;
        await _world.StartAsync();
        foreach (var path in new[] { "/v1/status", "/health" })
        {
            var (_, body) = await _world.SendAsync(HttpMethod.Get, path);
            Assert.Equal("contested", body.GetProperty("verdict").GetString());
            Assert.Equal(Contest, body.GetProperty("contests")[0].GetString());
            var meter = body.GetProperty("meter");
            Assert.Equal(5, meter.GetProperty("reasserts").GetInt64());
            Assert.Equal(7, meter.GetProperty("drifts").GetInt64());
            Assert.Equal(1.25, meter.GetProperty("leakedSeconds").GetDouble());
        }
    }

    [Fact]
    public async Task The_status_command_ends_with_six_while_something_is_contested()
    {
        _world.Alter = Contested;
        await _world.StartAsync();

        Assert.Equal(ExitCode.Contested, await _world.RunAsync("status"));

        var shown = string.Join(' ', _world.Out.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"rival {Contest}", shown, StringComparison.Ordinal);
        Assert.Contains(
            "7 drifts, 5 steps put back, a default was missing or wrong for 1.25 s in all",
            shown,
            StringComparison.Ordinal
        );
        _world.Alter = status => status;
        Assert.Equal(ExitCode.Done, await _world.RunAsync("status"));
    }

    [Fact]
    public async Task A_torn_journal_is_told_in_status_and_health_and_is_no_trouble_of_today()
    {
        _world.OpenFaults = [Torn];
        await _world.StartAsync();
        foreach (var path in new[] { "/v1/status", "/health" })
        {
            var (answer, body) = await _world.SendAsync(HttpMethod.Get, path);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Equal("ok", body.GetProperty("verdict").GetString());
            Assert.Equal(Torn, body.GetProperty("problems")[0].GetString());
        }
    }

    [Fact]
    public void The_time_of_a_contest_runs_while_there_is_one()
    {
        var time = new FakeTimeProvider();
        var supplement = new StatusSupplement([], time);
        var quiet = new GuardStatus(Verdict.Ok, [], [], [], null, null);
        Assert.Equal(0, SecondsAfter(5, quiet));
        Assert.Equal(0, SecondsAfter(5, Contested(quiet)));
        Assert.Equal(2, SecondsAfter(2, Contested(quiet)));
        Assert.Equal(5, SecondsAfter(3, quiet));
        Assert.Equal(5, SecondsAfter(9, quiet));

        double SecondsAfter(int seconds, GuardStatus status)
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            return supplement.Complete(status).Meter.Contested.TotalSeconds;
        }
    }

    private static GuardStatus Contested(GuardStatus status) =>
        status with
        {
            Verdict = Verdict.Contested,
            Contests = [Contest],
            Meter = Meter,
        };
}
