using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>A route that came while the tunnel was up and leads past it.</summary>
/// <param name="Route">The route.</param>
/// <param name="Range">Public addresses that would leave by the tunnel, were it not for such routes.</param>
public sealed record Bypass(Route Route, PrefixSet Range)
{
    /// <summary>Reported at once; a network that adds more is known well enough by these.</summary>
    public const int ReportedMax = 64;

    internal static IEnumerable<Bypass> Find(
        IpFamily family,
        RouteTable table,
        RouteTable baseline,
        IReadOnlyList<Overlay> overlays,
        InterfaceIndex tunnel
    )
    {
        var suspects = table
            .Routes.Where(route =>
                route.Family == family
                && IsSuspect(route, table, baseline, tunnel)
                && !overlays.Any(overlay => overlay.Owns(route))
            )
            .ToHashSet();
        if (suspects.Count == 0)
        {
            return [];
        }

        var without = table.WithRoutes(table.Routes.Where(route => !suspects.Contains(route)));
        var lost = Coverage
            .Of(without, tunnel, family)
            .Addresses.Except(Coverage.Of(table, tunnel, family).Addresses)
            .Intersect(PublicSpace.Of(family));
        return suspects
            .Order(RouteOrder.ByKey)
            .Select(route => new Bypass(route, PrefixSet.Of(family, [route.Destination]).Intersect(lost)))
            .Where(bypass => !bypass.Range.IsEmpty)
            .Take(ReportedMax);
    }

    // A default that came is another network, not a bypass: roaming decides about it.
    private static bool IsSuspect(Route route, RouteTable table, RouteTable baseline, InterfaceIndex tunnel) =>
        !route.Destination.IsDefault
        && TableAnswers.CountsForAll(route)
        && route.NextHop.LeadsOut
        && !RouteOwnership.LeavesBy(route, tunnel)
        && IsPhysical(route.NextHop.Device, table, baseline)
        && !(baseline.Find(route) is { } known && known.NextHop == route.NextHop);

    // Another VPN's tunnel is no bypass; a line that is dialled is a point-to-point link that was there before.
    private static bool IsPhysical(InterfaceIndex device, RouteTable table, RouteTable baseline) =>
        table.FindLink(device) is not { } link
        || (!link.IsLoopback && (!link.IsPointToPoint || baseline.FindLink(link.Name) is not null));
}
