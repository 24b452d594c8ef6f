using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

/// <summary>Tables of macOS (no metrics, no siblings, scoped defaults), and what configd says of them.</summary>
public sealed class LiveTruthTests
{
    private const string Router = "default via 192.0.2.1 dev phys0 proto static src 192.0.2.10";
    private const string Network = "192.0.2.0/24 dev phys0";
    private const string Tunnel = "default dev tun0";

    private static readonly TruthService Wifi = Service("wifi", "phys0", "192.0.2.1", "192.0.2.10/24");
    private static readonly TruthService Cable = Service("cable", "phys1", "198.51.100.1", "198.51.100.10/24");
    private static readonly LiveTruth Home = Says("wifi", Wifi);

    [Fact]
    public void While_the_system_says_what_it_said_the_baseline_comes_back() =>
        AssertPlan($"replace {Tunnel} with {Router}", PlanFor(Home, $"{Tunnel}\n{Network}"));

    [Fact]
    public void Another_router_on_the_same_link_is_the_way_out_now()
    {
        var plan = PlanFor(
            Says("wifi", Service("wifi", "phys0", "192.0.2.254", "192.0.2.10/24")),
            $"{Tunnel}\n{Network}"
        );
        AssertPlan($"replace {Tunnel} with default via 192.0.2.254 dev phys0 proto static src 192.0.2.10", plan);
        Assert.DoesNotContain(plan.LeftAlone, left => left.IsLoss);
    }

    [Fact]
    public void A_router_that_nothing_leads_to_gets_its_network_first()
    {
        var plan = PlanFor(Says("cable", Cable), Tunnel, Router, Says("wifi", Wifi));
        AssertPlan(
            """
            add 198.51.100.0/24 dev phys1 proto static src 198.51.100.10
            replace default dev tun0 with default via 198.51.100.1 dev phys1 proto static src 198.51.100.10
            """,
            plan
        );
    }

    [Fact]
    public void A_foreign_vpn_that_is_primary_keeps_its_default()
    {
        var other = Service("other-vpn", "tun7", "10.77.0.1", "10.77.0.2/24") with { IsConfigured = true };
        var plan = PlanFor(Says("other-vpn", other, Wifi), "default dev tun7\n" + Network, links: Stranger());
        AssertPlan("", plan);
        Assert.Contains("it is not ours", Assert.Single(plan.LeftAlone).Why, StringComparison.Ordinal);
        Assert.False(plan.LeftAlone[0].IsLoss);
    }

    [Fact]
    public void Our_own_tunnel_that_is_still_elected_is_passed_over()
    {
        var ours = Service("vpn", "tun0", "10.8.0.1", "10.8.0.2/24") with { IsConfigured = true };
        AssertPlan($"replace {Tunnel} with {Router}", PlanFor(Says("vpn", ours, Wifi), $"{Tunnel}\n{Network}"));
    }

    [Fact]
    public void A_primary_whose_interface_is_gone_or_down_is_passed_over()
    {
        var down = Tables.Phys1Link with { IsUp = false };
        NetworkLink[] links = [Tables.Phys0Link, down, Tables.Tun0Link];
        AssertPlan(
            $"replace {Tunnel} with {Router}",
            PlanFor(Says("cable", Cable, Wifi), $"{Tunnel}\n{Network}", links: links)
        );
    }

