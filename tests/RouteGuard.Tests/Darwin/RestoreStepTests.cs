using RouteGuard.Core.Journal;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Each step of a restore on macOS, by a case that comes out wrong without it.</summary>
public sealed class RestoreStepTests
{
    private readonly MacWorld _mac = new();

    private void Up()
    {
        _mac.Begin();
        _mac.FourCommands();
        _mac.Run(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_state_entry_that_a_dead_vpn_left_is_removed_and_the_real_service_elected()
    {
        _mac.Begin();
        _mac.TunnelComes(3);
        _mac.Vpn($"add {MacWorld.Server}/32 via 192.168.1.1 dev en0 proto static host");
        _mac.Configd.Publish(
            new("VPNC", "utun3", "10.8.0.2", 32, "10.8.0.1") { IsConfigured = false, OverridesPrimary = true }
        );
        _mac.Run(TimeSpan.FromSeconds(3));
        Assert.Contains("default via 10.8.0.1 dev utun3", _mac.Now, StringComparison.Ordinal);

        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Contains("remove State:/Network/Service/VPNC/IPv4", _mac.Configd.Asked);
    }

    [Fact]
    public void A_state_entry_of_another_program_that_was_there_before_is_nobodys_to_remove()
    {
        var tunnel = _mac.Kernel.OpenTunnel(8);
        _mac.Kernel.AddInetAddress(tunnel, "10.77.0.2", "255.255.255.255", "10.77.0.1");
        _mac.Configd.Publish(new("MESH", "utun8", "10.77.0.2", 32, null) { IsConfigured = false });
        Up();
        _mac.Kernel.CloseTunnel(8);
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));

        Assert.DoesNotContain(_mac.Configd.Asked, asked => asked.StartsWith("remove", StringComparison.Ordinal));
    }

    [Fact]
    public void The_subnet_that_the_gateway_needs_is_put_back_before_the_default()
    {
        Up();
        _mac.Vpn("delete 192.168.1.0/24 dev en0 proto static");
        _mac.Vpn("delete 192.168.1.1/32 dev en0 proto static");
        _mac.Run(TimeSpan.FromSeconds(1));
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void A_default_that_points_elsewhere_is_deleted_and_added_never_changed()
    {
        Up();
        _mac.Kernel.CloseTunnel(3);
        _mac.Rival("add default via 192.168.1.77 dev en0 proto static");
        _mac.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void When_our_own_writes_do_not_help_configd_is_asked_to_write_its_routes_again()
    {
        Up();
        _mac.Kernel.Refuses = request => request[3] == (byte)RoutingMessageType.Add;
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromMilliseconds(50));
        Assert.Contains("notify State:/Network/Service/WIFI/IPv4", _mac.Configd.Asked);

        _mac.Kernel.Refuses = null;
        _mac.Configd.Notify("State:/Network/Service/WIFI/IPv4");
        _mac.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(_mac.Home, _mac.Now);
        Assert.DoesNotContain(_mac.Configd.Asked, asked => asked.StartsWith("refresh", StringComparison.Ordinal));
    }

    [Fact]
    public void When_that_does_not_help_either_dhcp_is_asked_once_a_minute_and_then_a_person()
    {
        Up();
        _mac.Kernel.Refuses = request => request[3] == (byte)RoutingMessageType.Add;
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(50));

        Assert.Single(_mac.Configd.Asked, asked => asked == "refresh en0");
        var status = _mac.Guard.Status();
        Assert.Equal(Verdict.Degraded, status.Verdict);
        Assert.Contains(
            status.Problems,
            problem => problem.Contains("Turn Wi-Fi off and on", StringComparison.Ordinal)
        );

        _mac.Kernel.Refuses = null;
        _mac.Run(TimeSpan.FromSeconds(16));
        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void A_lost_router_is_found_out_anew()
    {
        Up();
        _mac.Configd.Publish(MacWorld.Wifi with { Router = null });
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(15));

        Assert.Contains("refresh en0", _mac.Configd.Asked);
        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void Without_any_network_nothing_is_written_and_the_verdict_says_so_until_one_comes()
    {
        Up();
        _mac.Configd.Dhcp.Clear();
        _mac.Configd.Withdraw("WIFI");
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(30));

        Assert.DoesNotContain("default", _mac.Now, StringComparison.Ordinal);
        Assert.Contains(
            _mac.Guard.Status().Problems,
            problem => problem.Contains("there is no network", StringComparison.Ordinal)
        );

        _mac.Configd.Publish(MacWorld.Wifi);
        _mac.Run(TimeSpan.FromSeconds(16));
        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Empty(_mac.Guard.Sessions);
    }

