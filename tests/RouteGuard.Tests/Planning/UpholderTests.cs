using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

/// <summary>A live session over Home that made Owned and took Home's default.</summary>
public sealed class UpholderTests
{
    private const string Home = """
        default via 192.0.2.1 dev phys0 proto dhcp metric 100
        192.0.2.0/24 dev phys0 proto kernel
        172.16.0.0/16 via 192.0.2.7 dev phys0 proto static
        """;

    private const string Owned = """
        default dev tun0
        10.9.0.0/16 dev tun0
        203.0.113.2 via 192.0.2.1 dev phys0
        """;

    private const string Up = $"{Home}\n{Owned}";

    private static readonly Overlay Session = Overlay.Empty with { OwnedRoutes = new(Tables.Parse(Owned).Routes) };

    [Fact]
    public void A_table_that_is_as_the_session_left_it_needs_no_step() => AssertPlan("", PlanFor(Up));

    [Fact]
    public void What_is_missing_comes_back_the_path_to_the_server_first() =>
        AssertPlan(
            """
            add 203.0.113.2 via 192.0.2.1 dev phys0
            add 10.9.0.0/16 dev tun0
            add default dev tun0
            """,
            PlanFor(Home)
        );

    [Fact]
    public void A_more_special_path_to_a_server_comes_before_a_shorter_one_and_both_before_the_tunnel()
    {
        var overlay = Session with
        {
            OwnedRoutes = new(
                Tables
                    .Parse($"{Owned}\n::/0 dev tun0 metric 50\n2001:db8:9::2 via 2001:db8:1::1 dev phys0 metric 50")
                    .Routes
            ),
        };
        AssertPlan(
            """
            add 2001:db8:9::2 via 2001:db8:1::1 dev phys0 metric 50
            add 203.0.113.2 via 192.0.2.1 dev phys0
            add 10.9.0.0/16 dev tun0
            add default dev tun0
            add ::/0 dev tun0 metric 50
            """,
            PlanFor(Home, overlay)
        );
    }

    [Fact]
    public void A_rival_in_the_place_of_an_owned_route_is_replaced_in_one_step() =>
        AssertPlan(
            "replace default via 192.0.2.66 dev phys0 with default dev tun0",
            PlanFor(Up.Replace("default dev tun0", "default via 192.0.2.66 dev phys0", StringComparison.Ordinal))
        );

    [Fact]
    public void A_route_that_belongs_to_nobody_is_not_touched() =>
        AssertPlan("", PlanFor($"{Up}\n198.51.100.0/24 via 192.0.2.66 dev phys0\n10.77.0.0/16 dev tun0"));

    [Fact]
    public void A_hand_made_default_that_the_session_took_and_that_wins_again_goes()
    {
        const string home = "default via 192.0.2.1 dev phys0\n192.0.2.0/24 dev phys0 proto kernel";
        const string owned = "default dev tun0 metric 50";
        var overlay = Taking("default via 192.0.2.1 dev phys0", owned);
        AssertPlan("delete default via 192.0.2.1 dev phys0", PlanFor($"{home}\n{owned}", overlay, home));
    }

    [Theory]
    [InlineData("default via 192.0.2.1 dev phys0 metric 100", "default dev tun0")]
    [InlineData("default via 192.0.2.1 dev phys0 proto dhcp", "default dev tun0 metric 50")]
    [InlineData("default via 192.0.2.66 dev phys0", "default dev tun0 metric 50")]
    public void What_came_back_stays_where_it_loses_or_is_a_managers_or_is_another_one(string cameBack, string owned)
    {
        var taken = cameBack.Replace("192.0.2.66", "192.0.2.1", StringComparison.Ordinal);
        AssertPlan("", PlanFor($"{cameBack}\n{owned}", Taking(taken, owned), taken));
    }

    [Theory]
    [InlineData("down", "phys0 is down")]
    [InlineData("carrier", "phys0 is down")]
    [InlineData("gone", "its interface is gone")]
    [InlineData("elsewhere", "its gateway 192.0.2.1 is not on phys0 any more")]
    public void A_stale_gateway_is_never_written(string change, string why)
    {
        NetworkLink[] links = change switch
        {
            "down" => [Tables.Phys0Link with { IsUp = false }, Tables.Tun0Link],
            "carrier" => [Tables.Phys0Link with { HasCarrier = false }, Tables.Tun0Link],
            "gone" => [Tables.Tun0Link],
            _ => [Tables.Phys0Link with { Addresses = new([Tables.Address("198.51.100.7/24")]) }, Tables.Tun0Link],
        };
        var plan = Upholder.Plan(Inputs(Tables.Parse("default dev tun0\n10.9.0.0/16 dev tun0", links), Session));
        AssertPlan("", plan);
        var left = Assert.Single(plan.LeftAlone);
        Assert.Equal((why, true), (left.Why, left.IsLoss));
    }

    [Fact]
    public void A_gateway_behind_a_connected_route_is_on_link_without_an_address_of_its_network()
    {
        var bare = Tables.Phys0Link with { Addresses = new([]) };
        var plan = Upholder.Plan(
            Inputs(
                Tables.Parse("192.0.2.0/24 dev phys0\ndefault dev tun0\n10.9.0.0/16 dev tun0", bare, Tables.Tun0Link),
                Session
            )
        );
        AssertPlan("add 203.0.113.2 via 192.0.2.1 dev phys0", plan);
    }

