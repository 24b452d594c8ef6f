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
}