    [Fact]
    public void An_armed_default_of_a_network_that_went_unseen_is_taken_away_again()
    {
        Up();
        _mac.Configd.IsSilent = true;
        _mac.Configd.Dhcp.Clear();
        _mac.Configd.Withdraw("WIFI");
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));

        var death = Assert.Single(_mac.Records, record => record.Kind == JournalKind.Death);
        Assert.EndsWith(": Applied", Assert.Single(death.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("default", _mac.Now, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_configd_the_baseline_decides_as_long_as_the_network_is_the_same()
    {
        Up();
        _mac.Configd.Status = DynamicStoreStatus.NoStoreServer;
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(_mac.Home, _mac.Now);
    }

    [Fact]
    public void Without_configd_a_baseline_of_another_network_is_never_written()
    {
        Up();
        _mac.Configd.Status = DynamicStoreStatus.NoStoreServer;
        var en0 = _mac.Kernel.LinkNamed("en0");
        _mac.Kernel.RemoveInetAddress(en0, "192.168.1.50");
        _mac.Kernel.AddInetAddress(en0, "10.55.0.9", "255.255.255.0", "10.55.0.255");
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain(
            "default via 192.168.1.1 dev en0 proto static src 192.168.1.50\n",
            _mac.Now + "\n",
            StringComparison.Ordinal
        );
        Assert.Equal(Verdict.Degraded, _mac.Guard.Status().Verdict);
    }

    [Theory]
    [InlineData("IPv4.Router=192.168.1.1;hotel", false)]
    [InlineData("IPv4.Router=192.168.1.1;home", true)]
    public void A_network_that_only_looks_the_same_is_told_by_its_signature(string signature, bool isHome)
    {
        const string Branch = "10.99.0.0/16 via 192.168.1.9 dev en0 proto static src 192.168.1.50";
        _mac.Rival($"add {Branch}");
        Up();
        _mac.Rival($"delete {Branch}");
        _mac.Configd.Publish(MacWorld.Wifi with { Signature = signature });
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(isHome, _mac.Now.Contains(Branch, StringComparison.Ordinal));
    }

    [Fact]
    public void Somebody_who_writes_late_is_found_by_the_looks_that_follow_a_restore()
    {
        Up();
        _mac.VpnDies();
        _mac.Queue.Later(
            TimeSpan.FromSeconds(2),
            () => _mac.Rival($"delete default via 192.168.1.1 dev en0 proto static")
        );
        _mac.Run(TimeSpan.FromSeconds(2.1));
        Assert.NotEqual(_mac.Home, _mac.Now);

        _mac.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(_mac.Home, _mac.Now);
        Assert.Contains(
            _mac.Records,
            record => record.Text.StartsWith("somebody wrote after", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_image_of_the_table_before_the_restore_is_in_the_journal_as_the_steps_that_lead_from_it()
    {
        Up();
        _mac.VpnDies();
        _mac.Run(TimeSpan.FromSeconds(1));

        var intent = _mac.Records.First(record => record is { Kind: JournalKind.Intent, Text: "restore" });
        Assert.All(intent.Lines, line => Assert.Contains(" because it ", line, StringComparison.Ordinal));
    }
}
