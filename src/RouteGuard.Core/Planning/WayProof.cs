using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Compares what a table promises with what the kernel answers when it is asked for the way. Pure.</summary>
/// <remarks>
/// A table that reads right may still not be what packets follow: a rule before it, a scoped entry. Asked are
/// both halves of each family, the gateways, and the hosts that sessions had routes to.
/// </remarks>
public static class WayProof
{
    /// <summary>More questions prove nothing more.</summary>
    public const int ProbesMax = 16;

    private static readonly IpAddress[] Halves =
    [
        IpAddress.Parse("1.0.0.1"),
        IpAddress.Parse("128.0.0.1"),
        IpAddress.Parse("2001:db8::1"),
        IpAddress.Parse("8000::1"),
    ];

    /// <summary>Addresses to ask for.</summary>
    public static IReadOnlyList<IpAddress> Probes(RouteTable table, IEnumerable<Route> touched) =>
        [
            .. Halves
                .Concat(table.Routes.Select(route => route.NextHop).OfType<NextHop.Via>().Select(via => via.Gateway))
                .Concat(touched.Where(route => route.Destination.IsHost).Select(route => route.Destination.Address))
                .Where(address => !address.IsLinkLocal && !address.IsMulticast)
                .Distinct()
                .Take(ProbesMax),
        ];

    /// <summary>What is not as promised, a sentence each.</summary>
    /// <param name="table">The table as it was read.</param>
    /// <param name="probes">Addresses to ask for.</param>
    /// <param name="wayTo">The kernel: the interface that a packet would leave by, or null when it would not.</param>
    public static IReadOnlyList<string> Differences(
        RouteTable table,
        IReadOnlyList<IpAddress> probes,
        Func<IpAddress, InterfaceIndex?> wayTo
    )
    {
        if (table.Rules.Any(rule => rule.Protocol != RouteProtocol.Kernel))
        {
            // Then the tables alone promise nothing.
            return [];
        }

        List<string> differences = [];
        foreach (var probe in probes)
        {
            if (Promised(table, probe) is { } promised && wayTo(probe) is var found && found != promised)
            {
                differences.Add(
                    $"a packet to {probe} goes {(found is { } by ? $"by {table.Names.NameOf(by)}" : "nowhere")} and not by {table.Names.NameOf(promised)}"
                );
            }
        }

        return differences;
    }

    // Null where the table's words do not name one interface.
    private static InterfaceIndex? Promised(RouteTable table, IpAddress address)
    {
        var best = table
            .Routes.Where(route =>
                route.Table == Route.TableMain
                && route.ScopeInterface.IsNone
                && route is { Tos: 0, Attributes.Source: null }
                && route.Destination.Contains(address)
            )
            .OrderByDescending(route => route.Destination.Length)
            .ThenBy(route => route.Metric)
            .ThenBy(route => route.Ordinal)
            .FirstOrDefault();
        return best?.NextHop is NextHop.Via or NextHop.OnLink ? best.NextHop.Device : null;
    }
}
