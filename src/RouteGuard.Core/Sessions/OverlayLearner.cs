using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Sessions;

/// <summary>Finds out what a session changed, by comparing its baseline with what is there now. Pure.</summary>
public static class OverlayLearner
{
    /// <summary>Everything hand-made that is new since the baseline is the session's: we watched it come.</summary>
    /// <param name="baseline">Before.</param>
    /// <param name="observed">Now.</param>
    /// <param name="foreign">Routes of other live sessions: not this one's.</param>
    public static Overlay Learn(RouteTable baseline, RouteTable observed, IReadOnlyList<Overlay> foreign)
    {
        var difference = TableDifference.Between(baseline.Routes, observed.Routes);
        var added = difference.Extra.Concat(difference.Changed.Select(pair => pair.After));
        var removed = difference.Missing.Concat(difference.Changed.Select(pair => pair.Before));
        return new(
            new(added.Where(route => MayOwn(route) && !IsOwnedBy(route, foreign))),
            new(removed.Where(route => !RouteOwnership.IsKernelOwned(route) && !IsTakenBy(route, foreign))),
            new(
                observed.Rules.Where(rule =>
                    RouteOwnership.IsHandMade(rule)
                    && !baseline.Rules.Contains(rule)
                    && !foreign.Any(other => other.OwnedRules.Contains(rule))
                )
            ),
            new(baseline.Rules.Where(rule => !observed.Rules.Contains(rule))),
            null
        );
    }

    /// <summary>
    /// Adds what came after the overlay was known and can only be the session's: routes into its tunnel, and host
    /// routes
    /// by the baseline's own gateway, unless another session comes up and they may be its. Nothing that the overlay
    /// knows is forgotten.
    /// </summary>
    public static Overlay LearnMore(
        Overlay known,
        RouteTable baseline,
        RouteTable observed,
        InterfaceIndex tunnel,
        IReadOnlyList<Overlay> foreign,
        bool mayBeAnothers = false
    )
    {
        var difference = TableDifference.Between(baseline.Routes, observed.Routes);
        var knownAt = known.OwnedRoutes.ToLookup(owned => owned.Destination);
        var more = difference
            .Extra.Concat(difference.Changed.Select(pair => pair.After))
            .Where(route =>
                MayOwn(route)
                && (
                    RouteOwnership.LeavesBy(route, tunnel)
                    || (!mayBeAnothers && RouteOwnership.IsServerRoute(route, baseline))
                )
                && !knownAt[route.Destination].Any(owned => owned.IsSameAs(route))
                && !IsOwnedBy(route, foreign)
            )
            .ToArray();
        return more.Length == 0 ? known : known with { OwnedRoutes = new(known.OwnedRoutes.Concat(more)) };
    }

    /// <summary>
    /// For a session whose overlay nobody saw (both sides died before it was known): only what bears the marks of a
    /// VPN.
    /// </summary>
    public static Overlay LearnAfterwards(
        RouteTable baseline,
        RouteTable observed,
        InterfaceIndex tunnel,
        IReadOnlyList<Overlay> foreign
    )
    {
        var all = Learn(baseline, observed, foreign);
        var baselineTables = baseline.Rules.Select(rule => rule.Table).ToHashSet();
        return all with
        {
            TakenRoutes = new(all.TakenRoutes.Where(route => !RouteOwnership.IsOfRoutingProgram(route))),
            OwnedRoutes = new(
                all.OwnedRoutes.Where(route =>
                    RouteOwnership.LeavesBy(route, tunnel) || RouteOwnership.IsServerRoute(route, baseline)
                )
            ),
            OwnedRules = new(all.OwnedRules.Where(rule => IsLeftBehind(rule, observed, tunnel, baselineTables))),
        };
    }

    /// <summary>
    /// For a session that came up beside another one: what it took away without putting its own in the place may have
    /// been taken by the other.
    /// </summary>
    public static Overlay WithoutDoubtful(Overlay learned) =>
        learned with
        {
            TakenRoutes = new(
                learned.TakenRoutes.Where(taken =>
                    learned.OwnedRoutes.Any(owned =>
                        owned.Table == taken.Table && owned.Destination == taken.Destination
                    )
                )
            ),
        };

    /// <summary>
    /// For a session that comes up while another one dies: a dying program gives its machine a way out back by hand,
    /// and that is not the living one's work.
    /// </summary>
    public static Overlay WithoutGivenBack(Overlay learned, Overlay dying) =>
        learned with
        {
            OwnedRoutes = new(
                learned.OwnedRoutes.Where(route =>
                    !dying.TakenRoutes.Any(taken =>
                        taken.Table == route.Table
                        && taken.Destination == route.Destination
                        && taken.NextHop == route.NextHop
                        && route.Metric <= taken.Metric
                    )
                )
            ),
        };

    // wg-quick's pair: a lookup in a table of its own that leads nowhere else by now, and the one that suppresses the
    // default of main.
    private static bool IsLeftBehind(
        PolicyRule rule,
        RouteTable observed,
        InterfaceIndex tunnel,
        HashSet<uint> baselineTables
    ) =>
        rule.Action == PolicyRule.ActionLookup
        && (
            rule.SuppressPrefixLength is not null
            || (
                !baselineTables.Contains(rule.Table)
                && !observed.Routes.Any(route => route.Table == rule.Table && !RouteOwnership.LeavesBy(route, tunnel))
            )
        );

    private static bool MayOwn(Route route) => !RouteOwnership.IsKernelOwned(route) && RouteOwnership.IsHandMade(route);

    private static bool IsOwnedBy(Route route, IReadOnlyList<Overlay> others) => others.Any(other => other.Owns(route));

    private static bool IsTakenBy(Route route, IReadOnlyList<Overlay> others) =>
        others.Any(other => other.TakenRoutes.Any(taken => taken.IsSameAs(route)));
}
