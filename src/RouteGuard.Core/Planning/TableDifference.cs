using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>What tells two tables apart, found in one walk over both.</summary>
/// <param name="Missing">In the first, not in the second.</param>
/// <param name="Extra">In the second, not in the first.</param>
/// <param name="Changed">The same key with another value.</param>
public sealed record TableDifference(
    IReadOnlyList<Route> Missing,
    IReadOnlyList<Route> Extra,
    IReadOnlyList<(Route Before, Route After)> Changed
)
{
    public static TableDifference Between(IReadOnlyList<Route> first, IReadOnlyList<Route> second)
    {
        List<Route> missing = [];
        List<Route> extra = [];
        List<(Route, Route)> changed = [];
        var left = 0;
        var right = 0;
        while (left < first.Count || right < second.Count)
        {
            var order =
                left == first.Count ? 1
                : right == second.Count ? -1
                : RouteOrder.ByKey.Compare(first[left], second[right]);
            if (order < 0)
            {
                missing.Add(first[left++]);
            }
            else if (order > 0)
            {
                extra.Add(second[right++]);
            }
            else
            {
                if (!first[left].HasValueOf(second[right]))
                {
                    changed.Add((first[left], second[right]));
                }

                left++;
                right++;
            }
        }

        return new(missing, extra, changed);
    }

    /// <summary>Where no two routes share a place, another next hop is a change and not another entry.</summary>
    public TableDifference WithoutSiblings()
    {
        List<Route> missing = [];
        var extra = Extra.ToList();
        var changed = Changed.ToList();
        foreach (var route in Missing)
        {
            // Link-local networks are on every interface, and each has its own.
            var there = route.Destination.Address.IsLinkLocal
                ? -1
                : extra.FindIndex(other => RouteOrder.ComparePlace(route, other) == 0);
            if (there < 0)
            {
                missing.Add(route);
                continue;
            }

            changed.Add((route, extra[there]));
            extra.RemoveAt(there);
        }

        return new(missing, extra, changed);
    }
}
