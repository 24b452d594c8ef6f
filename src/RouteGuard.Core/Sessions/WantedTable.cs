using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Sessions;

/// <summary>Baseline and overlay together: what the table should be while the sessions live. Pure.</summary>
public static class WantedTable
{
    /// <param name="sessions">Open sessions, oldest first; at least one.</param>
    public static RouteTable Of(IReadOnlyList<StoredSession> sessions)
    {
        var table = sessions[0].Baseline.Table;
        foreach (var overlay in sessions.Select(one => one.Session.Overlay))
        {
            var kept = table.Routes.Where(route =>
                !overlay.TakenRoutes.Any(taken => taken.IsSameAs(route))
                && !overlay.OwnedRoutes.Any(owned => RouteOrder.ByKey.Compare(owned, route) == 0)
            );
            table = table
                .WithRoutes(kept.Concat(overlay.OwnedRoutes).Select(route => route with { Ordinal = 0 }))
                .WithRules(table.Rules.Except(overlay.TakenRules).Union(overlay.OwnedRules));
        }

        return table;
    }
}
