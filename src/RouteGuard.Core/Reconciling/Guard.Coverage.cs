using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>Whether all that a tunnel took still leaves by it, whatever routes it was split into.</content>
public sealed partial class Guard
{
    /// <summary>A longer table is not added up: its sum would cost more than a pass may.</summary>
    private const int CoverageRoutesMax = 50_000;

    private static readonly IpFamily[] Families = [IpFamily.V4, IpFamily.V6];

    /// <summary>What the last quiet look found; a look that answers a change at once has no time for sums.</summary>
    private IReadOnlyList<string> _coverageTold = [];

    // What leaves by the tunnel when its routes are in is what must leave by it later.
    private static void Promise(GuardedSession guarded, RouteTable table)
    {
        guarded.Promised.Clear();
        var tunnel = guarded.Session.TunnelIndex;
        if (guarded.Session.Phase != SessionPhase.Up || tunnel.IsNone || table.Routes.Length > CoverageRoutesMax)
        {
            return;
        }

        foreach (var family in Families)
        {
            if (Coverage.Of(table, tunnel, family) is { IsExact: true, Addresses.IsEmpty: false } coverage)
            {
                guarded.Promised[family] = coverage.Addresses;
            }
        }
    }

    private IReadOnlyList<string> FindLostCoverage(GuardedSession[] live, RouteTable table, bool isQuiet)
    {
        if (!isQuiet || table.Routes.Length > CoverageRoutesMax)
        {
            return isQuiet ? [] : _coverageTold;
        }

        List<string> lines = [];
        IReadOnlyList<Overlay> overlays = [.. live.Select(guarded => guarded.Session.Overlay)];
        foreach (var guarded in live.Where(guarded => guarded.Promised.Count > 0))
        {
            var tunnel = guarded.Session.TunnelIndex;
            var bypasses = Coverage.Bypasses(table, guarded.Baseline.Table, overlays, tunnel);
            lines.AddRange(
                bypasses
                    .Take(Bypass.ReportedMax)
                    .Select(bypass =>
                        $"leads past the tunnel: {RouteText.Print(bypass.Route, table.Names)} takes {bypass.Range}"
                    )
            );
            foreach (var (family, promised) in guarded.Promised)
            {
                // Another session's tunnel on top of this one is no loss.
                var now = live.Aggregate(
                    PrefixSet.Empty(family),
                    (sum, one) => sum.Union(Coverage.Of(table, one.Session.TunnelIndex, family).Addresses)
                );
                var lost = promised.Except(now);
                lost = bypasses.Aggregate(
                    lost,
                    (left, bypass) => bypass.Range.Family == family ? left.Except(bypass.Range) : left
                );
                if (!lost.IsEmpty)
                {
                    lines.Add($"leaves by {guarded.Session.Tunnel} no more: {lost}");
                }
            }
        }

        return _coverageTold = lines;
    }
}
