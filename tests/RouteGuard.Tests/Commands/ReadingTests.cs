using System.Text.Json;
using RouteGuard.Commands;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Rendering;
using RouteGuard.Story;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>routes, why, diff, blame and watch over a guard in memory.</summary>
public sealed class ReadingTests
{
    private readonly GuardWorld _world = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private Screen _screen = Screen.Plain;

    [Fact]
    public async Task Each_route_is_shown_with_its_owner()
    {
        Guarded();
        _world.Kernel.Add("198.51.100.0/24 via 192.0.2.9 dev phys0 proto bird");
        await RunAsync("routes");
        var lines = _out.ToString();
        Assert.Matches(@"session \S+ +0\.0\.0\.0/0 dev tun0|session \S+ +default dev tun0", lines);
        Assert.Matches(@"baseline \(static\) +172\.16\.0\.0/16 via", lines);
        Assert.Matches(@"foreign \(bird\) +198\.51\.100\.0/24 via", lines);
        Assert.Matches(@"kernel +192\.0\.2\.0/24 dev phys0", lines);
    }

    [Fact]
    public async Task Without_a_session_no_route_is_called_foreign()
    {
        await RunAsync("routes", "--json");
        var view = JsonSerializer.Deserialize(_out.ToString(), CliJson.Default.RoutesView)!;
        Assert.DoesNotContain(view.Routes, row => row.Owner is "foreign" or "baseline");
        Assert.Equal("dhcp", view.Routes.First(row => row.Owner == "machine").Writer);
    }

    [Fact]
    public async Task Why_names_the_winner_the_runner_up_and_what_if_the_tunnel_died()
    {
        Guarded();
        await RunAsync("why", "203.0.113.77", "--json");
        var view = JsonSerializer.Deserialize(_out.ToString(), CliJson.Default.WhyView)!;
        Assert.Equal("default dev tun0", view.Winner!.Route);
        Assert.Equal("session", view.Winner.Owner);
        Assert.True(view.Wanted);
        Assert.Equal("default via 192.0.2.1 dev phys0 metric 4000", view.RunnersUp[0].Route);
        var death = Assert.Single(view.IfTunnelDied);
        Assert.Equal("default via 192.0.2.1 dev phys0 metric 4000", death.AtOnce);
        Assert.Equal("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100", death.Restored);
    }

    [Fact]
    public async Task Diff_shows_what_the_vpn_did_and_nothing_against_what_is_wanted()
    {
        Guarded();
        await RunAsync("diff");
        var lines = _out.ToString();
        Assert.Contains("- default via 192.0.2.1 dev phys0 proto dhcp", lines, StringComparison.Ordinal);
        Assert.Contains("+ default dev tun0", lines, StringComparison.Ordinal);
        await RunAsync("diff", "overlay", "now");
        Assert.Equal("No difference between overlay and now.", _out.ToString().Trim());
    }

    [Theory]
    [InlineData("why", "example.org", ExitCode.Usage)]
    [InlineData("blame", "192.0.2.1/24", ExitCode.Usage)]
    [InlineData("diff", "baseline", ExitCode.Failed)]
    [InlineData("diff", "/nowhere/file.json", ExitCode.Failed)]
    [InlineData("routes", "--dev=nosuch", ExitCode.Failed)]
    [InlineData("routes", "--table=nosuch", ExitCode.Usage)]
    [InlineData("why", "203.0.113.1", ExitCode.Done)]
    [InlineData("blame", "default", ExitCode.Done)]
    public async Task The_exit_code_says_how_it_went(string command, string argument, int code)
    {
        Assert.Equal(code, await RunAsync(command, argument));
        Assert.Equal(code == ExitCode.Done, _error.ToString().Length == 0);
    }

    [Fact]
    public async Task Blame_tells_what_the_journal_says_of_a_destination_and_of_no_other()
    {
        Guarded();
        await RunAsync("blame", "203.0.113.2", "--json");
        var view = JsonSerializer.Deserialize(_out.ToString(), CliJson.Default.BlameView)!;
        Assert.Equal("session", Assert.Single(view.Now).Owner);
        Assert.All(view.Events, entry => Assert.All(entry.Lines, line => Assert.Contains("203.0.113.2", line)));
        Assert.NotEmpty(view.Events);
    }

