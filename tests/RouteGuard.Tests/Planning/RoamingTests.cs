using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

public sealed class RoamingTests
{
    private const string Home = """
        default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
        192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
        172.16.0.0/16 via 192.0.2.1 dev phys0 proto static
        """;

    private const string Owned = "0.0.0.0/1 dev tun0\n128.0.0.0/1 dev tun0\n203.0.113.2 via 192.0.2.1 dev phys0";

    private static readonly Overlay Session = Overlay.Empty with { OwnedRoutes = new(Tables.Parse(Owned).Routes) };

    [Theory]
    [InlineData("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100")]
    [InlineData("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.11 metric 100")]
    [InlineData("")]
    [InlineData("default dev tun0")]
    [InlineData("default dev tun0|default via 192.0.2.1 dev phys0 metric 100")]
    public void The_machine_that_stands_where_it_stood_or_nowhere_has_not_moved(string now) =>
        Assert.Null(Roaming.Find(Machine($"{now}\n{Owned}"), [Session]));

    [Fact]
    public void Dhcp_gives_another_gateway_on_the_same_link()
    {
        var found = Moved($"default via 192.0.2.254 dev phys0 proto dhcp src 192.0.2.10 metric 100\n{Owned}");
        AssertLines(
            """
            default via 192.0.2.254 dev phys0 proto dhcp src 192.0.2.10 metric 100
            172.16.0.0/16 via 192.0.2.1 dev phys0 proto static
            192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
            """,
            found.Baseline
        );
        AssertServerMoved(found, "203.0.113.2 via 192.0.2.254 dev phys0");
    }

    [Fact]
    public void Another_network_on_the_same_link_takes_the_old_routes_with_it()
    {
        var elsewhere = Tables.Phys0Link with { Addresses = new([Tables.Address("198.51.100.7/24")]) };
        var found = Moved(
            $"""
            default via 198.51.100.1 dev phys0 proto dhcp src 198.51.100.7 metric 100
            198.51.100.0/24 dev phys0 proto kernel
            {Owned}
            """,
            elsewhere
        );
        AssertLines("default via 198.51.100.1 dev phys0 proto dhcp src 198.51.100.7 metric 100", found.Baseline);
        AssertServerMoved(found, "203.0.113.2 via 198.51.100.1 dev phys0");
    }

    [Fact]
    public void A_second_uplink_is_added_and_the_first_one_keeps_the_server()
    {
        const string second = "default via 198.51.100.1 dev phys1 proto dhcp metric 600";
        var found = Moved($"{Home}\n{second}\n{Owned}");
        AssertLines($"{Home}\n{second}", found.Baseline);
        Assert.Empty(found.Obsolete);
        Assert.Equal(Session.OwnedRoutes, found.Overlays[0].OwnedRoutes);
    }

    [Fact]
    public void The_first_uplink_goes_down_and_the_second_one_takes_the_server()
    {
        var down = Tables.Phys0Link with { IsUp = false, HasCarrier = false };
        var found = Moved(
            "default via 198.51.100.1 dev phys1 proto dhcp metric 600\n0.0.0.0/1 dev tun0\n128.0.0.0/1 dev tun0",
            down
        );
        AssertLines(
            """
            default via 198.51.100.1 dev phys1 proto dhcp metric 600
            172.16.0.0/16 via 192.0.2.1 dev phys0 proto static
            192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
            """,
            found.Baseline
        );
        AssertServerMoved(found, "203.0.113.2 via 198.51.100.1 dev phys1");
    }

    [Fact]
    public void A_default_that_a_session_made_by_a_physical_link_is_no_new_network()
    {
        const string own = "default via 198.51.100.1 dev phys1";
        var overlay = Session with { OwnedRoutes = new(Tables.Parse($"{Owned}\n{own}").Routes) };
        Assert.Null(Roaming.Find(Machine($"{Owned}\n{own}"), [overlay]));
    }

    [Fact]
    public void A_default_over_a_tunnel_of_a_stranger_is_no_new_network()
    {
        var stranger = Tables.Link(11, "tun7", "tun", "", "10.77.0.2/24") with { IsPointToPoint = true };
        Assert.Null(Roaming.Find(Machine("default dev tun7", stranger), [Session]));
    }

    [Fact]
    public void A_default_in_a_table_of_its_own_is_no_new_network() =>
        Assert.Null(Roaming.Find(Machine($"{Home}\ndefault via 198.51.100.1 dev phys1 table 7\n{Owned}"), [Session]));

    [Fact]
    public void What_was_taken_on_the_network_before_is_not_given_back_on_the_next()
    {
        const string old = "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100";
        var taking = Session with { TakenRoutes = new(Tables.Parse(old).Routes) };
        var found = Roaming.Find(
            Machine($"default via 192.0.2.254 dev phys0 proto dhcp src 192.0.2.10 metric 100\n{Owned}"),
            [taking]
        );
        Assert.Empty(found!.Overlays[0].TakenRoutes);
    }

    [Fact]
    public void A_second_look_after_the_move_finds_the_machine_where_it_is()
    {
        var machine = Machine($"default via 192.0.2.254 dev phys0 proto dhcp src 192.0.2.10 metric 100\n{Owned}");
        var found = Roaming.Find(machine, [Session])!;
        Assert.Null(Roaming.Find(machine with { Baseline = found.Baseline }, found.Overlays));
    }

    private static RestoreInputs Machine(string observed, params NetworkLink[] others)
    {
        NetworkLink[] known = [Tables.Phys0Link, Tables.Phys1Link, Tables.Tun0Link];
        NetworkLink[] links = [.. others, .. known.ExceptBy(others.Select(link => link.Name), link => link.Name)];
        return new()
        {
            Baseline = Tables.Parse(Home),
            Observed = Tables.Parse(observed.Replace('|', '\n'), links),
            Truth = LiveTruth.None,
            Tunnels = ["tun0"],
        };
    }

    private static Roaming Moved(string observed, params NetworkLink[] others)
    {
        var found = Roaming.Find(Machine(observed, others), [Session]);
        Assert.NotNull(found);
        return found;
    }

    private static void AssertServerMoved(Roaming found, string now)
    {
        const string before = "203.0.113.2 via 192.0.2.1 dev phys0";
        var names = Tables.Parse("").Names;
        Assert.Equal(before, RouteText.Print(Assert.Single(found.Obsolete), names));
        Assert.Equal(
            ["0.0.0.0/1 dev tun0", "128.0.0.0/1 dev tun0", now],
            found.Overlays[0].OwnedRoutes.Select(route => RouteText.Print(route, names)).Order(StringComparer.Ordinal)
        );
    }

    private static void AssertLines(string expected, RouteTable table) =>
        Assert.Equal(Tables.Text(expected), Tables.Lines(table.WithRules([])));
}
