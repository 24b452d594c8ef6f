using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

public sealed class PlannerTests
{
    private const string Home = """
        default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
        192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
        """;

    [Fact]
    public void A_table_that_is_as_it_was_needs_no_step() => Assert.True(PlanFor(Home, Home).IsEmpty);

    [Fact]
    public void A_default_that_a_dead_session_took_is_given_back_before_the_rest_is_cleared_away()
    {
        const string left = """
            203.0.113.2 via 192.0.2.1 dev phys0
            default via 192.0.2.1 dev phys0 metric 4000
            192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
            """;
        AssertPlan(
            """
            add default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
            delete default via 192.0.2.1 dev phys0 metric 4000
            delete 203.0.113.2 via 192.0.2.1 dev phys0
            """,
            PlanFor(Home, left, Learned(Home, left))
        );
    }

    [Fact]
    public void A_default_of_the_same_key_is_replaced_in_one_step()
    {
        const string home = "default via 192.0.2.1 dev phys0";
        const string tunnelled = "default dev tun0";
        AssertPlan(
            "replace default dev tun0 with default via 192.0.2.1 dev phys0",
            PlanFor(home, tunnelled, Learned(home, tunnelled))
        );
    }

    [Fact]
    public void An_ipv6_default_is_replaced_and_never_becomes_a_sibling()
    {
        const string home = "::/0 via 2001:db8:1::1 dev phys0 metric 1024";
        const string tunnelled = "::/0 dev tun0 metric 1024";
        AssertPlan(
            "replace ::/0 dev tun0 metric 1024 with ::/0 via 2001:db8:1::1 dev phys0 metric 1024",
            PlanFor(home, tunnelled, Learned(home, tunnelled))
        );
    }

    [Fact]
    public void What_nobody_learned_is_never_deleted() =>
        Assert.True(PlanFor(Home, Home + "\n10.99.0.0/16 via 192.0.2.1 dev phys0").IsEmpty);

    [Fact]
    public void A_route_of_the_kernel_is_never_a_step()
    {
        const string observed =
            "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100\n10.8.0.0/24 dev tun0 proto kernel";
        Assert.True(PlanFor(Home, observed, Overlay.Empty, Tables.Tun0).IsEmpty);
    }

    [Fact]
    public void A_multicast_route_into_the_tunnel_is_never_a_step_whoever_made_it() =>
        Assert.True(PlanFor(Home, $"{Home}\n224.0.0.0/4 dev tun0", Overlay.Empty, Tables.Tun0).IsEmpty);

    [Fact]
    public void Hand_made_routes_into_the_tunnel_go_even_if_nobody_saw_them_come() =>
        AssertPlan(
            "delete 0.0.0.0/1 dev tun0\ndelete 128.0.0.0/1 dev tun0",
            PlanFor(Home, Home + "\n0.0.0.0/1 dev tun0\n128.0.0.0/1 dev tun0", Overlay.Empty, Tables.Tun0)
        );

    [Fact]
    public void Rules_that_the_session_made_go_and_rules_that_it_took_come_back()
    {
        const string home = "rule pref 100 lookup 7\nrule pref 32766 lookup main protocol kernel";
        const string left =
            "rule pref 32764 lookup main suppress_prefixlength 0\nrule pref 32766 lookup main protocol kernel";
        AssertPlan(
            "add rule pref 100 lookup 7\ndelete rule pref 32764 lookup main suppress_prefixlength 0",
            PlanFor(home, left, Learned(home, left))
        );
    }

