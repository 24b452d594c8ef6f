using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

/// <summary>How each family fares: who has the default, the path to the server, coverage, the baseline.</summary>
public sealed class FamilyHealthTests
{
    private const string LowerHalf = "0.0.0.0/1 via 10.8.0.1 dev tun0";
    private const string HomeDefault = "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100";

    private readonly GuardWorld _world = new();

    private FamilyHealth V4 => Of(IpFamily.V4);

    private FamilyHealth V6 => Of(IpFamily.V6);

    private FamilyHealth Of(IpFamily family) => _world.Guard.Status().Families.Single(one => one.Family == family);

    private Session Up(DriftPolicy onDrift = DriftPolicy.Reassert, Action? connect = null)
    {
        var session = _world.Guard.Begin(
            new("test", GuardWorld.Vpn.Pid, "tun0", DeathPolicy.Restore, 0) { OnDrift = onDrift }
        );
        (connect ?? _world.Halves)();
        _world.Guard.Up(session.Id, new("tun0"));
        _world.Run(TimeSpan.FromSeconds(3));
        return session;
    }

    [Fact]
    public void Without_a_session_the_default_is_the_machines_and_there_is_no_baseline_to_speak_of()
    {
        _world.Guard.Start();

        Assert.Equal(new(OwnerKind.Machine, null, "phys0", HomeDefault, IsWhole: true), V4.DefaultPath);
        Assert.Equal((Verdict.Ok, null, null, null), (V4.Verdict, V4.ServerPath, V4.Coverage, V4.Baseline));
        Assert.Equal("phys0", V6.DefaultPath.Device);
    }

    [Fact]
    public void With_a_tunnel_up_the_default_is_the_sessions_and_the_server_is_reached_outside_it()
    {
        var session = Up();

        Assert.Equal(Verdict.Guarding, V4.Verdict);
        Assert.Equal(new(OwnerKind.Session, session.Id, "tun0", LowerHalf, IsWhole: true), V4.DefaultPath);
        Assert.Equal(new(IpAddress.Parse("203.0.113.2"), "phys0", IsOutsideTunnel: true), V4.ServerPath);
        Assert.Equal(("tun0", true, true), (V4.Coverage!.Tunnel, V4.Coverage.IsFull, V4.Coverage.IsComplete));
        Assert.Equal("0.0.0.0/0 except 172.16.0.0/16, 192.0.2.0/24, 203.0.113.2/32", V4.Coverage.Took);
        Assert.Null(V4.Baseline!.WhyNot);

        // The VPN took nothing of IPv6: that leaves as it did, and it says so.
        Assert.Equal((OwnerKind.Baseline, "phys0"), (V6.DefaultPath.Owner, V6.DefaultPath.Device));
        Assert.Null(V6.Coverage);
        Assert.Null(V6.ServerPath);
    }

    [Fact]
    public void Half_a_tunnel_is_no_whole_path_and_no_complete_coverage_and_only_its_own_family_drifts()
    {
        Up(DriftPolicy.Report);
        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        _world.Machine.Tell(new KernelEvent.RouteWritten(Prefix.Parse("0.0.0.0/1"), "rivald (pid 66)"));
        _world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal((Verdict.Drift, false), (V4.Verdict, V4.DefaultPath.IsWhole));
        Assert.Equal(OwnerKind.Baseline, V4.DefaultPath.Owner);
        Assert.False(V4.Coverage!.IsComplete);
        Assert.Equal("0.0.0.0/0 except 10.8.0.0/24, 128.0.0.0/1", V4.Coverage.Lost);
        var drift = Assert.Single(V4.Drift);
        Assert.Equal((DriftKind.Missing, "rivald (pid 66)"), (drift.Kind, drift.Writer));
        Assert.Equal((Verdict.Guarding, 0), (V6.Verdict, V6.Drift.Count));
        Assert.Equal(
            new DriftCount(IpFamily.V4, DriftKind.Missing, "rivald", 1),
            Assert.Single(_world.Guard.Status().Meter.DriftCounts)
        );
    }

    [Fact]
    public void A_route_past_the_tunnel_is_in_its_coverage()
    {
        Up();
        _world.Somebody(kernel => kernel.Add("198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp"));
        _world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(
            "198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp takes 198.51.100.0/24",
            Assert.Single(V4.Coverage!.Bypasses)
        );
        Assert.False(V4.Coverage.IsComplete);
        Assert.Null(V4.Coverage.Lost);
    }

