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
    private IReadOnlyList<Drift> _coverageTold = [];

    // What leaves by the tunnel when its routes are in is what must leave by it later.
    private static void Promise(GuardedSession guarded, RouteTable table)
    {
        guarded.Promised.Clear();
        guarded.Covered.Clear();
        var tunnel = guarded.Session.TunnelIndex;
        if (guarded.Session.Phase != SessionPhase.Up || tunnel.IsNone || table.Routes.Length > CoverageRoutesMax)
        {
            return;
        }

        foreach (var family in Families)
        {
            if (Coverage.Of(table, tunnel, family) is { IsExact: true, Addresses.IsEmpty: false } coverage)
            {
                var taken = coverage.Addresses;
                guarded.Promised[family] = new(taken, IsFull(guarded, taken), taken.ToString());
            }
        }
    }

    // A full tunnel leaves out its server, and networks to which the machine has a route of its own.
    private static bool IsFull(GuardedSession guarded, PrefixSet taken)
    {
        var own = guarded
            .Baseline.Table.Routes.Concat(guarded.Session.Overlay.OwnedRoutes)
            .Where(route => route.Family == taken.Family && route.Destination.Length > 1)
            .Select(route => route.Destination);
        return PublicSpace.Of(taken.Family).Except(taken).Except(PrefixSet.Of(taken.Family, own)).IsEmpty;
    }

    private IReadOnlyList<Drift> FindLostCoverage(GuardedSession[] live, RouteTable table, bool isQuiet)
    {
        if (!isQuiet || table.Routes.Length > CoverageRoutesMax)
        {
            return isQuiet ? [] : _coverageTold;
        }

        List<Drift> found = [];
        IReadOnlyList<Overlay> overlays = [.. live.Select(guarded => guarded.Session.Overlay)];
        foreach (var guarded in live.Where(guarded => guarded.Promised.Count > 0))
        {
            var tunnel = guarded.Session.TunnelIndex;
            var bypasses = Coverage.Bypasses(table, guarded.Baseline.Table, overlays, tunnel);
            found.AddRange(bypasses.Take(Bypass.ReportedMax).Select(bypass => Told(bypass, table.Names)));
            foreach (var (family, promised) in guarded.Promised)
            {
                // Another session's tunnel on top of this one is no loss.
                var now = live.Aggregate(
                    PrefixSet.Empty(family),
                    (sum, one) => sum.Union(Coverage.Of(table, one.Session.TunnelIndex, family).Addresses)
                );
                Bypass[] past = [.. bypasses.Where(bypass => bypass.Range.Family == family)];
                var lost = past.Aggregate(promised.Addresses.Except(now), (left, bypass) => left.Except(bypass.Range));
                guarded.Covered[family] = (lost, [.. past.Select(bypass => Past(bypass, table.Names))]);
                if (!lost.IsEmpty)
                {
                    found.Add(
                        new(family, DriftKind.Coverage, null, $"leaves by {guarded.Session.Tunnel} no more: {lost}")
                    );
                }
            }
        }

        return _coverageTold = found;
    }

    private Drift Told(Bypass bypass, InterfaceNames names) =>
        new(
            bypass.Range.Family,
            DriftKind.Bypass,
            _writers.GetValueOrDefault(bypass.Route.Destination),
            $"leads past the tunnel: {Past(bypass, names)}"
        );

    private static string Past(Bypass bypass, InterfaceNames names) =>
        $"{RouteText.Print(bypass.Route, names)} takes {bypass.Range}";
}
