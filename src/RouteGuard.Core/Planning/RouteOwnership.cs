using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Whose route is it? The first question of every step.</summary>
public static class RouteOwnership
{
    /// <summary>True for what the kernel makes and keeps by itself; such an entry is never a step.</summary>
    /// <remarks>Connected networks follow their address; local, broadcast, anycast and multicast entries
    /// likewise.</remarks>
    public static bool IsKernelOwned(Route route) =>
        IsBookkeeping(route)
        || route.Attributes.Protocol is RouteProtocol.Kernel or RouteProtocol.Redirect
        || route.Destination.Address.IsMulticast;

    /// <summary>True for the kernel's entries about own, broadcast and group addresses, which lead nowhere: nobody asks
    /// for them who asks for ways out.</summary>
    public static bool IsBookkeeping(Route route) =>
        route.NextHop is NextHop.Special || route.Table == Route.TableLocal;

    /// <summary>True when the route says that a person, a script or a VPN installed it, and no routing
    /// program.</summary>
    /// <remarks>rtm_protocol unspec, boot (what iproute2 and OpenVPN write) and static.</remarks>
    public static bool IsHandMade(Route route) =>
        route.Attributes.Protocol is RouteProtocol.Unspecified or RouteProtocol.Boot or RouteProtocol.Static;

    /// <summary>True when a routing program installed it: it writes and withdraws its routes itself.</summary>
    /// <inheritdoc cref="RouteProtocol.IsRoutingProgram"/>
    public static bool IsOfRoutingProgram(Route route) => RouteProtocol.IsRoutingProgram(route.Attributes.Protocol);

    /// <summary>The same, for a rule: FRA_PROTOCOL of ip(8) is unspec, of some programs boot or static.</summary>
    public static bool IsHandMade(PolicyRule rule) =>
        rule.Protocol is RouteProtocol.Unspecified or RouteProtocol.Boot or RouteProtocol.Static;

    /// <summary>True when some packet that takes the route leaves by this interface.</summary>
    public static bool LeavesBy(Route route, InterfaceIndex device) =>
        !device.IsNone
        && (
            route.NextHop.Device == device
            || (route.NextHop is NextHop.Multipath multipath && multipath.Legs.Any(leg => leg.Device == device))
        );

    /// <summary>A host route by a gateway that also is the gateway of a default of the baseline: how a VPN keeps its
    /// server reachable. With that default in place the route changes nothing, so removing it harms nobody.</summary>
    public static bool IsServerRoute(Route route, RouteTable baseline) =>
        route.Destination.IsHost
        && IsHandMade(route)
        && route.NextHop is NextHop.Via via
        && baseline.Routes.Any(known =>
            known.Destination.IsDefault
            && known.Family == route.Family
            && known.NextHop is NextHop.Via gateway
            && gateway.Gateway == via.Gateway
            && gateway.Device == via.Device
        );
}
