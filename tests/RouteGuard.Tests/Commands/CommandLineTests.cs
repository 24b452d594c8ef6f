using System.Text.Json;
using RouteGuard.Core.Api;
using RouteGuard.Core.Planning;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>What scripts rely on: exit codes, sentences, JSON. Without a daemon.</summary>
public sealed class CommandLineTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("status", ExitCode.NoDaemon)]
    [InlineData("session list", ExitCode.NoDaemon)]
    [InlineData("session show NO", ExitCode.Usage)]
    [InlineData("restore --session NO", ExitCode.Usage)]
    [InlineData("restore --colour", ExitCode.Usage)]
    [InlineData("session begin --on-death explode", ExitCode.Usage)]
    [InlineData("session begin --on-drift explode", ExitCode.Usage)]
    [InlineData("session begin --lease long", ExitCode.Usage)]
    [InlineData("session heartbeat NO", ExitCode.Usage)]
    [InlineData("session confirm some", ExitCode.NoDaemon)]
    [InlineData("fly", ExitCode.Usage)]
    [InlineData("restore --from /nowhere/baseline.json", ExitCode.Failed)]
    [InlineData("restore", ExitCode.Done)]
    [InlineData("restore --offline", ExitCode.Done)]
    [InlineData("plan", ExitCode.Done)]
    [InlineData("routes", ExitCode.Done)]
    [InlineData("snapshot", ExitCode.Done)]
    [InlineData("history", ExitCode.Done)]
    [InlineData("history --last 0", ExitCode.Usage)]
    [InlineData("history --since yesterday", ExitCode.Usage)]
    [InlineData("history --since 99999999d", ExitCode.Usage)]
    [InlineData("history --prefix 192.0.2.1/24", ExitCode.Usage)]
    [InlineData("history --session NO", ExitCode.Usage)]
    [InlineData("version", ExitCode.Done)]
    public async Task The_exit_code_says_how_it_went(string words, int code)
    {
        Assert.Equal(code, await _world.RunAsync(words.Split(' ')));
        Assert.Equal(code == ExitCode.Done, _world.Error.ToString().Length == 0);
        Assert.DoesNotContain("   at ", _world.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_daemon_is_told_in_one_sentence_with_what_to_do()
    {
        await _world.RunAsync("status");
        Assert.Equal(
            $"Cannot reach the daemon at {_world.Directories.Socket}: there is no socket. Start it with systemctl start routeguard.",
            _world.Error.ToString().Trim()
        );
    }

    [Fact]
    public async Task On_a_terminal_the_headline_of_a_refusal_is_red_and_its_advice_is_not()
    {
        _world.Around = usual => usual with { ErrorScreen = new(400, IsTerminal: true, HasColor: true) };
        await _world.RunAsync("status");
        Assert.Equal(
            $"\e[31mCannot reach the daemon at {_world.Directories.Socket}:\e[0m there is no socket. Start it with systemctl start routeguard.",
            _world.Error.ToString().Trim().Replace("\e[0m\e[31m", "", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_restore_without_a_daemon_repairs_and_says_each_step_with_its_reason()
    {
        _world.Guarded.Begin();
        _world.Guarded.FourSteps();
        _world.Guarded.Guard.Up(_world.Guarded.Guard.Sessions[0].Id, new(null));
        _world.Guarded.Kernel.RemoveLink("tun0");
        _world.Guarded.NewProcess();

        Assert.Equal(ExitCode.Done, await _world.RunAsync("plan"));
        Assert.Contains(
            "  1.  add default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100  because it belongs to the baseline",
            _world.Out.ToString(),
            StringComparison.Ordinal
        );
        Assert.Empty(_world.Guarded.Kernel.Sent);

        _world.Guarded.NewProcess();
        Assert.Equal(ExitCode.Done, await _world.RunAsync("restore", "--json"));
        var report = JsonSerializer.Deserialize(_world.Out.ToString(), ApiJson.Default.ReportView)!;
        Assert.Equal("restored", report.Result);
        Assert.All(report.Steps, step => Assert.Equal("Applied", step.Outcome));
        Assert.Equal(GuardWorld.Home, _world.Guarded.Now);
    }

    [Fact]
    public async Task A_restore_that_cannot_have_all_ends_with_five()
    {
        _world.Guarded.Begin();
        _world.Guarded.FourSteps();
        _world.Guarded.Guard.Up(_world.Guarded.Guard.Sessions[0].Id, new(null));
        _world.Guarded.Kernel.RemoveLink("tun0");
        _world.Guarded.Kernel.ChangeLink("phys0", link => link with { IsUp = false });
        _world.Guarded.NewProcess();
        Assert.Equal(ExitCode.PartlyRestored, await _world.RunAsync("restore"));
        Assert.Contains("because interface phys0 is down", _world.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_that_fails_says_so_on_the_error_stream_too()
    {
        _world.Guarded.Begin();
        _world.Guarded.FourSteps();
        _world.Guarded.Guard.Up(_world.Guarded.Guard.Sessions[0].Id, new(null));
        _world.Guarded.Kernel.RemoveLink("tun0");
        _world.Guarded.Kernel.Refuse = _ => StepOutcome.Applied; // so it says, and nothing changes
        _world.Guarded.NewProcess();

        Assert.Equal(ExitCode.Failed, await _world.RunAsync("restore", "--json"));

        var report = JsonSerializer.Deserialize(_world.Out.ToString(), ApiJson.Default.ReportView)!;
        Assert.Equal("failed", report.Result);
        Assert.StartsWith("Cannot restore everything: ", _world.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("plan")]
    public async Task Without_a_daemon_a_torn_journal_is_told_on_the_error_stream_and_stops_nothing(string command)
    {
        _world.OpenFaults = ["The last 7 bytes of journal/journal.log were torn by a crash. They were cut off."];

        Assert.Equal(ExitCode.Done, await _world.RunAsync(command));

        Assert.Equal(_world.OpenFaults[0], _world.Error.ToString().Trim());
    }

    [Fact]
    public async Task A_snapshot_that_is_written_can_be_restored_from()
    {
        var file = Path.Combine(Path.GetTempPath(), $"routeguard-{Guid.NewGuid():n}.json");
        try
        {
            Assert.Equal(ExitCode.Done, await _world.RunAsync("snapshot", "--output", file));
            _world.Guarded.Kernel.Delete("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100");
            Assert.Equal(ExitCode.Done, await _world.RunAsync("restore", "--from", file));
            Assert.Equal(GuardWorld.Home, _world.Guarded.Now);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
