using System.Collections.Immutable;

namespace RouteGuard.Core.Routes;

/// <summary>An immutable snapshot of one moment: all routes, policy rules, interfaces and next-hop objects.</summary>
/// <remarks>
/// Routes are kept in the order of their keys, so lookup is a binary search and the difference of two tables is one
/// walk over both. A dump that names one key twice numbers the entries (see <see cref="Route.Ordinal"/>).
/// </remarks>
public sealed class RouteTable
{
    /// <summary>More entries of equal key than any sane table has; the rest is refused rather than
    /// misnumbered.</summary>
    public const int EntriesPerKeyMax = 255;

    /// <summary>
    /// Places by which insertion may move routes, for each route. Kernels dump nearly in order (each table by itself,
    /// of equal
    /// addresses the longest prefix first); a dump that is further from it than this is sorted from scratch.
    /// </summary>
    private const int MovesPerRouteMax = 64;

    private RouteTable(
        ImmutableArray<Route> routes,
        ImmutableArray<PolicyRule> rules,
        ImmutableArray<NetworkLink> links,
        ImmutableArray<NextHopObject> nextHops
    )
    {
        Routes = routes;
        Rules = rules;
        Links = links;
        NextHops = nextHops;
        Names = new(links.Select(link => KeyValuePair.Create(link.Index, link.Name)));
    }

    public static RouteTable Empty { get; } = new([], [], [], []);

    /// <summary>Ascending by <see cref="RouteOrder.ByKey"/>.</summary>
    public ImmutableArray<Route> Routes { get; }

    /// <summary>Ascending by family and priority; rules of equal priority in the kernel's order.</summary>
    public ImmutableArray<PolicyRule> Rules { get; }

    /// <summary>Ascending by index.</summary>
    public ImmutableArray<NetworkLink> Links { get; }

    /// <summary>Ascending by id.</summary>
    public ImmutableArray<NextHopObject> NextHops { get; }

    public InterfaceNames Names { get; }

    /// <summary>Makes a table from what a dump gave, in the order in which it came.</summary>
    /// <exception cref="ArgumentException">More than <see cref="EntriesPerKeyMax"/> routes share one key.</exception>
    public static RouteTable FromDump(
        IEnumerable<Route> routes,
        IEnumerable<PolicyRule>? rules = null,
        IEnumerable<NetworkLink>? links = null,
        IEnumerable<NextHopObject>? nextHops = null
    )
    {
        var sorted = routes.ToArray();
        if (!IsStrictlyAscending(sorted))
        {
            if (!TryInsertInOrder(sorted))
            {
                SortStably(sorted);
            }

            Number(sorted);
        }

        return new(
            ImmutableCollectionsMarshalAsImmutable(sorted),
            [.. (rules ?? []).OrderBy(rule => rule.Family).ThenBy(rule => rule.Priority ?? uint.MaxValue)],
            [.. (links ?? []).OrderBy(link => link.Index)],
            [.. (nextHops ?? []).OrderBy(nextHop => nextHop.Id)]
        );
    }

    public RouteTable WithRoutes(IEnumerable<Route> routes) => FromDump(routes, Rules, Links, NextHops);

    public RouteTable WithRules(IEnumerable<PolicyRule> rules) => FromDump(Routes, rules, Links, NextHops);

    public RouteTable WithLinks(IEnumerable<NetworkLink> links) => FromDump(Routes, Rules, links, NextHops);

    /// <summary>The entry with the key of <paramref name="like"/>, or null.</summary>
    public Route? Find(Route like)
    {
        var at = Routes.BinarySearch(like, RouteOrder.ByKey);
        return at < 0 ? null : Routes[at];
    }

    public NetworkLink? FindLink(InterfaceIndex index) => Links.FirstOrDefault(link => link.Index == index);

    public NetworkLink? FindLink(string name) =>
        Links.FirstOrDefault(link => string.Equals(link.Name, name, StringComparison.Ordinal));

    private static ImmutableArray<Route> ImmutableCollectionsMarshalAsImmutable(Route[] routes) =>
        System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(routes);

    private static bool IsStrictlyAscending(Route[] routes)
    {
        for (var at = 0; at < routes.Length; at++)
        {
            if (routes[at].Ordinal != 0 || (at > 0 && RouteOrder.CompareEntry(routes[at - 1], routes[at]) >= 0))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryInsertInOrder(Route[] routes)
    {
        var movesLeft = (long)routes.Length * MovesPerRouteMax;
        for (var at = 1; at < routes.Length; at++)
        {
            var route = routes[at];
            if (RouteOrder.CompareEntry(routes[at - 1], route) <= 0)
            {
                continue;
            }

            var place = FirstAfter(routes.AsSpan(0, at), route);
            movesLeft -= at - place;
            if (movesLeft < 0)
            {
                // What was moved so far keeps the order of equals: the sort may go on from here.
                return false;
            }

            Array.Copy(routes, place, routes, place + 1, at - place);
            routes[place] = route;
        }

        return true;
    }

    // The first place whose route comes after this one, so that equals stay in the kernel's order.
    private static int FirstAfter(ReadOnlySpan<Route> sorted, Route route)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (RouteOrder.CompareEntry(sorted[middle], route) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static void SortStably(Route[] routes)
    {
        // Equal keys must stay in the kernel's order: it is the order of preference.
        var position = new int[routes.Length];
        for (var at = 0; at < position.Length; at++)
        {
            position[at] = at;
        }

        var unsorted = (Route[])routes.Clone();
        Array.Sort(
            position,
            (x, y) =>
            {
                var order = RouteOrder.CompareEntry(unsorted[x], unsorted[y]);
                return order != 0 ? order : x.CompareTo(y);
            }
        );
        for (var at = 0; at < position.Length; at++)
        {
            routes[at] = unsorted[position[at]];
        }
    }

    private static void Number(Route[] routes)
    {
        var ordinal = 0;
        for (var at = 0; at < routes.Length; at++)
        {
            ordinal = at > 0 && RouteOrder.CompareEntry(routes[at - 1], routes[at]) == 0 ? ordinal + 1 : 0;
            if (ordinal > EntriesPerKeyMax)
            {
                throw new ArgumentException(
                    $"More than {EntriesPerKeyMax} routes share the key of {routes[at]}.",
                    nameof(routes)
                );
            }

            if (routes[at].Ordinal != ordinal)
            {
                routes[at] = routes[at] with { Ordinal = (byte)ordinal };
            }
        }
    }
}
