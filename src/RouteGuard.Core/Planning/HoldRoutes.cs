using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>Four routes that let no packet leave by a default, of either family.</summary>
/// <remarks>
/// Halves win over any default without removing it. What is more specific stays: the connected networks, and the path
/// to the VPN's server, by which it may come back.
/// </remarks>
public static class HoldRoutes
{
    private static readonly string[] Halves = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"];

    /// <param name="hasMetrics">True where an IPv6 route without a metric would be given one (Linux).</param>
    public static IReadOnlyList<Route> Of(bool hasMetrics) =>
        [.. Halves.Select(prefix => Unreachable(Prefix.Parse(prefix), hasMetrics))];

    /// <summary>What of an overlay lets no packet leave.</summary>
    public static Overlay In(Overlay overlay) =>
        Overlay.Empty with
        {
            OwnedRoutes = new(
                overlay.OwnedRoutes.Where(route =>
                    route is { NextHop: NextHop.Unreachable, Destination.Length: 1, Table: Route.TableMain }
                )
            ),
        };

    private static Route Unreachable(Prefix destination, bool hasMetrics) =>
        new()
        {
            Destination = destination,
            NextHop = new NextHop.Unreachable(),
            Metric = hasMetrics && destination.Family == IpFamily.V6 ? 1u : 0,
            Attributes = new() { Protocol = RouteProtocol.Static },
        };
}