    [Fact]
    public void A_server_that_is_reached_only_through_its_own_tunnel_is_told()
    {
        Up(DriftPolicy.Report, _world.FourSteps);
        _world.Somebody(kernel => kernel.Delete("203.0.113.2 via 192.0.2.1 dev phys0"));
        _world.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(new(IpAddress.Parse("203.0.113.2"), "tun0", IsOutsideTunnel: false), V4.ServerPath);
    }

    [Fact]
    public void A_baseline_whose_network_is_gone_cannot_be_restored_and_says_why()
    {
        Up();
        _world.Somebody(kernel => kernel.ChangeLink("phys0", link => link with { IsUp = false, HasCarrier = false }));
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal("interface phys0 is down", V4.Baseline!.WhyNot);

        _world.Somebody(kernel => kernel.ChangeLink("phys0", link => link with { IsUp = true, HasCarrier = true }));
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Null(V4.Baseline!.WhyNot);
    }

    [Fact]
    public void A_rival_of_one_family_contests_that_family_alone()
    {
        Up();
        for (var turn = 0; turn < 200; turn++)
        {
            if (_world.Now.Contains(LowerHalf, StringComparison.Ordinal))
            {
                _world.Somebody(kernel => kernel.Delete(LowerHalf));
            }

            _world.Run(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(Verdict.Contested, V4.Verdict);
        Assert.StartsWith("0.0.0.0/1 is left to whoever rewrites it until", V4.Rival, StringComparison.Ordinal);
        Assert.Equal((Verdict.Guarding, null), (V6.Verdict, V6.Rival));
    }

    [Fact]
    public void What_holds_for_a_dead_vpn_leaves_no_path_and_degrades_both_families()
    {
        var session = _world.Guard.Begin(new("test", GuardWorld.Vpn.Pid, "tun0", DeathPolicy.Hold, 0));
        _world.FourSteps();
        _world.Guard.Up(session.Id, new("tun0"));
        _world.Run(TimeSpan.FromSeconds(1));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));

        foreach (var family in new[] { V4, V6 })
        {
            Assert.Equal((Verdict.Degraded, null), (family.Verdict, family.DefaultPath.Owner));
            Assert.StartsWith("unreachable", family.DefaultPath.Route, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_turn_that_saw_nothing_new_makes_nothing_anew()
    {
        Up();
        var before = V4.DefaultPath;
        Assert.Same(before, V4.DefaultPath);
        _world.Somebody(kernel => kernel.Add("198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp"));
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.NotSame(before, V4.DefaultPath);
    }

    [Fact]
    public void Lost_events_make_one_full_read_that_is_counted()
    {
        Up();
        var before = _world.Guard.Status().Meter;
        _world.Machine.Tell(KernelEvent.Lost.Instance);
        _world.Machine.Tell(KernelEvent.Lost.Instance);
        _world.Run(TimeSpan.FromSeconds(1));

        var after = _world.Guard.Status().Meter;
        Assert.Equal((2, 1), (after.EventsLost - before.EventsLost, after.Resyncs - before.Resyncs));
    }

    [Fact]
    public void A_restore_is_counted_with_the_time_that_it_took()
    {
        Up();
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));

        var status = _world.Guard.Status();
        Assert.Equal(1, status.Meter.Restores);
        Assert.Equal(status.LastRestore!.Took, Assert.Single(status.Meter.RestoreTimes));
    }

    [Theory]
    [InlineData(null, "unknown")]
    [InlineData("", "unknown")]
    [InlineData("rivald (pid 66)", "rivald")]
    [InlineData("/usr/sbin/openvpn (pid 7)", "openvpn")]
    [InlineData("a b\"\n{x} (pid 1)", "a_b___x_")]
    [InlineData("(sd-pam) (pid 1)", "_sd-pam_")]
    [InlineData("0123456789012345678901234567890123456789", "01234567890123456789012345678901")]
    public void An_actor_is_a_name_without_a_number_and_of_harmless_letters(string? writer, string actor) =>
        Assert.Equal(actor, DriftTally.ActorOf(writer));

    [Fact]
    public void Whoever_calls_itself_something_new_each_time_is_counted_with_the_others()
    {
        var tally = new DriftTally();
        for (var at = 0; at < 1000; at++)
        {
            tally.Add(new(IpFamily.V4, DriftKind.Missing, $"rival{at} (pid {at})", "missing"));
        }

        var counts = tally.Counts();
        Assert.Equal(DriftTally.ActorsMax + 1, counts.Count);
        Assert.Equal(1000 - DriftTally.ActorsMax, counts.Single(one => one.Actor == DriftTally.Others).Count);
    }
}
