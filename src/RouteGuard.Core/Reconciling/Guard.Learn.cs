using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>What a session did: learned by looking, or declared.</content>
public sealed partial class Guard
{
    // The ledger of a declared overlay: what the baseline had already is adopted, and never deleted for the session.
    private static void Declare(GuardedSession guarded, IReadOnlyList<Route> routes, RouteTable table)
    {
        var baseline = guarded.Baseline.Table;
        var owned = routes.Where(route => !baseline.Routes.Any(known => known.IsSameAs(route)));
        guarded.Session = guarded.Session with
        {
            Overlay = (guarded.Session.Overlay with { OwnedRoutes = new(owned) }).AsKept(table),
        };
    }

    private void Learn(GuardedSession guarded, RouteTable table)
    {
        if (guarded.Session.Phase == SessionPhase.Up)
        {
            LearnMore(guarded, table);
            return;
        }

        if (!IsLearner(guarded))
        {
            LearnByTunnel(guarded, table);
            return;
        }

        var before = guarded.Session;
        LearnAll(guarded, table);
        if (guarded.Session != before)
        {
            guarded.ChangedAt = time.GetUtcNow();
            Save(guarded);
        }
        else if (guarded.ChangedAt is { } changed && time.GetUtcNow() - changed >= _options.UpAfterQuiet)
        {
            guarded.ChangedAt = null;
            if (!guarded.Session.Overlay.IsEmpty)
            {
                guarded.Session = guarded.Session with { Phase = SessionPhase.Up };
                guarded.WroteItself.Clear();
                Save(guarded);
                Note(JournalKind.SessionUp, guarded.Session.Id, "its routes were quiet", OverlayLines(guarded, table));
                Announce(guarded, table);
            }
        }
    }

    private void LearnAll(GuardedSession guarded, RouteTable table)
    {
        var overlay = OverlayLearner.Learn(guarded.Baseline.Table, table, OverlaysOfOthers(guarded)) with
        {
            Resolver = LearnResolver(guarded),
        };
        overlay = MayBeAnothers(guarded) ? OverlayLearner.WithoutDoubtful(overlay) : overlay;
        guarded.Session = WithTunnel(guarded, table, overlay);
    }

    private void LearnMore(GuardedSession guarded, RouteTable table)
    {
        var overlay = WithMore(guarded, guarded.Session, table);
        overlay = overlay.Resolver is null ? overlay with { Resolver = LearnResolver(guarded) } : overlay;
        var learned = WithTunnel(guarded, table, overlay);
        if (learned != guarded.Session)
        {
            guarded.Session = learned;
            Save(guarded);
        }
    }

    // What came since its overlay was known and can only be its.
    private Overlay WithMore(GuardedSession guarded, Session session, RouteTable table) =>
        OverlayLearner.LearnMore(
            session.Overlay,
            guarded.Baseline.Table,
            table,
            session.TunnelIndex,
            OverlaysOfOthers(guarded),
            MayBeAnothers(guarded)
        );

    // Of several that come up only the last takes what cannot be told: the others wait, and own what leads into the
    // tunnel that they named.
    private bool IsLearner(GuardedSession guarded) =>
        guarded.Session.Phase == SessionPhase.Begun && _sessions.FindLast(IsComing) == guarded;

    // Until a session that died while it came up is restored, what it did is not another's.
    private static bool IsComing(GuardedSession guarded) =>
        guarded.Session.Phase == SessionPhase.Begun
        || (guarded.DiedComing && guarded.Session.Phase == SessionPhase.Restoring);

    // Another one comes up too, and its tunnel is there: what nobody saw come may be its.
    private bool IsAnotherAtWork(GuardedSession guarded, RouteTable table) =>
        _sessions.Exists(other =>
            other != guarded
            && IsComing(other)
            && other.Session.Tunnel is { } tunnel
            && table.FindLink(tunnel) is not null
        );

    private void LearnByTunnel(GuardedSession guarded, RouteTable table)
    {
        var before = guarded.Session;
        var learned = WithTunnel(guarded, table, before.Overlay);
        guarded.Session = learned with { Overlay = WithMore(guarded, learned, table).AsKept(table) };
        if (guarded.Session != before)
        {
            Save(guarded);
        }
    }

    private Baselines.ResolverSettings? LearnResolver(GuardedSession guarded)
    {
        var now = ports.Dns.Read().Settings;
        return now is null || now == guarded.Baseline.Resolver ? null : now;
    }

    private static Session WithTunnel(GuardedSession guarded, RouteTable table, Overlay overlay)
    {
        var session = guarded.Session with { Overlay = overlay };
        var tunnel = TunnelFinder.Find(session.Tunnel, guarded.Baseline.Table, table, overlay);
        if (tunnel is null)
        {
            return session;
        }

        guarded.TunnelWasUsable |= tunnel.IsUsable;
        return session with { Tunnel = tunnel.Name, TunnelIndex = tunnel.Index };
    }

    // Whatever became of their sessions, these routes are not another's.
    private IReadOnlyList<Overlay> OverlaysOfOthers(GuardedSession guarded) =>
        [.. _sessions.Where(other => other != guarded && !IsLearner(other)).Select(other => other.Session.Overlay)];

    // While another VPN comes up, a new host route may lead to its server.
    private bool MayBeAnothers(GuardedSession guarded) =>
        _sessions.Exists(other => other != guarded && IsComing(other));

    private IReadOnlyList<Overlay> OverlaysBeside(GuardedSession guarded) =>
        [.. _sessions.Where(other => other != guarded && !IsBroken(other)).Select(other => other.Session.Overlay)];

    private static IReadOnlyList<string> OverlayLines(GuardedSession guarded, RouteTable table)
    {
        var overlay = guarded.Session.Overlay;
        return
        [
            .. Cut(overlay.TakenRoutes, route => $"took {RouteText.Print(route, table.Names)}"),
            .. Cut(overlay.OwnedRoutes, route => $"made {RouteText.Print(route, table.Names)}"),
            .. Cut(overlay.TakenRules, rule => $"took rule {rule}"),
            .. Cut(overlay.OwnedRules, rule => $"made rule {rule}"),
        ];
    }
}
