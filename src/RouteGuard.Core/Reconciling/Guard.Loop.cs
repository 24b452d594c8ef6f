using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>The turn: wait, take in what happened, do what is due.</content>
public sealed partial class Guard
{
    public void Load()
    {
        var stored = ports.Store.Load();
        _startFaults.AddRange(stored.Faults);
        foreach (var (session, baseline) in stored.Sessions.Select(found => (found.Session, found.Baseline)))
        {
            if (!string.Equals(session.BootId, ports.Machine.BootId, StringComparison.Ordinal))
            {
                Close(new(session, baseline), "the machine was started anew since; its routes are gone");
                continue;
            }

            _sessions.Add(new(session, baseline) { TunnelWasUsable = !session.TunnelIndex.IsNone });
        }
    }

    public void Start()
    {
        Load();
        var table = Observe();
        foreach (var guarded in _sessions.ToArray())
        {
            Note(JournalKind.Note, guarded.Session.Id, "taken up again after a restart of the guard");
            if (guarded.Session.Phase == SessionPhase.Restoring)
            {
                Restore([guarded], "an unfinished restore was found");
            }
            else if (WhyDead(guarded, table) is { } sign)
            {
                Die(guarded, sign);
            }
            else
            {
                guarded.IsWatched = true;
                Arm(guarded, table);
            }
        }
    }

    public void RunOnce(TimeSpan waitMax)
    {
        _events.Clear();
        ports.Events.Wait(WaitFor(waitMax), _events);
        foreach (var happened in _events)
        {
            TakeIn(happened);
        }

        RetryDue();
        if (IsPassDue())
        {
            Pass();
        }
    }

    private void TakeIn(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.LinkChanged { IsUsable: true } link:
                foreach (var guarded in _sessions.Where(guarded => IsDeclaredTunnelOf(guarded, link)))
                {
                    // It may die before the next look, so its number is taken from the event.
                    guarded.Session = guarded.Session with
                    {
                        TunnelIndex = link.Index,
                    };
                    guarded.TunnelWasUsable = true;
                }

                break;
            case KernelEvent.LinkChanged { IsUsable: false } link:
                foreach (var guarded in _sessions.Where(guarded => IsTunnelOf(guarded, link)).ToArray())
                {
                    Die(guarded, link.IsGone ? $"its tunnel {link.Name} is gone" : $"its tunnel {link.Name} went down");
                }

                break;
            case KernelEvent.ProcessExited exited:
                foreach (var guarded in _sessions.Where(guarded => guarded.Session.Owner == exited.Process).ToArray())
                {
                    Die(guarded, $"its process {exited.Process.Pid} ended");
                }

                break;
            default:
                break;
        }

