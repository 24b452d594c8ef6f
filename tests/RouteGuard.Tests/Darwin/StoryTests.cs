using RouteGuard.Core.Journal;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Darwin;

/// <summary>The whole guard on a simulated Mac: what people report of their VPNs, in virtual time.</summary>
public sealed class StoryTests
{
    private const string TunnelDefault = "default via 10.8.0.1 dev utun3 proto static src 10.8.0.2";
    private const string ServerRoute = "203.0.113.7 via 192.168.1.1 dev en0 proto static src 192.168.1.50 host";

    private readonly MacWorld _mac = new();

    private Session Up()
    {
        var session = _mac.Begin();
        _mac.FourCommands();
        _mac.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(SessionPhase.Up, Assert.Single(_mac.Guard.Sessions).Phase);
        return session;
    }

    [Fact]
    public void The_forums_four_commands_and_a_sigkill_end_in_the_table_from_before()
    {
        Up();
        _mac.VpnDies();
        _mac.Guard.RunOnce(TimeSpan.Zero);

        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Empty(_mac.Guard.Sessions);
        Assert.Empty(_mac.Guard.Status().LastRestore!.Problems);
        Assert.NotNull(_mac.Platform.Kernel.LookUp(Core.Routes.IpAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void The_default_is_sent_before_the_table_is_read_again()
    {
        Up();
        var steps = _mac.Records.Last(record => record.Text.Contains("dies", StringComparison.Ordinal)).Lines;
        _mac.VpnDies();
        _mac.Guard.RunOnce(TimeSpan.Zero);

        Assert.StartsWith("add default via 192.168.1.1 dev en0", Assert.Single(steps), StringComparison.Ordinal);
        var death = Assert.Single(_mac.Records, record => record.Kind == JournalKind.Death);
        Assert.EndsWith(": Applied", Assert.Single(death.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tunnel_that_dies_alone_is_a_death_too_and_its_process_is_guarded_on()
    {
        Up();
        _mac.Kernel.CloseTunnel(3);
        _mac.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Equal(SessionPhase.Begun, Assert.Single(_mac.Guard.Sessions).Phase);
    }

    [Fact]
    public void A_tunnel_made_anew_with_another_number_is_guarded_by_the_same_baseline()
    {
        Up();
        _mac.Kernel.CloseTunnel(3);
        _mac.Run(TimeSpan.FromSeconds(1));
        _mac.Kernel.OpenTunnel(9);
        _mac.FourCommands(4);
        _mac.Run(TimeSpan.FromSeconds(5));
        Assert.Contains("dev utun4", _mac.Now, StringComparison.Ordinal);
        Assert.Equal("utun4", Assert.Single(_mac.Guard.Sessions).Tunnel);

        _mac.VpnDies(4);
        _mac.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void When_configd_writes_its_default_again_the_tunnels_default_is_back_at_once_and_configd_is_named()
    {
        Up();
        var up = _mac.Now;
        _mac.Configd.Notify("State:/Network/Service/WIFI/IPv4");
        Assert.DoesNotContain(TunnelDefault, _mac.Now, StringComparison.Ordinal);
        _mac.Guard.RunOnce(TimeSpan.Zero);

        Assert.Equal(up, _mac.Now);
        var drift = Assert.Single(_mac.Records, record => record.Kind == JournalKind.Drift);
        Assert.Contains(
            drift.Lines,
            line => line.EndsWith("by /usr/libexec/configd (pid 62)", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void When_dhcp_gives_another_router_the_servers_route_follows_first()
    {
        Up();
        _mac.Configd.Publish(MacWorld.Wifi with { Router = "192.168.1.254", Signature = null });
        _mac.Run(TimeSpan.FromSeconds(5));

        Assert.Contains("203.0.113.7 via 192.168.1.254 dev en0", _mac.Now, StringComparison.Ordinal);
        Assert.Contains(
            "default via 192.168.1.254 dev en0 proto static src 192.168.1.50 ifscope en0",
            _mac.Now,
            StringComparison.Ordinal
        );
        Assert.Contains(TunnelDefault, _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.1.1 ", _mac.Now, StringComparison.Ordinal);
        var kept = _mac.Records.First(record => record.Text == "keep what live sessions rely on");
        Assert.Contains("203.0.113.7", kept.Lines[0], StringComparison.Ordinal);

        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(_mac.Home.Replace("192.168.1.1 ", "192.168.1.254 ", StringComparison.Ordinal), _mac.Now);
    }

    [Fact]
    public void On_another_wi_fi_no_packet_goes_to_the_old_gateway_not_even_by_the_scoped_default()
    {
        Up();
        MoveToCafe();
        _mac.Run(TimeSpan.FromSeconds(8));

        Assert.DoesNotContain("192.168.1.", _mac.Now, StringComparison.Ordinal);
        Assert.Contains("203.0.113.7 via 10.55.0.1 dev en0", _mac.Now, StringComparison.Ordinal);
        Assert.Contains(
            "default via 10.55.0.1 dev en0 proto static src 10.55.0.9 ifscope en0",
            _mac.Now,
            StringComparison.Ordinal
        );

        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));
        Assert.StartsWith(
            "default via 10.55.0.1 dev en0 proto static src 10.55.0.9\n",
            _mac.Now,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("ifscope", _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", _mac.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vpn_that_dies_after_the_network_changed_unseen_gets_the_new_networks_default()
    {
        Up();
        MoveToCafe();
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(5));

        Assert.StartsWith("default via 10.55.0.1 dev en0", _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.1.", _mac.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_vpn_that_owns_the_primary_keeps_it_and_only_our_own_routes_go()
    {
        Up();
        var second = _mac.Kernel.OpenTunnel(7);
        _mac.Kernel.AddInetAddress(second, "10.66.0.2", "255.255.255.255", "10.66.0.1");
        _mac.Kernel.SetUp(second, isUp: true);
        _mac.Configd.Publish(
            new("OTHER", "utun7", "10.66.0.2", 32, "10.66.0.1") { IsConfigured = false, OverridesPrimary = true }
        );
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(5));

        Assert.Contains("default via 10.66.0.1 dev utun7", _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain("utun3", _mac.Now, StringComparison.Ordinal);
        Assert.DoesNotContain(_mac.Configd.Asked, asked => asked.StartsWith("remove", StringComparison.Ordinal));
    }

    [Fact]
    public void What_changed_while_the_mac_slept_is_found_when_it_wakes()
    {
        Up();
        var up = _mac.Now;
        var sleeper = (SimulatedSocket)_mac.Kernel.OpenRoutingSocket();
        _mac.Rival("delete default via 10.8.0.1 dev utun3 proto static");
        sleeper.Dispose();
        _mac.System.WakeTimeMicroseconds = 77;
        _mac.Guard.RunOnce(TimeSpan.Zero);

        Assert.Equal(up, _mac.Now);
        Assert.Equal(1, _mac.Guard.Status().Meter.EventsLost);
    }

    [Fact]
    public void A_flood_that_overflows_the_socket_costs_nothing_but_the_time_to_the_next_audit()
    {
        Up();
        var up = _mac.Now;
        using var flood = _mac.Kernel.Open(0);
        for (var at = 0; at < 100_000; at++)
        {
            flood.Write([1, 2, 3, 4]);
        }

        _mac.Rival("delete default via 10.8.0.1 dev utun3 proto static");
        _mac.Run(TimeSpan.FromSeconds(16));

        Assert.Equal(up, _mac.Now);
    }

    [Fact]
    public void A_deleted_ipv6_default_by_a_link_local_router_comes_back_for_nobody_else_would_put_it_back()
    {
        var mac = new MacWorld();
        mac.Advertise();
        var home = mac.Now;
        mac.Begin();
        mac.FourCommands();
        mac.Vpn("delete default via fe80::1 dev en0 proto ra");
        mac.Run(TimeSpan.FromSeconds(3));
        Assert.DoesNotContain("fe80::1", mac.Now, StringComparison.Ordinal);

        mac.VpnDies();
        mac.Run(TimeSpan.FromSeconds(1));

        Assert.Contains("via fe80::1 dev en0", home, StringComparison.Ordinal);
        Assert.Equal(home, mac.Now);
    }

    [Fact]
    public void A_guard_that_died_with_the_vpn_restores_when_it_starts()
    {
        Up();
        _mac.VpnDies();
        _mac.Restart();

        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Empty(_mac.Guard.Sessions);
    }

    [Fact]
    public void A_process_number_that_changed_hands_is_not_the_vpn()
    {
        Up();
        _mac.System.Processes[MacWorld.VpnPid] = (new(9_999_999, 0), "/usr/bin/vim");
        _mac.Run(TimeSpan.FromSeconds(16));

        Assert.Equal(_mac.Home, _mac.Now.Replace("\n10.8.0.1 dev utun3", string.Empty, StringComparison.Ordinal));
        Assert.Empty(_mac.Guard.Sessions);
    }

    [Fact]
    public void A_session_that_holds_rejects_both_halves_of_both_families()
    {
        _mac.Begin(DeathPolicy.Hold);
        _mac.FourCommands();
        _mac.Run(TimeSpan.FromSeconds(3));
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromMinutes(1));

        foreach (var half in new[] { "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1" })
        {
            Assert.Contains($"unreachable {half} ", _mac.Now, StringComparison.Ordinal);
        }

        Assert.Equal(Verdict.Degraded, _mac.Guard.Status().Verdict);
        _mac.Guard.Restore(null, isDryRun: false);
        Assert.Equal(_mac.Home, _mac.Now);
    }

    // Another network on the same interface; the kernel keeps static routes of the old address.
    private void MoveToCafe()
    {
        var en0 = _mac.Kernel.LinkNamed("en0");
        _mac.Kernel.RemoveInetAddress(en0, "192.168.1.50");
        _mac.Kernel.AddInetAddress(en0, "10.55.0.9", "255.255.255.0", "10.55.0.255");
        _mac.Configd.Publish(new("WIFI", "en0", "10.55.0.9", 24, "10.55.0.1") { Signature = "cafe" });
    }
}
