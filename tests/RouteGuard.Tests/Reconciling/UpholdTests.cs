using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

/// <summary>A live session, and somebody who moves its routes.</summary>
public sealed class UpholdTests
{
    private const string LowerHalf = "0.0.0.0/1 via 10.8.0.1 dev tun0";
    private const string HomeDefault = "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100";

    private readonly GuardWorld _world = new();

    private Session Up(DriftPolicy onDrift = DriftPolicy.Reassert)
    {
        var session = _world.Guard.Begin(
            new("test", GuardWorld.Vpn.Pid, "tun0", DeathPolicy.Restore, 0) { OnDrift = onDrift }
        );
        _world.Halves();
        _world.Guard.Up(session.Id, new("tun0"));
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Sent.Clear();
        _world.Machine.Records.Clear();
        return session;
    }

    [Fact]
    public void The_first_foreign_change_is_answered_in_the_same_turn_without_a_word_on_disk_before()
    {
        Up();
        var before = _world.Now;
        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        var recordsWhenSent = -1;
        _world.Kernel.Refuse = _ =>
        {
            recordsWhenSent = _world.Machine.Records.Count(record => record.Kind == JournalKind.Intent);
            return null;
        };

        _world.Guard.RunOnce(TimeSpan.Zero);

        Assert.Equal(before, _world.Now);
        Assert.Equal(["add " + LowerHalf], _world.Kernel.Sent);
        Assert.Equal(0, recordsWhenSent);
        Assert.Contains(_world.Machine.Records, record => record.Kind == JournalKind.Outcome);
    }

