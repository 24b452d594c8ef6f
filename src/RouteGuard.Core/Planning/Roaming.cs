using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>Finds out that the machine came to another network while a session lives, and what that makes of baseline
/// and overlays. Pure.</summary>
/// <param name="Baseline">The machine without any session, on the network where it stands now.</param>
/// <param name="Overlays">The overlays over that baseline, in the order in which they were given.</param>
/// <param name="Obsolete">What the sessions had made over the network before, and no overlay has now.</param>
public sealed record Roaming(RouteTable Baseline, IReadOnlyList<Overlay> Overlays, IReadOnlyList<Route> Obsolete)
{
    /// <returns>Null while the machine stands where the baseline was taken, and while it stands nowhere.</returns>
    public static Roaming? Find(RestoreInputs machine, IReadOnlyList<Overlay> overlays)
    {
        var moved = machine.Truth.IsKnown ? MovedByTruth(machine) : MovedByWhatIsSeen(machine, overlays);
        if (moved is null)
        {
            return null;
        }

        var rebased = overlays.Select(overlay => Rebase(overlay, machine.Baseline, moved)).ToArray();
        var kept = rebased.SelectMany(overlay => overlay.OwnedRoutes).ToArray();
        var obsolete = overlays
            .SelectMany(overlay => overlay.OwnedRoutes)
            .Where(route => !kept.Any(other => other.IsSameAs(route)))
            .ToArray();
        return new(moved, rebased, obsolete);
    }

    private static RouteTable? MovedByTruth(RestoreInputs machine)
    {
        var identity = new NetworkIdentity(machine.Baseline, machine.Observed);
        var today = new TodaysBaseline(machine, identity);
        var before = Defaults(machine.Baseline.Routes.Select(identity.Today));
        var now = Defaults(today.Routes);
        var isElsewhere = now.Any(route => today.IsTrusted(route) && !before.Any(other => IsSameWay(other, route)));
        return isElsewhere ? RouteTable.FromDump(Bare(today.Routes), links: machine.Observed.Links) : null;
    }

    // No manager to ask: a default that no session made, over a link that is no session's, is where the machine is.
    private static RouteTable? MovedByWhatIsSeen(RestoreInputs machine, IReadOnlyList<Overlay> overlays)
    {
        var identity = new NetworkIdentity(machine.Baseline, machine.Observed);
        var known = Defaults(machine.Baseline.Routes).Select(identity.Today).ToArray();
        var seen = Defaults(machine.Observed.Routes)
            .Where(route =>
                IsOwnWayOut(route, machine, overlays) && !Array.Exists(known, other => IsKnownWay(other, route))
            )
            .ToArray();
        if (seen.Length == 0)
        {
            return null;
        }

        var kept = machine.Baseline.Routes.Where(route =>
            route.Destination.IsDefault && Array.Exists(seen, other => other.Family == route.Family)
                ? IsStillDefault(route, seen, identity)
                : IsAway(route, machine)
                    || identity.WhyNot(route) is null
                    || machine.Observed.Find(identity.Today(route))?.IsSameAs(identity.Today(route)) == true
        );
        var routes = kept.Select(identity.Today)
            .Where(route => !Array.Exists(seen, other => RouteOrder.CompareEntry(other, route) == 0))
            .Concat(seen);
        var links = machine
            .Observed.Links.Where(link => link.IsUp)
            .UnionBy(machine.Baseline.Links, link => link.Name, StringComparer.Ordinal);
        return RouteTable.FromDump(Bare(routes), machine.Baseline.Rules, links, machine.Baseline.NextHops);
    }

    // By hand, a known gateway is given another metric; it is no other network for that.
    private static bool IsKnownWay(Route known, Route route) =>
        IsSameWay(known, route) || (RouteOwnership.IsHandMade(route) && known.NextHop == route.NextHop);

