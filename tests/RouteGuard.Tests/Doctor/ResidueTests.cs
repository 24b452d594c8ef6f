using RouteGuard.Core.Routes;
using RouteGuard.Doctor;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Doctor;

/// <summary>What a dead VPN left is found, and nothing else is.</summary>
public sealed class ResidueTests
{
    private static readonly NetworkLink DeadTunnel = Tables.Tun0Link with { HasCarrier = false };

    private static readonly NetworkLink Moved = Tables.Link(4, "phys0", "veth", "02:00:00:00:00:04", "10.7.0.5/24");

    [Fact]
    public void A_healthy_machine_has_none() => Assert.Empty(Find(Tables.Parse(GuardWorld.HomeLines)));

    [Fact]
    public void A_live_tunnel_with_its_rules_has_none() =>
        Assert.Empty(
            Find(
                Tables.Parse(
                    """
                    default via 192.0.2.1 dev phys0
                    default dev tun0 table 51820
                    rule pref 32764 lookup main suppress_prefixlength 0
                    rule pref 32765 not fwmark 0xca6c lookup 51820
                    """
                )
            )
        );

    [Fact]
    public void A_host_route_by_a_gateway_that_is_no_longer_on_the_link() =>
        Is(
            Tables.Parse("203.0.113.2 via 192.0.2.1 dev phys0", Moved),
            "203.0.113.2 via 192.0.2.1 dev phys0",
            "its gateway 192.0.2.1 is no longer on the link",
            "ip route del 203.0.113.2 via 192.0.2.1 dev phys0"
        );

    [Fact]
    public void A_route_to_a_tunnel_that_nobody_serves() =>
        Is(
            Tables.Parse("0.0.0.0/1 dev tun0", Tables.Phys0Link, DeadTunnel),
            "0.0.0.0/1 dev tun0",
            "it leads to tun0, a tunnel that nobody serves",
            "ip route del 0.0.0.0/1 dev tun0"
        );

    [Fact]
    public void A_network_without_a_carrier_is_no_dead_tunnel() =>
        Assert.Empty(
            Find(
                Tables.Parse(
                    "default via 192.0.2.1 dev phys0",
                    Tables.Phys0Link with
                    {
                        Kind = "tun",
                        HasCarrier = false,
                    }
                )
            )
        );

    [Fact]
    public void A_route_to_an_interface_that_is_gone() =>
        Is(
            Tables.Parse("10.0.0.0/8 dev if77", Tables.Phys0Link),
            "10.0.0.0/8 dev if77",
            "it leads to an interface that is gone",
            "ip route del 10.0.0.0/8 dev if77"
        );

    [Fact]
    public void A_hold_that_no_session_wants() =>
        Is(
            Tables.Parse("unreachable ::/0 metric 1\ndefault via 192.0.2.1 dev phys0"),
            "unreachable ::/0 dev lo metric 1",
            "it holds all traffic back, and no session wants that",
            null
        );

    [Fact]
    public void A_rule_to_an_empty_table_and_its_companion() =>
        Assert.Equal(
            [
                "it passes over the default of main, and no other rule offers one",
                "it leads to table 51820 of wg-quick, which is empty",
            ],
            Find(
                    Tables.Parse(
                        """
                        default via 192.0.2.1 dev phys0
                        rule pref 32764 lookup main suppress_prefixlength 0
                        rule pref 32765 not fwmark 0xca6c lookup 51820
                        rule pref 32766 lookup main protocol kernel
                        """
                    )
                )
                .Select(left => left.Why)
        );

    [Fact]
    public void A_rule_of_ipv6_is_removed_in_the_words_of_ipv6() =>
        Assert.Equal("ip -6 rule del pref 220 lookup 220", Find(Tables.Parse("rule -6 pref 220 lookup 220"))[0].Repair);

    [Fact]
    public void A_table_that_no_rule_leads_to_any_more() =>
        Is(
            Tables.Parse("10.9.0.0/16 via 192.0.2.1 dev phys0 table 220"),
            "10.9.0.0/16 via 192.0.2.1 dev phys0 table 220",
            "no rule leads to table 220, which strongSwan makes",
            "ip route del 10.9.0.0/16 via 192.0.2.1 dev phys0 table 220"
        );

    [Fact]
    public void An_orphaned_scoped_default_is_removed_in_the_words_of_bsd()
    {
        var table = Tables.Parse("", Moved);
        var scoped = RouteText.Parse("default via 192.0.2.1 dev phys0", table.Names) with
        {
            ScopeInterface = Tables.Phys0,
        };
        var left = Assert.Single(Residue.Find(table.WithRoutes([scoped]), [], [], speaksBsd: true));
        Assert.Equal("route -n delete -inet 0.0.0.0/0 -ifscope phys0", left.Repair);
        Assert.Equal("it is scoped to an interface where its gateway 192.0.2.1 no longer is", left.Why);
    }

    [Fact]
    public void A_name_server_that_no_route_leads_to()
    {
        var table = Tables.Parse("192.0.2.0/24 dev phys0 proto kernel", Tables.Phys0Link);
        IpAddress[] servers =
        [
            IpAddress.Parse("127.0.0.53"),
            IpAddress.Parse("192.0.2.1"),
            IpAddress.Parse("10.8.0.1"),
        ];
        var left = Assert.Single(Residue.Find(table, [], servers, speaksBsd: false));
        Assert.Equal("nameserver 10.8.0.1", left.What);
        Assert.Null(left.Step);
    }

    [Fact]
    public void What_a_routing_program_or_the_kernel_made_is_never_called_residue() =>
        Assert.Empty(
            Find(
                Tables.Parse(
                    "203.0.113.2 via 198.51.100.1 dev phys0 proto bird\n10.8.0.0/24 dev tun0 proto kernel",
                    Tables.Phys0Link,
                    DeadTunnel
                )
            )
        );

    [Fact]
    public void What_an_open_session_made_is_no_residue()
    {
        var world = new GuardWorld();
        world.Begin();
        world.FourSteps();
        world.Guard.Up(world.Guard.Sessions[0].Id, new(null));
        world.Kernel.ChangeLink("tun0", link => link with { HasCarrier = false });
        Assert.Empty(Residue.Find(world.Kernel.Table, [.. world.Machine.Stored.Values], [], speaksBsd: false));
        Assert.NotEmpty(Residue.Find(world.Kernel.Table, [], [], speaksBsd: false));
    }

    private static IReadOnlyList<Leftover> Find(RouteTable table) => Residue.Find(table, [], [], speaksBsd: false);

    private static void Is(RouteTable table, string what, string why, string? repair)
    {
        var left = Assert.Single(Find(table));
        Assert.Equal(why, left.Why);
        if (repair is not null)
        {
            Assert.Equal(what, left.What);
            Assert.Equal(repair, left.Repair);
        }
    }
}