    [Fact]
    public void A_route_of_the_baseline_that_nobody_took_comes_back_after_the_grace_and_not_before()
    {
        const string without = """
            192.0.2.0/24 dev phys0 proto kernel
            172.16.0.0/16 via 192.0.2.7 dev phys0 proto static
            """;
        AssertPlan("", PlanFor($"{without}\n{Owned}"));
        AssertPlan(
            "add default via 192.0.2.1 dev phys0 proto dhcp metric 100",
            Upholder.Plan(Inputs(Tables.Parse($"{without}\n{Owned}"), Session) with { IsGraceOver = true })
        );
    }

    [Fact]
    public void What_a_session_took_does_not_come_back_after_the_grace()
    {
        var overlay = Taking("default via 192.0.2.1 dev phys0 proto dhcp metric 100", Owned);
        var plan = Upholder.Plan(
            Inputs(
                Tables.Parse(Up.Replace("proto dhcp metric 100", "metric 4000", StringComparison.Ordinal)),
                overlay
            ) with
            {
                IsGraceOver = true,
            }
        );
        AssertPlan("", plan);
    }

    [Fact]
    public void A_stale_route_of_the_baseline_does_not_come_back_after_the_grace()
    {
        var moved = Tables.Phys0Link with { Addresses = new([Tables.Address("198.51.100.7/24")]) };
        var observed = Tables.Parse("default dev tun0\n10.9.0.0/16 dev tun0", moved, Tables.Tun0Link);
        AssertPlan("", Upholder.Plan(Inputs(observed, Session) with { IsGraceOver = true }));
    }

    [Fact]
    public void Rules_come_back_in_a_quiet_moment_and_not_while_the_vpn_may_be_removing_them()
    {
        const string rules = "rule pref 32765 not fwmark 0xca6c lookup 51820";
        var overlay = Session with { OwnedRules = new(Tables.Parse(rules).Rules) };
        AssertPlan("", PlanFor(Up, overlay));
        AssertPlan($"add {rules}", Upholder.Plan(Inputs(Tables.Parse(Up), overlay) with { IsQuiet = true }));
        AssertPlan("", Upholder.Plan(Inputs(Tables.Parse($"{Up}\n{rules}"), overlay) with { IsQuiet = true }));
    }

    [Fact]
    public void What_leads_over_a_network_that_was_left_goes_unless_somebody_changed_it()
    {
        const string old = "203.0.113.9 via 192.0.2.1 dev phys0";
        var inputs = Inputs(Tables.Parse($"{Up}\n{old}"), Session) with { Obsolete = Tables.Parse(old).Routes };
        AssertPlan($"delete {old}", Upholder.Plan(inputs));
        var changed = old.Replace("192.0.2.1", "192.0.2.7", StringComparison.Ordinal);
        AssertPlan(
            "",
            Upholder.Plan(inputs with { Machine = inputs.Machine with { Observed = Tables.Parse($"{Up}\n{changed}") } })
        );
    }

    [Fact]
    public void Of_two_sessions_the_later_one_decides_about_a_place_that_it_took()
    {
        const string first = "default via 198.51.100.1 dev phys1";
        var earlier = Overlay.Empty with { OwnedRoutes = new(Tables.Parse(first).Routes) };
        var later = Taking(first, Owned);
        AssertPlan("", Upholder.Plan(Inputs(Tables.Parse(Up), later) with { Overlays = [earlier, later] }));
        var undone = Tables.Parse(Up.Replace("default dev tun0", first, StringComparison.Ordinal));
        AssertPlan(
            $"replace {first} with default dev tun0",
            Upholder.Plan(Inputs(undone, later) with { Overlays = [earlier, later] })
        );
    }

    [Fact]
    public void Of_two_sessions_that_stand_side_by_side_neither_replaces_the_other()
    {
        const string first = "default via 198.51.100.1 dev phys1";
        var earlier = Overlay.Empty with { OwnedRoutes = new(Tables.Parse(first).Routes) };
        var undone = Tables.Parse(Up.Replace("default dev tun0", first, StringComparison.Ordinal));
        var plan = Upholder.Plan(Inputs(undone, Session) with { Overlays = [earlier, Session] });
        Assert.True(Assert.IsType<PlanStep.AddRoute>(Assert.Single(plan.Steps)).IsBeside);
    }

    [Fact]
    public void An_entry_that_the_kernel_keeps_in_the_place_is_never_replaced()
    {
        const string kernels = "10.9.0.0/16 dev phys1 proto kernel";
        var plan = PlanFor(Up.Replace("10.9.0.0/16 dev tun0", kernels, StringComparison.Ordinal));
        Assert.True(Assert.IsType<PlanStep.AddRoute>(Assert.Single(plan.Steps)).IsBeside);
    }

    [Fact]
    public void A_plan_that_was_done_leaves_nothing_to_plan()
    {
        var kernel = new MemoryKernel();
        kernel.Become(Tables.Parse(Home));
        kernel.Apply(kernel.Prepare(PlanFor(Home).Steps));
        Assert.Equal(Tables.Text(Up), Tables.Lines(kernel.Table));
        AssertPlan("", Upholder.Plan(Inputs(kernel.Table, Session)));
    }

    private static Overlay Taking(string taken, string owned) =>
        Overlay.Empty with
        {
            OwnedRoutes = new(Tables.Parse(owned).Routes),
            TakenRoutes = new(Tables.Parse(taken).Routes),
        };

    private static UpholdInputs Inputs(RouteTable observed, Overlay overlay, string baseline = Home) =>
        new()
        {
            Machine = new() { Baseline = Tables.Parse(baseline), Observed = observed },
            Overlays = [overlay],
        };

    private static Plan PlanFor(string observed, Overlay? overlay = null, string baseline = Home) =>
        Upholder.Plan(Inputs(Tables.Parse(observed), overlay ?? Session, baseline));

    private static void AssertPlan(string expected, Plan plan) =>
        Assert.Equal(expected, plan.Describe(Tables.Parse("").Names));
}