    [Fact]
    public void A_route_that_a_rival_put_in_the_tunnels_place_is_replaced_in_one_step_and_its_writer_is_named()
    {
        Up();
        var before = _world.Now;
        _world.Somebody(kernel =>
        {
            kernel.Delete(LowerHalf);
            kernel.Add("0.0.0.0/1 via 192.0.2.66 dev phys0");
        });
        _world.Machine.Tell(new KernelEvent.RouteWritten(Prefix.Parse("0.0.0.0/1"), "rivald (pid 66)"));

        _world.Guard.RunOnce(TimeSpan.Zero);

        Assert.Equal(before, _world.Now);
        Assert.Equal([$"replace 0.0.0.0/1 via 192.0.2.66 dev phys0 with {LowerHalf}"], _world.Kernel.Sent);
        var drift = Assert.Single(_world.Machine.Records, record => record.Kind == JournalKind.Drift);
        Assert.Contains("by rivald (pid 66)", Assert.Single(drift.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_vpn_wrote_while_it_came_up_does_not_excuse_who_takes_it_away_later()
    {
        var session = _world.Begin("tun0");
        _world.Halves();
        _world.Machine.Tell(
            new KernelEvent.RouteWritten(Prefix.Parse("0.0.0.0/1"), "vpn (pid 4711)", GuardWorld.Vpn.Pid)
        );
        _world.Guard.RunOnce(TimeSpan.Zero);
        _world.Guard.Up(session.Id, new("tun0"));
        var before = _world.Now;

        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        _world.Machine.Tell(new KernelEvent.RouteWritten(Prefix.Parse("0.0.0.0/1"), "ip (pid 66)", 66));
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(before, _world.Now);
        Assert.Contains(_world.Machine.Records, record => record.Kind == JournalKind.Drift);
    }

    [Fact]
    public void Whoever_asks_for_the_table_each_second_does_not_put_the_audit_off()
    {
        Up();
        var before = _world.Now;

        // The kernel tells nobody of it: only an audit finds it.
        _world.Kernel.Delete(LowerHalf);
        for (var second = 0; second < 16; second++)
        {
            _world.Run(TimeSpan.FromSeconds(1));
            _world.Guard.Observe();
        }

        Assert.Equal(before, _world.Now);
    }

    [Fact]
    public void A_rival_who_never_rests_meets_five_rewrites_a_minute_and_then_a_truce_that_says_so()
    {
        Up();
        const string RivalsWay = "0.0.0.0/1 via 192.0.2.66 dev phys0";
        for (var turn = 0; turn < 20 * 59; turn++)
        {
            if (_world.Now.Contains(LowerHalf, StringComparison.Ordinal))
            {
                _world.Somebody(kernel =>
                {
                    kernel.Delete(LowerHalf);
                    kernel.Add(RivalsWay);
                });
            }

            _world.Run(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(5, _world.Kernel.Sent.Count);
        Assert.Equal(Verdict.Contested, _world.Guard.Status().Verdict);
        Assert.StartsWith("0.0.0.0/1 is left to", _world.Guard.Status().Contests[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_of_the_baseline_that_comes_back_by_itself_within_five_seconds_is_not_written()
    {
        Up();
        _world.Somebody(kernel => kernel.Delete(HomeDefault));
        _world.Run(TimeSpan.FromSeconds(4));
        _world.Somebody(kernel => kernel.Add(HomeDefault));
        _world.Run(TimeSpan.FromSeconds(20));

        Assert.Empty(_world.Kernel.Sent);
    }

    [Fact]
    public void A_default_of_the_baseline_that_does_not_come_back_is_put_back_after_five_seconds()
    {
        Up();
        var before = _world.Now;
        var deletedAt = _world.Time.GetUtcNow();
        _world.Somebody(kernel => kernel.Delete(HomeDefault));
        var writtenAt = DateTimeOffset.MinValue;
        _world.Kernel.Refuse = _ =>
        {
            writtenAt = _world.Time.GetUtcNow();
            return null;
        };

        _world.Run(TimeSpan.FromSeconds(20));

        Assert.Equal(before, _world.Now);
        Assert.InRange(writtenAt - deletedAt, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public void A_session_that_only_reports_says_what_is_missing_and_writes_nothing()
    {
        Up(DriftPolicy.Report);
        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        _world.Run(TimeSpan.FromSeconds(20));

        Assert.Empty(_world.Kernel.Sent);
        Assert.Equal(Verdict.Drift, _world.Guard.Status().Verdict);
        Assert.Equal($"missing: {LowerHalf}", Assert.Single(_world.Guard.Status().Drift));
    }

    [Fact]
    public void A_session_that_gives_up_on_drift_is_restored()
    {
        Up(DriftPolicy.Restore);
        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.DoesNotContain("tun0", _world.Now.Replace("10.8.0.0/24 dev tun0", "", StringComparison.Ordinal));
        Assert.Contains(HomeDefault, _world.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_is_put_back_only_when_things_are_quiet_because_a_stopping_vpn_removes_its_own_one_by_one()
    {
        var session = _world.Begin("tun0");
        _world.Halves();
        const string Rule = "rule pref 31000 from all fwmark 0xca6c lookup 51820";
        _world.Kernel.Add(Rule);
        _world.Guard.Up(session.Id, new("tun0"));
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Sent.Clear();

        _world.Somebody(kernel => kernel.Delete(Rule));
        _world.Guard.RunOnce(TimeSpan.Zero);
        Assert.Empty(_world.Kernel.Sent);

        _world.Run(TimeSpan.FromSeconds(1));
        Assert.StartsWith("add rule", Assert.Single(_world.Kernel.Sent), StringComparison.Ordinal);
    }

    [Fact]
    public void On_another_network_the_path_to_the_server_comes_first_and_the_old_gateway_is_never_written()
    {
        Up();
        _world.Somebody(kernel =>
        {
            kernel.ChangeLink("phys0", link => link with { Addresses = new([Tables.Address("198.51.100.23/24")]) });
            kernel.Delete(HomeDefault);
            kernel.Delete("203.0.113.2 via 192.0.2.1 dev phys0");
            kernel.Add("default via 198.51.100.1 dev phys0 proto dhcp src 198.51.100.23 metric 100");
        });
        _world.Run(TimeSpan.FromSeconds(20));

        Assert.Equal("add 203.0.113.2 via 198.51.100.1 dev phys0", _world.Kernel.Sent[0]);
        Assert.DoesNotContain(_world.Kernel.Sent, sent => sent.Contains("192.0.2.1 ", StringComparison.Ordinal));
        var moved = Assert.Single(_world.Machine.Records, record => record.Kind == JournalKind.BaselineMoved);
        Assert.Contains(moved.Lines, line => line.StartsWith("was default via 192.0.2.1", StringComparison.Ordinal));
        Assert.Contains(moved.Lines, line => line.StartsWith("is default via 198.51.100.1", StringComparison.Ordinal));

        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Contains("default via 198.51.100.1 dev phys0 proto dhcp", _world.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.2", _world.Now, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Kernel.Sent, sent => sent.Contains("via 192.0.2.1 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_route_that_leads_past_the_tunnel_is_reported_with_its_range_and_left_alone()
    {
        Up();
        _world.Somebody(kernel => kernel.Add("198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp"));
        _world.Run(TimeSpan.FromSeconds(2));

        Assert.Empty(_world.Kernel.Sent);
        Assert.Equal(
            "leads past the tunnel: 198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp takes 198.51.100.0/24",
            Assert.Single(_world.Guard.Status().Drift)
        );
    }

    [Fact]
    public void Coverage_that_is_lost_though_no_route_of_the_session_moved_is_drift()
    {
        Up();
        _world.Somebody(kernel => kernel.Add("rule pref 500 from all lookup 77"));
        _world.Kernel.Add("unreachable 64.0.0.0/2 table 77");
        _world.Run(TimeSpan.FromSeconds(2));

        Assert.Equal("leaves by tun0 no more: 64.0.0.0/2", Assert.Single(_world.Guard.Status().Drift));
    }

    [Fact]
    public void The_time_that_a_tunnel_did_not_have_everything_is_measured_and_written_down()
    {
        Up(DriftPolicy.Report);
        _world.Somebody(kernel => kernel.Delete(LowerHalf));
        _world.Run(TimeSpan.FromSeconds(7));
        _world.Somebody(kernel => kernel.Add(LowerHalf));
        _world.Run(TimeSpan.FromSeconds(1));

        var leak = Assert.Single(_world.Machine.Records, record => record.Kind == JournalKind.LeakWindow);
        Assert.StartsWith("IPv4: 0.0.0.0/1 did not lead into the tunnel for 7", leak.Text, StringComparison.Ordinal);
        Assert.InRange(_world.Guard.Status().Meter.Leaked, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void A_declared_route_that_was_there_before_is_adopted_and_outlives_the_session()
    {
        var session = _world.Begin("tun0");
        _world.Halves();
        _world.Guard.Up(
            session.Id,
            new("tun0")
            {
                Routes =
                [
                    LowerHalf,
                    "128.0.0.0/1 via 10.8.0.1 dev tun0",
                    "203.0.113.2 via 192.0.2.1 dev phys0",
                    "172.16.0.0/16 via 192.0.2.1 dev phys0 proto static metric 50",
                ],
            }
        );

        Assert.Equal(3, _world.Guard.Sessions[0].Overlay.OwnedRoutes.Count);
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(GuardWorld.Home, _world.Now);
    }
}
