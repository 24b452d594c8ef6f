using System.Text.Json;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Rendering;
using RouteGuard.Story;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>routes, why, diff, blame and watch over a guard in memory.</summary>
public sealed class ReadingTests
{
    private readonly CommandWorld _commands = new();

    private GuardWorld World => _commands.Guarded;

    private StringWriter Out => _commands.Out;

    private StringWriter Error => _commands.Error;

    [Fact]
    public async Task Each_route_is_shown_with_its_owner()
    {
        Guarded();
        World.Kernel.Add("198.51.100.0/24 via 192.0.2.9 dev phys0 proto bird");
        await RunAsync("routes");
        var lines = Out.ToString();
        Assert.Matches(@"session \S+ +0\.0\.0\.0/0 dev tun0|session \S+ +default dev tun0", lines);
        Assert.Matches(@"baseline \(static\) +172\.16\.0\.0/16 via", lines);
        Assert.Matches(@"foreign \(bird\) +198\.51\.100\.0/24 via", lines);
        Assert.Matches(@"kernel +192\.0\.2\.0/24 dev phys0", lines);
    }

    [Fact]
    public async Task Without_a_session_no_route_is_called_foreign()
    {
        await RunAsync("routes", "--json");
        var view = JsonSerializer.Deserialize(Out.ToString(), CliJson.Default.RoutesView)!;
        Assert.DoesNotContain(view.Routes, row => row.Owner is "foreign" or "baseline");
        Assert.Equal("dhcp", view.Routes.First(row => row.Owner == "machine").Writer);
    }

    [Fact]
    public async Task Why_names_the_winner_the_runner_up_and_what_if_the_tunnel_died()
    {
        Guarded();
        await RunAsync("why", "203.0.113.77", "--json");
        var view = JsonSerializer.Deserialize(Out.ToString(), CliJson.Default.WhyView)!;
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
        var lines = Out.ToString();
        Assert.Contains("- default via 192.0.2.1 dev phys0 proto dhcp", lines, StringComparison.Ordinal);
        Assert.Contains("+ default dev tun0", lines, StringComparison.Ordinal);
        await RunAsync("diff", "overlay", "now");
        Assert.Equal("No difference between overlay and now.", Out.ToString().Trim());
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
        Assert.Equal(code == ExitCode.Done, Error.ToString().Length == 0);
    }

    [Fact]
    public async Task Blame_tells_what_the_journal_says_of_a_destination_and_of_no_other()
    {
        Guarded();
        await RunAsync("blame", "203.0.113.2", "--json");
        var view = JsonSerializer.Deserialize(Out.ToString(), CliJson.Default.BlameView)!;
        Assert.Equal("session", Assert.Single(view.Now).Owner);
        Assert.All(view.Events, entry => Assert.All(entry.Lines, line => Assert.Contains("203.0.113.2", line)));
        Assert.NotEmpty(view.Events);
    }

    [Fact]
    public async Task Watch_prints_a_line_a_change_with_its_writer()
    {
        World.Machine.OnWait = _ =>
        {
            World.Kernel.Add("198.51.100.0/24 via 192.0.2.9 dev phys0");
            World.Machine.Tell(KernelEvent.TableChanged.Instance);
            World.Machine.Tell(new KernelEvent.RouteWritten(Prefix.Parse("198.51.100.0/24"), "evil\e[2J (7)"));
        };
        Assert.Equal(ExitCode.Done, await RunAsync("watch", "--count", "1"));
        Assert.Contains(
            @"+ 198.51.100.0/24 via 192.0.2.9 dev phys0  by evil\x1b[2J (7)",
            Out.ToString(),
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
        World.Kernel.Add("203.0.113.2 via 192.0.2.1 dev phys0");
        World.Kernel.Add("203.0.113.3 via 192.0.2.1 dev phys0");
        World.Kernel.Delete("192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10");
        World.Kernel.ChangeLink("phys0", link => link with { Addresses = new([Tables.Address("10.7.0.5/24")]) });

        Assert.Equal(ExitCode.Done, await RunAsync("doctor", "--json"));
        var found = JsonSerializer.Deserialize(Out.ToString(), CliJson.Default.DoctorView)!;
        var number = found.Residue.Single(left => left.What.StartsWith("203.0.113.3", StringComparison.Ordinal)).Number;
        Assert.Empty(World.Kernel.Sent);

        Assert.Equal(ExitCode.Done, await RunAsync("doctor", "--fix", $"{number}"));
        Assert.Single(World.Kernel.Sent);
        Assert.DoesNotContain("203.0.113.3", World.Now, StringComparison.Ordinal);
        Assert.Contains("203.0.113.2", World.Now, StringComparison.Ordinal);
        Assert.Equal(
            [Core.Journal.JournalKind.Intent, Core.Journal.JournalKind.Outcome],
            World.Machine.Records.Select(record => record.Kind)
        );
        Assert.Equal(ExitCode.Usage, await RunAsync("doctor", "--fix", "99"));
    }

    private void Guarded() => _commands.TunnelIsUp();

    private Task<int> RunAsync(params string[] words) => _commands.RunAsync(words);
}
