using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

public sealed class GuardTests
{
    private readonly GuardWorld _world = new();

    [Fact]
    public void The_forums_story_ends_with_the_table_it_began_with()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(Verdict.Guarding, _world.Guard.Status().Verdict);
        Assert.Equal("tun0", Assert.Single(_world.Guard.Sessions).Tunnel);

        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);
        Assert.Equal(RestoreResult.Restored, _world.Guard.Status().LastRestore!.Result);
    }

    [Fact]
    public void The_first_thing_sent_after_a_death_is_the_default_and_its_intent_is_in_the_journal_before()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        var reads = _world.Kernel.Reads;
        var armed = _world.Machine.Records.FindLast(record =>
            record.Kind == JournalKind.Armed && record.Text.Contains("dies", StringComparison.Ordinal)
        );
        Assert.StartsWith(
            "add default via 192.0.2.1 dev phys0 proto dhcp",
            Assert.Single(armed!.Lines),
            StringComparison.Ordinal
        );

        var readsAtFirstStep = -1;
        _world.Kernel.Refuse = _ =>
        {
            readsAtFirstStep = readsAtFirstStep < 0 ? _world.Kernel.Reads : readsAtFirstStep;
            return null;
        };
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromMilliseconds(1));

        Assert.Equal(reads, readsAtFirstStep);
        Assert.Equal("add default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100", _world.Kernel.Sent[0]);
    }

    [Fact]
    public void No_step_is_sent_whose_intent_is_not_in_the_journal()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Refuse = step =>
        {
            var words = step.Describe(_world.Kernel.Table.Names);
            Assert.Contains(
                _world.Machine.Records,
                record =>
                    record.Kind is JournalKind.Armed or JournalKind.Intent
                    && record.Lines.Any(line => line.StartsWith(words, StringComparison.Ordinal))
            );
            return null;
        };
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }

    [Fact]
    public void A_vpn_that_dies_before_its_routes_were_quiet_is_cleared_away_as_well()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Kernel.RemoveLink("tun0");
        _world.Run(TimeSpan.FromMilliseconds(10));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }

    [Fact]
    public void A_declared_tunnel_that_comes_and_goes_between_two_looks_is_a_death()
    {
        _world.Guard.Begin(new("no owner", null, "tun0", DeathPolicy.Restore, 0));
        _world.FourSteps();
        _world.TunnelVanishes();

        _world.Run(TimeSpan.FromMilliseconds(10));

        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);
    }

    [Fact]
    public void A_baseline_is_stored_before_begin_answers_and_a_full_disk_begins_nothing()
    {
        var session = _world.Begin();
        Assert.True(_world.Machine.Stored.ContainsKey(session.Id));

        _world.Machine.DiskProblem = "Cannot store: no space left on device.";
        var refused = Assert.Throws<GuardException>(() => _world.Begin());
        Assert.Equal(GuardRefusal.Storage, refused.Refusal);
        Assert.Single(_world.Guard.Sessions);
    }

    [Fact]
    public void A_full_disk_does_not_stop_a_restore_and_becomes_the_verdict()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Machine.DiskProblem = "Cannot append to the journal: no space left on device.";
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromMilliseconds(1));

        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Equal(Verdict.Degraded, _world.Guard.Status().Verdict);
        Assert.Contains("no space left", Assert.Single(_world.Guard.Status().Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_guard_that_was_killed_with_the_vpn_restores_when_it_is_started_again()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.RemoveLink("tun0");
        _world.Machine.Processes.Clear();
        _world.Restart();
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_command_without_a_daemon_restores_what_both_left_behind(int secondsWatched)
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(secondsWatched));
        _world.Kernel.RemoveLink("tun0");
        _world.Kernel.Add("10.99.0.0/16 via 192.0.2.1 dev phys0");
        _world.GoOffline();
        var report = _world.Guard.Restore(null, isDryRun: false);
        Assert.Equal(RestoreResult.Restored, report.Result);
        _world.Kernel.Delete("10.99.0.0/16 via 192.0.2.1 dev phys0");
        Assert.Equal(GuardWorld.Home, _world.Now);
    }

    [Fact]
    public void A_second_restore_finds_nothing_to_do()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Guard.Restore(null, isDryRun: false);
        var sent = _world.Kernel.Sent.Count;
        Assert.Equal(RestoreResult.NothingToDo, _world.Guard.Restore(null, isDryRun: false).Result);
        Assert.Equal(sent, _world.Kernel.Sent.Count);
    }

    [Fact]
    public void A_dry_run_says_what_it_would_do_and_does_nothing()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        var before = _world.Now;
        var report = _world.Guard.Restore(null, isDryRun: true);
        Assert.Equal(RestoreResult.Planned, report.Result);
        Assert.Contains(
            report.Steps,
            step => step.Step.StartsWith("add default via 192.0.2.1", StringComparison.Ordinal)
        );
        Assert.Equal(before, _world.Now);
        Assert.Empty(_world.Kernel.Sent);
    }

    [Fact]
    public void A_clean_stop_gives_back_the_attributes_that_the_vpn_forgot()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Delete("203.0.113.2 via 192.0.2.1 dev phys0");
        _world.Kernel.Delete("default via 192.0.2.1 dev phys0 metric 4000");
        _world.TunnelVanishes();
        _world.Kernel.Add("default via 192.0.2.1 dev phys0");
        _world.Run(TimeSpan.FromMilliseconds(300));
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }

    [Fact]
    public void A_vpn_that_reconnects_is_guarded_by_the_same_baseline()
    {
        var session = _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Equal(session.Id, Assert.Single(_world.Guard.Sessions).Id);

        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);
    }

    [Fact]
    public void A_death_while_the_link_is_down_is_restored_when_the_link_is_up_again()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.ChangeLink("phys0", link => link with { IsUp = false });
        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Verdict.Degraded, _world.Guard.Status().Verdict);
        Assert.Equal(RestoreResult.PartlyRestored, _world.Guard.Status().LastRestore!.Result);

        _world.Kernel.ChangeLink("phys0", link => link with { IsUp = true });
        _world.Kernel.Add("192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10");
        _world.Run(TimeSpan.FromSeconds(40));
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Equal(Verdict.Ok, _world.Guard.Status().Verdict);
    }

    [Fact]
    public void A_lost_event_costs_nothing_but_time()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.RemoveLink("tun0");
        _world.Run(TimeSpan.FromSeconds(15));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }

    [Fact]
    public void The_kernel_that_refuses_is_asked_again_ever_slower_and_never_in_a_spin()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Refuse = _ => new StepOutcome(StepResult.Refused, 16, "EBUSY");
        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromMinutes(5));
        Assert.InRange(_world.Kernel.Reads, 20, 250);
        Assert.Equal(Verdict.Degraded, _world.Guard.Status().Verdict);

        _world.Kernel.Refuse = _ => null;
        _world.Run(TimeSpan.FromSeconds(16));
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Equal(Verdict.Ok, _world.Guard.Status().Verdict);
    }

    [Fact]
    public void The_resolver_goes_back_only_if_nobody_changed_it_since()
    {
        var mine = new ResolverSettings("/etc/resolv.conf", null, "nameserver 203.0.113.66\n");
        var vpns = mine with { Content = "nameserver 10.20.0.2\n" };
        _world.Machine.Resolver = mine;
        _world.Begin();
        _world.FourSteps();
        _world.Machine.Resolver = vpns;
        _world.Run(TimeSpan.FromSeconds(3));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(mine, _world.Machine.Resolver);
    }

    [Fact]
    public void A_resolver_that_somebody_else_changed_since_is_left_alone_and_reported()
    {
        var mine = new ResolverSettings("/etc/resolv.conf", null, "nameserver 203.0.113.66\n");
        _world.Machine.Resolver = mine;
        _world.Begin();
        _world.FourSteps();
        _world.Machine.Resolver = mine with { Content = "nameserver 10.20.0.2\n" };
        _world.Run(TimeSpan.FromSeconds(3));
        var others = mine with { Content = "nameserver 198.51.100.53\n" };
        _world.Machine.Resolver = others;
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(others, _world.Machine.Resolver);
        Assert.Contains(
            "left alone",
            Assert.Single(_world.Guard.Status().LastRestore!.Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_session_of_an_earlier_boot_is_closed_and_nothing_is_written()
    {
        var session = _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Machine.BootId = "boot-2";
        _world.Kernel.Sent.Clear();
        _world.Restart();
        Assert.Equal([session.Id], _world.Machine.Closed);
        Assert.Empty(_world.Kernel.Sent);
    }

    [Fact]
    public void What_a_crash_left_behind_is_never_a_baseline()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Refuse = _ => new StepOutcome(StepResult.Refused, 16, "EBUSY");
        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        _world.Machine.Processes[GuardWorld.Vpn] = 0;
        var second = _world.Begin();
        Assert.Contains(
            _world.Machine.Stored[second.Id].Baseline.Table.Routes,
            route => route is { Metric: 100, Destination.IsDefault: true, Family: IpFamily.V4 }
        );
        Assert.Single(_world.Guard.Sessions);
    }

    [Fact]
    public void A_session_that_is_to_be_kept_is_only_reported()
    {
        _world.Guard.Begin(new("x", GuardWorld.Vpn.Pid, null, DeathPolicy.Keep, 0));
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(_world.Kernel.Sent);
        Assert.Empty(_world.Guard.Sessions);
    }

    [Fact]
    public void Of_two_nested_sessions_either_may_die_first()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        var up = _world.Now;
        var other = new ProcessIdentity(4712, 100);
        _world.Machine.Processes[other] = 0;
        _world.Guard.Begin(new("second", other.Pid, null, DeathPolicy.Restore, 0));
        _world.Kernel.AddLink(Tables.Link(11, "tun1", "tun", "", "10.9.0.2/24") with { IsPointToPoint = true });
        _world.Kernel.Add("10.30.0.0/16 dev tun1");
        _world.Machine.Tell(KernelEvent.TableChanged.Instance);
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(2, _world.Guard.Sessions.Count);

        _world.TunnelVanishes();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Contains("10.30.0.0/16 dev tun1", _world.Now, StringComparison.Ordinal);
        Assert.Contains("default via 192.0.2.1 dev phys0 proto dhcp", _world.Now, StringComparison.Ordinal);
        Assert.NotEqual(up, _world.Now);

        _world.Kernel.RemoveLink("tun1");
        _world.Machine.Kill(other);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }
}