    private static bool IsOwnWayOut(Route route, RestoreInputs machine, IReadOnlyList<Overlay> overlays)
    {
        var link = machine.Observed.FindLink(route.NextHop.Device);
        return route.Table == Route.TableMain
            && route.NextHop is NextHop.Via or NextHop.OnLink
            && link is { IsUsable: true, IsLoopback: false }
            && !machine.Tunnels.Contains(link.Name, StringComparer.Ordinal)
            && (!link.IsPointToPoint || machine.Baseline.FindLink(link.Name) is not null)
            && !overlays.Any(overlay => overlay.OwnedRoutes.Any(owned => IsOwnOrRivals(owned, route)));
    }

    // What a person or another VPN put in the place of a session's default is drift: no network does that.
    private static bool IsOwnOrRivals(Route owned, Route route) =>
        owned.IsSameAs(route) || (RouteOwnership.IsHandMade(route) && RouteOrder.ComparePlace(owned, route) == 0);

    // Its place may have been given to another gateway; or it is only hidden, or gone for a moment.
    private static bool IsStillDefault(Route route, Route[] seen, NetworkIdentity identity) =>
        identity.WhyNot(route) is null
        && !Array.Exists(seen, other => RouteOrder.ComparePlace(other, identity.Today(route)) == 0);

    // What is down or gone may come back; what is up with another address is another network.
    private static bool IsAway(Route route, RestoreInputs machine) =>
        machine.Baseline.FindLink(route.NextHop.Device) is { } stored
        && machine.Observed.FindLink(stored.Name) is not { IsUp: true };

    private static Overlay Rebase(Overlay overlay, RouteTable before, RouteTable after)
    {
        var owned = overlay.OwnedRoutes.Select(route => Repoint(route, before, after) ?? route).ToArray();
        var lost = Defaults(before.Routes)
            .Where(route => !Defaults(after.Routes).Any(other => IsSameWay(route, other)));
        var taken = overlay.TakenRoutes.Where(route => !lost.Any(other => IsSameWay(route, other)));
        var hidden = Defaults(after.Routes)
            .Where(route => Array.Exists(owned, other => RouteOrder.ComparePlace(other, route) == 0));
        return overlay with
        {
            OwnedRoutes = new(owned),
            TakenRoutes = new(taken.Concat(hidden).DistinctBy(route => route.ToString(), StringComparer.Ordinal)),
        };
    }

    // A route by the gateway of a default that is gone goes by the gateway of the one that came.
    private static Route? Repoint(Route route, RouteTable before, RouteTable after)
    {
        if (route.NextHop is not NextHop.Via via)
        {
            return null;
        }

        var old = Defaults(before.Routes).FirstOrDefault(one => one.Family == route.Family && one.NextHop == via);
        var isGone = old is not null && !Defaults(after.Routes).Any(one => one.NextHop == via);
        var now = Defaults(after.Routes)
            .Where(one => one.Family == route.Family && one.NextHop is NextHop.Via && one.ScopeInterface.IsNone)
            .MinBy(one => one.Metric);
        return isGone && now?.NextHop is NextHop.Via way
            ? route with
            {
                NextHop = way,
                ScopeInterface = route.ScopeInterface.IsNone ? InterfaceIndex.None : way.Device,
                Attributes = route.Attributes with
                {
                    PreferredSource = route.Attributes.PreferredSource is null ? null : now.Attributes.PreferredSource,
                },
            }
            : null;
    }

    private static IEnumerable<Route> Defaults(IEnumerable<Route> routes) =>
        routes.Where(route => route.Destination.IsDefault && route.ScopeInterface.IsNone);

    private static IEnumerable<Route> Bare(IEnumerable<Route> routes) =>
        routes.Select(route => route.Ordinal == 0 ? route : route with { Ordinal = 0 });

    private static bool IsSameWay(Route one, Route other) =>
        RouteOrder.ComparePlace(one, other) == 0 && one.NextHop == other.NextHop;
}
