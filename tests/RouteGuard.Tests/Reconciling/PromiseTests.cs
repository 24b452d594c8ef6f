using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

/// <summary>What a VPN promises (signs of life, a confirmation), and what holds when it is dead.</summary>
public sealed class PromiseTests
{
    private static readonly string[] Held =
    [
        "unreachable 0.0.0.0/1 proto static",
        "unreachable 128.0.0.0/1 proto static",
        "unreachable ::/1 proto static metric 1",
        "unreachable 8000::/1 proto static metric 1",
    ];

    private readonly GuardWorld _world = new();

    private Session Up(DeathPolicy onDeath = DeathPolicy.Restore, TimeSpan? lease = null, TimeSpan? confirm = null)
    {
        var session = _world.Guard.Begin(new("test", GuardWorld.Vpn.Pid, "tun0", onDeath, 0) { Lease = lease });
        _world.FourSteps();
        return _world.Guard.Up(session.Id, new("tun0") { ConfirmWithin = confirm });
    }

    [Fact]
    public void A_vpn_that_is_silent_for_its_lease_is_dead_though_its_process_lives()
    {
        Up(lease: TimeSpan.FromSeconds(10));
        _world.Run(TimeSpan.FromSeconds(9.9));
        Assert.NotEqual(GuardWorld.Home, WithoutTunnel());

        _world.Run(TimeSpan.FromSeconds(0.2));
        Assert.Equal(GuardWorld.Home, WithoutTunnel());
        Assert.Contains("no sign of life for 10 s", _world.Guard.Status().LastRestore!.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void A_vpn_that_runs_and_carries_nothing_is_dead_after_three_silent_probes(bool? answer)
    {
        UpWithProbe();
        _world.Run(TimeSpan.FromSeconds(60));
        Assert.InRange(_world.Probes.Asked, 11, 13);
        Assert.NotEqual(GuardWorld.Home, WithoutTunnel());

        _world.Probes.IsAlive = answer;
        _world.Run(TimeSpan.FromSeconds(9));
        Assert.NotEqual(GuardWorld.Home, WithoutTunnel());
        _world.Run(TimeSpan.FromSeconds(12));
        Assert.Equal(GuardWorld.Home, WithoutTunnel());
        Assert.Contains(
            "198.51.100.9 gave no answer 3 times",
            _world.Guard.Status().LastRestore!.Cause,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_answer_in_between_starts_the_count_anew_and_a_link_without_carrier_does_not_count()
    {
        UpWithProbe();
        var up = _world.Now;
        for (var round = 0; round < 5; round++)
        {
            _world.Probes.IsAlive = false;
            _world.Run(TimeSpan.FromSeconds(8));
            _world.Probes.IsAlive = true;
            _world.Run(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(up, _world.Now);
        _world.Probes.IsAlive = false;
        _world.Kernel.ChangeLink("phys0", link => link with { HasCarrier = false });
        _world.Run(TimeSpan.FromSeconds(60));
        Assert.Null(_world.Guard.Status().LastRestore);
    }

    [Fact]
    public void A_link_that_came_beside_one_tunnel_and_went_later_says_nothing_of_the_next_one()
    {
        var veth = new InterfaceIndex(77);
        _world.Guard.Begin(new("test", GuardWorld.Vpn.Pid, null, DeathPolicy.Restore, 0));
        _world.Machine.Tell(new KernelEvent.LinkChanged(veth, "veth9", IsUsable: true, IsGone: false));
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(4));
        _world.Machine.Tell(new KernelEvent.LinkChanged(veth, "veth9", IsUsable: false, IsGone: true));
        _world.Run(TimeSpan.FromSeconds(1));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromMilliseconds(50));
        Assert.Equal(SessionPhase.Begun, Assert.Single(_world.Guard.Sessions).Phase);
        Assert.Equal(GuardWorld.Home, WithoutTunnel());
        var sent = _world.Kernel.Sent.Count;

        // Its process makes another one, and the default goes first.
        _world.Somebody(kernel => kernel.Delete(GuardWorld.HomeLines.Split('\n')[0].Trim()));
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(sent, _world.Kernel.Sent.Count);
    }

    [Theory]
    [InlineData("here")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("192.0.2.1/32")]
    public void A_probe_that_is_no_machine_is_refused(string probe)
    {
        var refused = Assert.Throws<GuardException>(() =>
            _world.Guard.Begin(new("test", null, "tun0", DeathPolicy.Restore, 0) { Probe = probe })
        );
        Assert.Equal(GuardRefusal.Invalid, refused.Refusal);
    }

    private void UpWithProbe()
    {
        var session = _world.Guard.Begin(
            new("test", GuardWorld.Vpn.Pid, "tun0", DeathPolicy.Restore, 0) { Probe = "198.51.100.9" }
        );
        _world.FourSteps();
        _world.Guard.Up(session.Id, new("tun0"));
    }

    [Fact]
    public void Signs_of_life_renew_the_lease_and_a_restart_of_the_guard_gives_a_whole_one()
    {
        var session = Up(lease: TimeSpan.FromSeconds(10));
        var up = _world.Now;
        for (var beat = 0; beat < 5; beat++)
        {
            _world.Run(TimeSpan.FromSeconds(9));
            _world.Guard.Heartbeat(session.Id);
        }

        _world.Run(TimeSpan.FromSeconds(9));
        _world.Restart();
        _world.Run(TimeSpan.FromSeconds(9));
        Assert.Equal(up, _world.Now);

        _world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(GuardWorld.Home, WithoutTunnel());
    }

    [Fact]
    public void A_session_without_a_lease_refuses_signs_of_life()
    {
        var session = Up();

        var refused = Assert.Throws<GuardException>(() => _world.Guard.Heartbeat(session.Id));

        Assert.Equal(GuardRefusal.Conflict, refused.Refusal);
    }

    [Theory]
    [InlineData(4.9)]
    [InlineData(3601)]
    [InlineData(-1)]
    public void A_lease_out_of_range_is_refused_and_nothing_is_begun(double seconds)
    {
        Assert.Throws<GuardException>(() => Up(lease: TimeSpan.FromSeconds(seconds)));
        Assert.Empty(_world.Guard.Sessions);
    }

    [Fact]
    public void An_overlay_that_nobody_confirms_is_rolled_back()
    {
        Up(confirm: TimeSpan.FromSeconds(30));
        _world.Run(TimeSpan.FromSeconds(29));
        Assert.Contains("default dev tun0", _world.Now, StringComparison.Ordinal);

        _world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(GuardWorld.Home, WithoutTunnel());
    }

    [Fact]
    public void An_overlay_that_is_confirmed_stays()
    {
        var session = Up(confirm: TimeSpan.FromSeconds(30));
        _world.Guard.Confirm(session.Id);
        _world.Run(TimeSpan.FromMinutes(2));

        Assert.Contains("default dev tun0", _world.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_holds_lets_nothing_leave_by_either_family_and_outlives_the_guard()
    {
        Up(DeathPolicy.Hold);
        _world.Run(TimeSpan.FromSeconds(3));
        _world.TunnelVanishes();
        _world.Guard.RunOnce(TimeSpan.Zero);

        Assert.All(Held, route => Assert.Contains(route, _world.Now, StringComparison.Ordinal));
        Assert.Equal(Verdict.Degraded, _world.Guard.Status().Verdict);
        _world.Restart();
        _world.Run(TimeSpan.FromMinutes(1));
        Assert.All(Held, route => Assert.Contains(route, _world.Now, StringComparison.Ordinal));
        Assert.Equal(SessionPhase.Holding, Assert.Single(_world.Guard.Sessions).Phase);
    }

    [Fact]
    public void What_holds_is_put_back_when_somebody_lifts_it()
    {
        Up(DeathPolicy.Hold);
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        _world.Somebody(kernel => kernel.Delete(Held[0]));
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Contains(Held[0], _world.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_lifts_what_holds_and_so_does_the_next_session()
    {
        Up(DeathPolicy.Hold);
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        _world.Guard.Restore(null, isDryRun: false);
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);

        _world.Machine.Processes[GuardWorld.Vpn] = 0;
        Up(DeathPolicy.Hold);
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        _world.Machine.Processes[GuardWorld.Vpn] = 0;
        _world.Begin();
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Single(_world.Guard.Sessions);
    }

    [Fact]
    public void After_a_restore_the_kernel_is_asked_for_the_way_and_its_answer_compared()
    {
        Up();
        _world.Kernel.Ways[Core.Routes.IpAddress.Parse("128.0.0.1")] = Tables.Tun0;
        _world.Kernel.Ways[Core.Routes.IpAddress.Parse("203.0.113.2")] = null;
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Equal(
            [
                "a packet to 128.0.0.1 goes by if9 and not by phys0",
                "a packet to 203.0.113.2 goes nowhere and not by phys0",
            ],
            _world.Guard.Status().LastRestore!.Problems
        );
    }

    // A VPN that hangs keeps its interface, and the kernel the network on it.
    private string WithoutTunnel() =>
        string.Join(
            '\n',
            _world.Now.Split('\n').Where(line => !line.StartsWith("10.8.0.0/24 dev tun0", StringComparison.Ordinal))
        );
}