    [Fact]
    public async Task Watch_prints_a_line_a_change_with_its_writer()
    {
        _world.Machine.OnWait = _ =>
        {
            _world.Kernel.Add("198.51.100.0/24 via 192.0.2.9 dev phys0");
            _world.Machine.Tell(KernelEvent.TableChanged.Instance);
            _world.Machine.Tell(new KernelEvent.RouteWritten(Prefix.Parse("198.51.100.0/24"), "evil\e[2J (7)"));
        };
        Assert.Equal(ExitCode.Done, await RunAsync("watch", "--count", "1"));
        Assert.Contains(
            @"+ 198.51.100.0/24 via 192.0.2.9 dev phys0  by evil\x1b[2J (7)",
            _out.ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_route_that_went_with_its_interface_was_taken_away_by_the_kernel()
    {
        var before = Tables.Parse("default dev tun0");
        var now = Tables.Parse("", Tables.Phys0Link);
        var changes = TableWatch.Between(before, now, [], DateTimeOffset.UnixEpoch);
        Assert.Equal("the kernel, with tun0", changes.Single(change => change.Change == "removed").Writer);
    }

    [Fact]
    public async Task The_doctor_fixes_only_what_was_chosen_and_writes_it_down_first()
    {
        _world.Kernel.Add("203.0.113.2 via 192.0.2.1 dev phys0");
        _world.Kernel.Add("203.0.113.3 via 192.0.2.1 dev phys0");
        _world.Kernel.Delete("192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10");
        _world.Kernel.ChangeLink("phys0", link => link with { Addresses = new([Tables.Address("10.7.0.5/24")]) });

        Assert.Equal(ExitCode.Done, await RunAsync("doctor", "--json"));
        var found = JsonSerializer.Deserialize(_out.ToString(), CliJson.Default.DoctorView)!;
        var number = found.Residue.Single(left => left.What.StartsWith("203.0.113.3", StringComparison.Ordinal)).Number;
        Assert.Empty(_world.Kernel.Sent);

        Assert.Equal(ExitCode.Done, await RunAsync("doctor", "--fix", $"{number}"));
        Assert.Single(_world.Kernel.Sent);
        Assert.DoesNotContain("203.0.113.3", _world.Now, StringComparison.Ordinal);
        Assert.Contains("203.0.113.2", _world.Now, StringComparison.Ordinal);
        Assert.Equal(
            [Core.Journal.JournalKind.Intent, Core.Journal.JournalKind.Outcome],
            _world.Machine.Records.Select(record => record.Kind)
        );
        Assert.Equal(ExitCode.Usage, await RunAsync("doctor", "--fix", "99"));
    }

    [Theory]
    [InlineData("n", ExitCode.Failed, 0)]
    [InlineData("y", ExitCode.Done, 4)]
    public async Task On_a_terminal_a_restore_shows_its_plan_and_asks_first(string answer, int code, int sentMin)
    {
        Guarded();
        _world.Kernel.RemoveLink("tun0");
        var before = _world.Kernel.Sent.Count;
        _screen = new(80, IsTerminal: true, HasColor: false) { Ask = () => answer };

        Assert.Equal(code, await RunAsync("restore", "--offline"));

        Assert.Contains("A restore would take", _out.ToString(), StringComparison.Ordinal);
        Assert.Equal(sentMin > 0, _world.Kernel.Sent.Count > before);
        Assert.Equal(answer == "y", _world.Now == GuardWorld.Home);
    }

    private void Guarded()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Guard.Up(_world.Guard.Sessions[0].Id, new(null));
    }

    // Each command is a process of its own.
    private Core.Reconciling.Guard NewGuard()
    {
        _world.NewProcess();
        return _world.Guard;
    }

    private Task<int> RunAsync(params string[] words)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        var surroundings = new Surroundings(
            _out,
            _error,
            _ => new(NewGuard(), _world.Machine, []),
            () => _world.Kernel,
            (_, recordsMax) => _world.Machine.ReadTail(recordsMax),
            _world.Machine.BootId,
            _world.Time
        )
        {
            ReadState = _ => new([.. _world.Machine.Stored.Values], [], []),
            OpenEvents = () => _world.Machine,
            OpenJournal = _ => new(_world.Machine, []),
            ReadFacts = () => new(true, "a kernel", new HashSet<string>(), [], false, _ => null),
            Screen = _screen,
        };
        return new CommandLine(surroundings).RunAsync([.. words, "--runtime-dir", "/nowhere"]);
    }
}