    [Fact]
    public void A_default_that_dhcp_renewed_is_newer_truth()
    {
        const string renewed = """
            default via 192.0.2.254 dev phys0 proto dhcp src 192.0.2.10 metric 100
            192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
            """;
        var plan = PlanFor(Home, renewed);
        Assert.True(plan.IsEmpty);
        Assert.Contains("newer truth", Assert.Single(plan.LeftAlone).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone", "phys0 is gone")]
    [InlineData("down", "phys0 is down")]
    [InlineData("mac", "another one now")]
    [InlineData("address", "network is another one")]
    public void A_stale_gateway_is_never_written(string change, string why)
    {
        var baseline = Tables.Parse("default via 192.0.2.1 dev phys0");
        NetworkLink[] links = change switch
        {
            "gone" => [Tables.Phys1Link],
            "down" => [Tables.Phys0Link with { IsUp = false }],
            "mac" => [Tables.Phys0Link with { Mac = "02:00:00:00:00:99" }],
            _ => [Tables.Phys0Link with { Addresses = new([Tables.Address("198.51.100.7/24")]) }],
        };
        var plan = Planner.Restore(new() { Baseline = baseline, Observed = Tables.Parse("", links) });
        Assert.True(plan.IsEmpty);
        var left = Assert.Single(plan.LeftAlone);
        Assert.Contains(why, left.Why, StringComparison.Ordinal);
        Assert.True(left.IsLoss);
    }

    [Fact]
    public void A_link_local_gateway_is_stale_when_the_own_global_addresses_are_gone()
    {
        var elsewhere = Tables.Phys0Link with { Addresses = new([Tables.Address("2001:db8:77::10/64")]) };
        var baseline = Tables.Parse("::/0 via fe80::1 dev phys0 proto ra metric 100");
        var plan = Planner.Restore(new() { Baseline = baseline, Observed = Tables.Parse("", elsewhere) });
        Assert.True(plan.IsEmpty);
        Assert.Contains("another one", Assert.Single(plan.LeftAlone).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stale_default_is_no_loss_when_another_network_has_one()
    {
        var observed = Tables.Parse("default via 198.51.100.1 dev phys1 proto dhcp metric 600", Tables.Phys1Link);
        var plan = Planner.Restore(new() { Baseline = Tables.Parse(Home), Observed = observed });
        Assert.True(plan.IsEmpty);
        Assert.DoesNotContain(plan.LeftAlone, left => left.IsLoss);
    }

    [Fact]
    public void An_interface_that_came_back_under_another_number_is_the_same()
    {
        var observed = Tables.Parse("", Tables.Phys0Link with { Index = new(44) });
        var plan = Planner.Restore(
            new() { Baseline = Tables.Parse("default via 192.0.2.1 dev phys0"), Observed = observed }
        );
        Assert.Equal("add default via 192.0.2.1 dev phys0", plan.Describe(observed.Names));
    }

    [Fact]
    public void A_route_whose_source_address_is_gone_is_left_alone()
    {
        var observed = Tables.Parse(
            "",
            Tables.Phys0Link with
            {
                Addresses = new([Tables.Address("192.0.2.77/24"), Tables.Address("192.0.2.10/25")]),
            }
        );
        var plan = Planner.Restore(
            new() { Baseline = Tables.Parse("10.0.0.0/8 dev phys0 src 192.0.2.99"), Observed = observed }
        );
        Assert.Contains("192.0.2.99 is gone", Assert.Single(plan.LeftAlone).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_another_live_session_took_stays_taken()
    {
        const string taken = "192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10\ndefault dev tun0";
        var plan = Planner.Restore(
            new()
            {
                Baseline = Tables.Parse(Home),
                Observed = Tables.Parse(taken),
                LiveOverlays = [Learned(Home, taken)],
            }
        );
        Assert.True(plan.IsEmpty);
    }

    [Theory]
    [InlineData("b", "append a, delete and append b")]
    [InlineData("a", "append b")]
    [InlineData("x a b", "delete x")]
    public void Entries_that_share_a_key_come_back_in_their_order(string observed, string meaning)
    {
        Assert.NotEmpty(meaning);
        var kernel = new MemoryKernel();
        kernel.Become(Tables.Parse(Crowd(observed)));
        var wanted = Tables.Parse(Crowd("a b"));
        var overlay = Overlay.Empty with { OwnedRoutes = new([Tables.Parse(Crowd("x")).Routes[0]]) };
        for (var pass = 0; pass < 3; pass++)
        {
            kernel.Apply(
                kernel.Prepare(
                    Planner
                        .Restore(
                            new()
                            {
                                Baseline = wanted,
                                Observed = kernel.Table,
                                Overlay = overlay,
                            }
                        )
                        .Steps
                )
            );
        }

        Assert.Equal(Tables.Lines(wanted), Tables.Lines(kernel.Table));
    }

    private static string Crowd(string letters) =>
        string.Join(
            '\n',
            letters
                .Split(' ')
                .Select(letter =>
                    letter switch
                    {
                        "a" => "10.0.0.0/8 via 192.0.2.1 dev phys0",
                        "b" => "10.0.0.0/8 via 192.0.2.2 dev phys0",
                        _ => "10.0.0.0/8 via 192.0.2.3 dev phys0",
                    }
                )
        );

    private static Overlay Learned(string baseline, string observed) =>
        OverlayLearner.Learn(Tables.Parse(baseline), Tables.Parse(observed), []);

    private static Plan PlanFor(
        string baseline,
        string observed,
        Overlay? overlay = null,
        InterfaceIndex tunnel = default
    ) =>
        Planner.Restore(
            new()
            {
                Baseline = Tables.Parse(baseline),
                Observed = Tables.Parse(observed),
                Overlay = overlay ?? Overlay.Empty,
                Tunnel = tunnel,
            }
        );

    private static void AssertPlan(string expected, Plan plan) =>
        Assert.Equal(expected, plan.Describe(Tables.Parse("").Names));
}
