using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Linux;

/// <summary>Is what the kernel says it removed what it was asked to remove?</summary>
/// <remarks>
/// Its key for a deletion is coarser than our identity. A metric 0, a missing preferred source, a missing gateway
/// (IPv6) or a
/// missing selector of a rule means "any" there (net/ipv4/fib_trie.c:fib_table_delete, net/ipv6/route.c:ip6_route_del,
/// net/core/fib_rules.c:rule_find).
/// </remarks>
internal static class EntryComparison
{
    /// <summary>IP6_RT_PRIO_USER: what the kernel makes of no metric for IPv6.</summary>
    private const uint MetricUnlessGivenV6 = 1024;

    public static uint MetricOf(Route route) =>
        route is { Family: IpFamily.V6, Metric: 0 } ? MetricUnlessGivenV6 : route.Metric;

    /// <summary>True when the removed entry is the one that the step names.</summary>
    public static bool IsMeant(PlanStep step, PlanStep removed) =>
        (step, removed) switch
        {
            (PlanStep.DeleteRoute asked, PlanStep.AddRoute taken) => IsMeant(asked.Route, taken.Route),
            (PlanStep.DeleteRule asked, PlanStep.AddRule taken) => asked.Rule == taken.Rule,
            _ => true,
        };

    // An IPv6 multipath route is removed leg by leg, by gateway and device: that is exact.
    private static bool IsMeant(Route asked, Route taken) =>
        asked is { Family: IpFamily.V6, NextHop: NextHop.Multipath }
        || (
            asked.Destination == taken.Destination
            && asked.Table == taken.Table
            && asked.Tos == taken.Tos
            && MetricOf(asked) == MetricOf(taken)
            && asked.NextHop.Equals(taken.NextHop)
            && asked.Attributes.SameAs(taken.Attributes)
            && (asked.Family == IpFamily.V6 || RouteScope.Of(asked) == RouteScope.Of(taken))
        );
}
