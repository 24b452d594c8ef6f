using RouteGuard.Core.Baselines;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>What one table says of each family: who has the default, how the VPN's server is reached, whether the
/// baseline still holds. Pure.</summary>
public static class FamilyCheck
{
    /// <summary>Two addresses of each family that tell how all others leave.</summary>
    /// <remarks>
    /// One in each half, since a VPN may take the halves and leave the default where it is; of IPv6 only 2000::/3 is in
    /// use (RFC 4291). No host route of a name server or a VPN's server is likely to hold one of these, and every split
    /// of a full tunnel does.
    /// </remarks>
    public static IReadOnlyList<(IpFamily Family, IpAddress One, IpAddress Other)> Parts { get; } =
    [
        (IpFamily.V4, IpAddress.Parse("1.255.255.254"), IpAddress.Parse("223.255.255.254")),
        (IpFamily.V6, IpAddress.Parse("2000::1:0"), IpAddress.Parse("3000::1")),
    ];

    /// <param name="table">As it was read last.</param>
    /// <param name="open">Open sessions with their baselines, oldest first.</param>
    /// <param name="family">Which.</param>
    public static DefaultPath PathOf(RouteTable table, IReadOnlyList<StoredSession> open, IpFamily family)
    {
        var (_, one, another) = Parts.First(part => part.Family == family);
        var route = Lookup.Of(table, one).Winner;
        var other = Lookup.Of(table, another).Winner;
        var isWhole = route?.NextHop == other?.NextHop;
        if (route is null)
        {
            return new(null, null, null, null, isWhole);
        }

        var owner = RouteOwner.Of(route, open);
        var leaves = route.NextHop.LeadsOut;
        return new(
            leaves ? owner.Kind : null,
            owner.Session,
            leaves && !route.NextHop.Device.IsNone ? table.Names.NameOf(route.NextHop.Device) : null,
            RouteText.Print(route, table.Names),
            isWhole
        );
    }

    /// <summary>The way to the server of the newest session that has a host route to one.</summary>
    public static ServerPath? ServerOf(RouteTable table, IReadOnlyList<StoredSession> open, IpFamily family)
    {
        foreach (var one in open.Reverse())
        {
            var gateways = WaysOut(one.Baseline.Table, family).Select(route => route.NextHop).ToHashSet();
            var server = one.Session.Overlay.OwnedRoutes.FirstOrDefault(route =>
                route.Family == family
                && route.Destination.IsHost
                && route.NextHop is NextHop.Via
                && gateways.Contains(route.NextHop)
            );
            if (server is not null)
            {
                var address = server.Destination.Address;
                var way = Lookup.Of(table, address).Winner;
                var leaves = way?.NextHop.LeadsOut == true;
                return new(
                    address,
                    leaves ? table.Names.NameOf(way!.NextHop.Device) : null,
                    leaves && !RouteOwnership.LeavesBy(way!, one.Session.TunnelIndex)
                );
            }
        }

        return null;
    }

    /// <summary>Whether the machine's own way out could be put back now.</summary>
    /// <returns>A sentence, or null when it could, or when the baseline has none.</returns>
    public static string? WhyNotRestorable(RouteTable table, RouteTable baseline, IpFamily family)
    {
        var identity = new NetworkIdentity(baseline, table);
        string? why = null;
        foreach (var route in WaysOut(baseline, family))
        {
            if (table.Find(identity.Today(route))?.HasValueOf(identity.Today(route)) == true)
            {
                return null;
            }

            var reason = identity.WhyNot(route);
            if (reason is null)
            {
                return null;
            }

            why ??= reason;
        }

        return why;
    }

    /// <summary>Routes that lead all addresses of a family out, or a half of them.</summary>
    public static IEnumerable<Route> WaysOut(RouteTable table, IpFamily family) =>
        table.Routes.Where(route =>
            route.Family == family && route.Destination.Length <= 1 && route.ScopeInterface.IsNone
        );
}
