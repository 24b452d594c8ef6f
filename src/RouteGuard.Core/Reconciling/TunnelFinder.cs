using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>Finds the interface that a session's traffic goes into. Pure.</summary>
internal static class TunnelFinder
{
    /// <summary>What an interface of a VPN is made by (IFLA_INFO_KIND).</summary>
    private static readonly HashSet<string> TunnelKinds = new(StringComparer.Ordinal)
    {
        "tun",
        "wireguard",
        "ppp",
        "ipip",
        "gre",
        "gretap",
        "ip6tnl",
        "ip6gre",
        "sit",
        "vti",
        "vti6",
        "xfrm",
        "ovpn",
        "amneziawg",
    };

    /// <summary>The tunnel by its name; a reconnect may have made another, so else the new or tunnel-like interface
    /// that the session's routes use.</summary>
    public static NetworkLink? Find(string? declared, RouteTable baseline, RouteTable observed, Overlay overlay)
    {
        if (declared is not null && observed.FindLink(declared) is { } link)
        {
            return link;
        }

        var used = observed
            .Links.Where(one => overlay.OwnedRoutes.Any(route => RouteOwnership.LeavesBy(route, one.Index)))
            .ToArray();
        return used.FirstOrDefault(link => IsNew(link, baseline))
            ?? used.FirstOrDefault(IsTunnelLike)
            ?? (
                declared is null
                    ? OnlyOne([.. observed.Links.Where(one => IsNew(one, baseline) && IsTunnelLike(one))])
                    : null
            );
    }

    private static NetworkLink? OnlyOne(NetworkLink[] links) => links.Length == 1 ? links[0] : null;

    private static bool IsNew(NetworkLink link, RouteTable baseline) =>
        baseline.FindLink(link.Index)?.Name != link.Name;

    private static bool IsTunnelLike(NetworkLink link) =>
        TunnelKinds.Contains(link.Kind) || (link.IsPointToPoint && !link.IsLoopback);
}