    [Fact]
    public void With_no_network_at_all_nothing_is_written_and_the_loss_is_told()
    {
        var plan = PlanFor(Says(null), Network);
        AssertPlan("", plan);
        Assert.Contains(
            plan.LeftAlone,
            left => left.IsLoss && left.Why.Contains("there is no network", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_system_that_never_said_anything_leaves_it_to_the_baseline() =>
        AssertPlan($"replace {Tunnel} with {Router}", PlanFor(Says(null), $"{Tunnel}\n{Network}", then: Says(null)));

    [Fact]
    public void A_scoped_default_of_the_second_service_comes_back_only_if_it_was_there()
    {
        var both = Says("wifi", Wifi, Cable);
        var observed = $"{Tunnel}\n{Network}\n198.51.100.0/24 dev phys1";
        var scoped = Scoped("default via 198.51.100.1 dev phys1 proto static src 198.51.100.10", 5);
        AssertPlan($"replace {Tunnel} with {Router}", PlanFor(both, observed, then: both));
        var inputs = Inputs(both, observed, then: both);
        var plan = Planner.Restore(
            inputs with
            {
                Baseline = inputs.Baseline.WithRoutes([.. inputs.Baseline.Routes, scoped]),
            }
        );
        Assert.Equal(2, plan.Steps.Count);
        Assert.Equal(scoped, plan.Steps.OfType<PlanStep.AddRoute>().Single().Route);
    }

    [Fact]
    public void The_scoped_default_that_the_vpn_left_on_the_primary_goes_and_one_that_was_there_stays()
    {
        var scoped = Scoped(Router, 4);
        var inputs = Inputs(Home, $"{Tunnel}\n{Network}");
        var left = inputs with { Observed = inputs.Observed.WithRoutes([.. inputs.Observed.Routes, scoped]) };
        var owned = left with
        {
            Overlay = Overlay.Empty with { OwnedRoutes = new([scoped, .. Tables.Parse(Tunnel).Routes]) },
        };
        var plan = Planner.Restore(owned);
        Assert.Equal(2, plan.Steps.Count);
        Assert.Equal(scoped, plan.Steps.OfType<PlanStep.DeleteRoute>().Single().Route);
        AssertPlan($"replace {Tunnel} with {Router}", Planner.Restore(left));
        var before = left with { Baseline = left.Baseline.WithRoutes([.. left.Baseline.Routes, scoped]) };
        AssertPlan($"replace {Tunnel} with {Router}", Planner.Restore(before));
    }

    [Fact]
    public void Routes_by_an_interface_that_is_on_another_network_now_are_history()
    {
        var baseline = $"{Router}\n{Network}\n172.16.0.0/16 via 192.0.2.7 dev phys0";
        var now = Says("wifi", Wifi with { NetworkSignature = "elsewhere" });
        var then = Says("wifi", Wifi with { NetworkSignature = "home" });
        var plan = PlanFor(now, $"{Tunnel}\n{Network}", baseline, then);
        AssertPlan($"replace {Tunnel} with {Router}", plan);
        Assert.Contains(plan.LeftAlone, left => left.What.StartsWith("172.16.0.0/16", StringComparison.Ordinal));
    }

    [Fact]
    public void State_keys_of_a_dead_tunnel_or_of_a_vanished_interface_go_first_and_others_stay()
    {
        var dead = Service("dead", "tun0", "10.8.0.1", "10.8.0.2/24");
        var vanished = Service("vanished", "tun3", "10.3.0.1", "10.3.0.2/24");
        var alive = Service("alive", "phys1", "198.51.100.1", "198.51.100.10/24");
        var configured = Service("kept", "tun3", "10.3.0.1", "10.3.0.2/24") with { IsConfigured = true };
        var old = Service("old", "tun3", "10.3.0.1", "10.3.0.2/24");
        var inputs = Inputs(
            Says("wifi", Wifi, dead, vanished, alive, configured, old),
            $"{Tunnel}\n{Network}",
            then: Says("wifi", Wifi, old)
        );
        AssertPlan(
            $"""
            remove State:/dead
            remove State:/vanished
            replace {Tunnel} with {Router}
            """,
            Planner.Restore(inputs with { DeadTunnel = "tun0" })
        );
    }

    [Fact]
    public void Ipv6_without_a_primary_router_is_left_to_the_kernel()
    {
        const string home = "::/0 via fe80::1 dev phys0 proto ra";
        var six = Service("wifi", "phys0", "fe80::1", "2001:db8:1::10/64");
        var now = Says(null, six);
        var plan = PlanFor(now, "", home, now with { PrimaryV6 = "wifi" });
        AssertPlan("", plan);
        AssertPlan($"add {home}", PlanFor(now with { PrimaryV6 = "wifi" }, "", home, now with { PrimaryV6 = "wifi" }));
    }

    [Fact]
    public void Roaming_by_truth_moves_the_baseline_and_the_path_to_the_server()
    {
        const string owned = "0.0.0.0/1 dev tun0\n203.0.113.2 via 192.0.2.1 dev phys0";
        var overlay = Overlay.Empty with { OwnedRoutes = new(Tables.Parse(owned).Routes) };
        Assert.Null(Roaming.Find(Inputs(Home, $"{Router}\n{Network}\n{owned}"), [overlay]));
        Assert.Null(Roaming.Find(Inputs(Says(null), owned), [overlay]));
        var moved = Roaming.Find(Inputs(Says("cable", Cable), $"198.51.100.0/24 dev phys1\n{owned}"), [overlay]);
        Assert.NotNull(moved);
        Assert.Contains(
            "default via 198.51.100.1 dev phys1",
            Tables.Lines(moved.Baseline.WithRules([])),
            StringComparison.Ordinal
        );
        var names = Tables.Parse("").Names;
        Assert.Equal(
            ["0.0.0.0/1 dev tun0", "203.0.113.2 via 198.51.100.1 dev phys1"],
            moved.Overlays[0].OwnedRoutes.Select(route => RouteText.Print(route, names))
        );
        Assert.Equal("203.0.113.2 via 192.0.2.1 dev phys0", RouteText.Print(Assert.Single(moved.Obsolete), names));
    }

    private static NetworkLink[] Stranger() =>
        [
            Tables.Phys0Link,
            Tables.Phys1Link,
            Tables.Link(11, "tun7", "utun", "", "10.77.0.2/24") with
            {
                IsPointToPoint = true,
            },
        ];

    private static Route Scoped(string line, int scope) =>
        Tables.Parse(line).Routes[0] with
        {
            ScopeInterface = new(scope),
        };

    private static TruthService Service(string id, string link, string router, string address) =>
        new()
        {
            Id = id,
            Key = $"State:/{id}",
            Family = IpAddress.Parse(router).Family,
            InterfaceName = link,
            Router = IpAddress.Parse(router),
            Addresses = new([Tables.Address(address)]),
            IsConfigured = id is "wifi" or "cable",
        };

    private static LiveTruth Says(string? primary, params TruthService[] services) =>
        new() { PrimaryV4 = primary, Services = services };

    private static RestoreInputs Inputs(
        LiveTruth now,
        string observed,
        string? baseline = null,
        LiveTruth? then = null,
        NetworkLink[]? links = null
    ) =>
        new()
        {
            Baseline = Tables.Parse(baseline ?? $"{Router}\n{Network}"),
            Observed = Tables.Parse(observed, links ?? []),
            Truth = now,
            TruthThen = then ?? Home,
            Tunnels = ["tun0"],
            HasSiblings = false,
        };

    private static Plan PlanFor(
        LiveTruth now,
        string observed,
        string? baseline = null,
        LiveTruth? then = null,
        NetworkLink[]? links = null
    ) => Planner.Restore(Inputs(now, observed, baseline, then, links));

    private static void AssertPlan(string expected, Plan plan) =>
        Assert.Equal(expected, plan.Describe(Tables.Parse("").Names));
}
