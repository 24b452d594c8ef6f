using System.Text.Json;
using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>The journal as a story: what a person reads the morning after.</summary>
public sealed class HistoryTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();

    private readonly string _session;

    public HistoryTests()
    {
        var guarded = new GuardWorld();
        _session = guarded.Begin().Id.Value;
        guarded.FourSteps();
        guarded.Run(TimeSpan.FromSeconds(4));
        guarded.Somebody(kernel => kernel.Delete("default dev tun0"));
        guarded.Run(TimeSpan.FromSeconds(1));
        foreach (var record in guarded.Machine.Records)
        {
            _world.Guarded.Machine.Append(record);
        }
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_story_has_a_line_for_each_event_and_its_leak_window()
    {
        var told = await TellAsync("history");
        Assert.Matches(@"^2026-11-23 12:00:00\.000  begun  label", told);
        Assert.Contains("  up     its routes were quiet", told, StringComparison.Ordinal);
        Assert.Contains("  up     made default dev tun0\n", told, StringComparison.Ordinal);
        Assert.Matches(@"drift  somebody changed .*\n.*  drift  missing: default dev tun0", told);
        Assert.Matches(@"leak   IPv4: 0\.0\.0\.0/0 did not lead into the tunnel for [0-9.]+ ms", told);
    }

    [Fact]
    public async Task A_prefix_picks_what_is_about_it()
    {
        var told = await TellAsync("history", "--prefix", "203.0.113.9/32");
        Assert.DoesNotContain("drift", told, StringComparison.Ordinal);
        told = await TellAsync("history", "--prefix", "default");
        Assert.Contains("drift", told, StringComparison.Ordinal);
        Assert.DoesNotContain("begun", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_picks_its_own_and_what_concerned_the_machine_meanwhile()
    {
        Assert.Contains("  leak  ", await TellAsync("history", "--session", _session), StringComparison.Ordinal);
        Assert.Equal("Nothing happened.", await TellAsync("history", "--session", "another"));
    }

    [Fact]
    public async Task The_last_ones_are_the_newest()
    {
        var told = await TellAsync("history", "--last", "1", "--json");
        var history = JsonSerializer.Deserialize(told, ApiJson.Default.HistoryView)!;
        var newest = _world.Guarded.Machine.Records[^1];
        var only = Assert.Single(history.Records);
        Assert.Equal((newest.At, newest.Text), (only.At, only.Text));
    }

    [Fact]
    public async Task A_name_that_would_move_the_cursor_is_printed_and_not_obeyed()
    {
        _world.Guarded.Machine.Append(
            new()
            {
                At = DateTimeOffset.UnixEpoch,
                Kind = JournalKind.Drift,
                Lines = ["missing: default dev tun0, by evil\u001b[2J\r"],
            }
        );
        var told = await TellAsync("history");
        Assert.Contains(@"by evil\x1b[2J\x0d", told, StringComparison.Ordinal);
    }

    private async Task<string> TellAsync(params string[] words)
    {
        Assert.Equal(ExitCode.Done, await _world.RunAsync(words));
        return _world.Out.ToString().Trim();
    }
}