        if (_sessions.Count > 0)
        {
            _lastHintAt = time.GetUtcNow();
            _firstHintAt ??= _lastHintAt;
        }
    }

    private static bool IsDeclaredTunnelOf(GuardedSession guarded, KernelEvent.LinkChanged link) =>
        guarded.Session.Phase == SessionPhase.Begun
        && guarded.Session.TunnelIndex.IsNone
        && string.Equals(guarded.Session.Tunnel, link.Name, StringComparison.Ordinal);

    private static bool IsTunnelOf(GuardedSession guarded, KernelEvent.LinkChanged link) =>
        guarded.TunnelWasUsable
        && guarded.Session.TunnelIndex == link.Index
        && guarded.Session.Phase != SessionPhase.Restoring;

    private TimeSpan WaitFor(TimeSpan waitMax)
    {
        var now = time.GetUtcNow();
        var due = now + waitMax;
        foreach (var at in DueTimes())
        {
            due = at < due ? at : due;
        }

        return due > now ? due - now : TimeSpan.Zero;
    }

    private IEnumerable<DateTimeOffset> DueTimes()
    {
        if (_sessions.Count == 0)
        {
            yield break;
        }

        yield return (_lastPassAt ?? DateTimeOffset.MinValue) + options.AuditEvery;
        if (_firstHintAt is { } first && _lastHintAt is { } last)
        {
            yield return Earlier(last + options.CoalesceFor, first + options.CoalesceMax);
        }

        foreach (var guarded in _sessions)
        {
            if (guarded.RetryAt is { } retry)
            {
                yield return retry;
            }

            if (guarded.Session.Phase == SessionPhase.Begun && guarded.ChangedAt is { } changed)
            {
                yield return changed + options.UpAfterQuiet;
            }
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private bool IsPassDue()
    {
        var now = time.GetUtcNow();
        return DueTimes().Any(at => at <= now);
    }

    // The look: learns what sessions did, notices what events did not tell, prepares for the worst.
    private void Pass()
    {
        // Consumed before the look: a change during the look must wake us again.
        _firstHintAt = null;
        _lastHintAt = null;
        RouteTable table;
        try
        {
            table = Observe();
        }
        catch (GuardException)
        {
            // Observe has made it the verdict; the next pass tries again.
            _lastPassAt = time.GetUtcNow();
            return;
        }

        foreach (var guarded in _sessions.Where(guarded => guarded.Session.Phase != SessionPhase.Restoring).ToArray())
        {
            if (WhyDead(guarded, table) is { } sign)
            {
                Die(guarded, sign);
                continue;
            }

            Learn(guarded, table);
            Arm(guarded, table);
            guarded.Drift = FindDrift(guarded, table);
        }
    }

    // What no event told, or was told while nobody listened.
    private string? WhyDead(GuardedSession guarded, RouteTable table)
    {
        var session = guarded.Session;
        if (session.Owner is { } owner && !ports.Events.TryWatch(owner))
        {
            return $"its process {owner.Pid} is gone";
        }

        if (!guarded.TunnelWasUsable)
        {
            return null;
        }

        var tunnel = table.FindLink(session.TunnelIndex);
        return tunnel is null ? $"its tunnel {session.Tunnel ?? session.TunnelIndex.ToString()} is gone"
            : TunnelFinder.IsUsable(tunnel) ? null
            : $"its tunnel {tunnel.Name} is down";
    }

    private void Learn(GuardedSession guarded, RouteTable table)
    {
        if (guarded.Session.Phase == SessionPhase.Up)
        {
            LearnMore(guarded, table);
            return;
        }

        var before = guarded.Session;
        LearnAll(guarded, table);
        if (guarded.Session != before)
        {
            guarded.ChangedAt = time.GetUtcNow();
            Save(guarded);
        }
        else if (guarded.ChangedAt is { } changed && time.GetUtcNow() - changed >= options.UpAfterQuiet)
        {
            guarded.ChangedAt = null;
            if (!guarded.Session.Overlay.IsEmpty)
            {
                guarded.Session = guarded.Session with { Phase = SessionPhase.Up };
                Save(guarded);
                Note(JournalKind.SessionUp, guarded.Session.Id, "its routes were quiet", OverlayLines(guarded, table));
            }
        }
    }

    private void LearnAll(GuardedSession guarded, RouteTable table)
    {
        var overlay = OverlayLearner.Learn(guarded.Baseline.Table, table, OverlaysBeside(guarded)) with
        {
            Resolver = LearnResolver(guarded),
        };
        guarded.Session = WithTunnel(guarded, table, overlay);
    }

    private void LearnMore(GuardedSession guarded, RouteTable table)
    {
        var overlay = OverlayLearner.LearnMore(
            guarded.Session.Overlay,
            guarded.Baseline.Table,
            table,
            guarded.Session.TunnelIndex,
            OverlaysBeside(guarded)
        );
        overlay = overlay.Resolver is null ? overlay with { Resolver = LearnResolver(guarded) } : overlay;
        var learned = WithTunnel(guarded, table, overlay);
        if (learned != guarded.Session)
        {
            guarded.Session = learned;
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

        guarded.TunnelWasUsable |= TunnelFinder.IsUsable(tunnel);
        return session with { Tunnel = tunnel.Name, TunnelIndex = tunnel.Index };
    }

    private IReadOnlyList<Overlay> OverlaysBeside(GuardedSession guarded) =>
        [
            .. _sessions
                .Where(other => other != guarded && other.Session.Phase == SessionPhase.Up)
                .Select(other => other.Session.Overlay),
        ];

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

    private static IReadOnlyList<string> FindDrift(GuardedSession guarded, RouteTable table)
    {
        if (guarded.Session.Phase != SessionPhase.Up)
        {
            return [];
        }

        var overlay = guarded.Session.Overlay;
        var lost = overlay.OwnedRoutes.Where(route => table.Find(route)?.HasValueOf(route) != true);
        var rulesLost = overlay.OwnedRules.Where(rule => !table.Rules.Contains(rule));
        return
        [
            .. lost.Select(route => $"missing: {RouteText.Print(route, table.Names)}"),
            .. rulesLost.Select(rule => $"missing: rule {rule}"),
        ];
    }
}
