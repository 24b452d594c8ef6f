using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>A session's end: armed before it, noticed, fired, finished or tried again.</content>
public sealed partial class Guard
{
    // Plans, while the tunnel lives, what its death would need at once, so that then only one system call is left.
    private void Arm(GuardedSession guarded, RouteTable table)
    {
        var session = guarded.Session;
        if (session.TunnelIndex.IsNone || session.OnDeath == DeathPolicy.Keep || IsBroken(guarded))
        {
            guarded.Armed = null;
            return;
        }

        var withoutTunnel = table.WithRoutes(
            table.Routes.Where(route => !RouteOwnership.LeavesBy(route, session.TunnelIndex))
        );
        var steps =
            session.OnDeath == DeathPolicy.Hold
                ? HoldSteps(withoutTunnel)
                : Planner.Restore(InputsOf(guarded, withoutTunnel, session.Overlay)).Steps;
        PlanStep[] additions =
        [
            .. steps.Where(step =>
                step is PlanStep.AddRoute { IsBeside: false } add && !IsDriftOfAnother(guarded, add.Route, table)
            ),
        ];
        if (additions.Length == 0)
        {
            guarded.Armed = null;
            return;
        }

        if (guarded.Armed is { } armed && armed.Steps.SequenceEqual(additions))
        {
            return;
        }

        // The intent of the hot path: on disk before the tunnel can die, so that nothing is written unannounced.
        Note(JournalKind.Armed, session.Id, "will be sent when the tunnel dies", Lines(additions, table.Names));
        guarded.Armed = ports.Kernel.Prepare(additions);
    }

    // What another session misses already is not this one's death's to put back.
    private bool IsDriftOfAnother(GuardedSession guarded, Route route, RouteTable table) =>
        IsPlaceEmpty(route, table) && OverlaysOfOthers(guarded).Any(overlay => overlay.Owns(route));

    private static bool IsPlaceEmpty(Route route, RouteTable table) =>
        !table.Routes.Any(other => RouteOrder.ComparePlace(other, route) == 0);

    private IReadOnlyList<PlanStep> HoldSteps(RouteTable table) =>
        [
            .. HoldRoutes
                .Of(ports.Kernel.HasSiblings)
                .Where(route => !table.Routes.Any(other => IsHeldBy(route, other)))
                .Select(route => new PlanStep.AddRoute(
                    route,
                    IsBeside: false,
                    "holds what would leave without the VPN"
                )),
        ];

    // What a dead session had taken from one that lives, with nobody in the place now.
    private IEnumerable<PlanStep> MissingOfOthers(GuardedSession guarded, RouteTable table) =>
        OverlaysBeside(guarded)
            .SelectMany(overlay => overlay.OwnedRoutes)
            .Where(route => table.FindLink(route.NextHop.Device) is { IsUsable: true } && IsPlaceEmpty(route, table))
            .Select(route => new PlanStep.AddRoute(
                route,
                IsBeside: false,
                "belongs to a live session and was taken by a dead one"
            ));

    private static bool IsHeldBy(Route route, Route other) =>
        RouteOrder.ComparePlace(route, other) == 0 && other.NextHop == route.NextHop;

    private void Die(GuardedSession guarded, string sign)
    {
        var startedAt = time.GetTimestamp();
        var fired = Fire(guarded);
        Note(JournalKind.Death, guarded.Session.Id, sign, fired);
        switch (guarded.Session.OnDeath)
        {
            case DeathPolicy.Keep:
                Close(guarded, $"{sign}; its policy is to keep what is there");
                break;
            case DeathPolicy.Hold:
                Hold(guarded, sign);
                break;
            default:
                Restore([guarded], sign, startedAt: startedAt, fired: fired);
                break;
        }
    }

    // Fail closed: the ledger first, so that whoever restores knows whose these routes are.
    private void Hold(GuardedSession guarded, string sign)
    {
        var seen = TryObserve();
        guarded.DiedUnseenIn = seen is null ? guarded.Session.Phase : null;
        var learned = (seen ?? _observed) is { } table ? LearnLast(guarded, table) : guarded.Session;
        guarded.Session = WithHoldRoutes(learned);

        // While what it left is not known, a restart must find it dying and not held.
        var stored = guarded.Session with
        {
            Phase = guarded.DiedUnseenIn ?? SessionPhase.Holding,
        };
        Keep(guarded, () => ports.Store.Save(stored));
        guarded.Losses =
        [
            new(
                null,
                $"Session {guarded.Session.Id} is dead ({sign}) and nothing leaves by a default. Run routeguard restore."
            ),
        ];
        if (_observed is { } now)
        {
            PlanStep[] steps = [.. HoldSteps(now), .. MissingOfOthers(guarded, now)];
            if (steps.Length > 0)
            {
                Act(guarded.Session.Id, new(new(steps), new([])), now, new());
            }
        }

        if (TryObserve() is { } after)
        {
            LearnHeld(guarded, after);
            guarded.Session = guarded.Session with { Overlay = guarded.Session.Overlay.AsKept(after) };
            Save(guarded);
        }
    }

    private Session WithHoldRoutes(Session learned) =>
        learned with
        {
            Phase = SessionPhase.Holding,
            Overlay = learned.Overlay.Owning(HoldRoutes.Of(ports.Kernel.HasSiblings)),
        };

    // The kernel showed nothing when it died: what it left is learned at the first look that succeeds.
    private void LearnHeld(GuardedSession guarded, RouteTable table)
    {
        if (guarded.DiedUnseenIn is not { } phase)
        {
            return;
        }

        guarded.DiedUnseenIn = null;
        guarded.Session = guarded.Session with { Phase = phase };
        var learned = WithHoldRoutes(LearnLast(guarded, table));
        guarded.Session = learned with { Overlay = learned.Overlay.AsKept(table) };
        Save(guarded);
    }

    private static DateTimeOffset? DeadlineOf(GuardedSession guarded) =>
        IsBroken(guarded) ? null
        : guarded.LeaseUntil is { } lease && guarded.Session.ConfirmBy is { } confirm ? Earlier(lease, confirm)
        : guarded.LeaseUntil ?? guarded.Session.ConfirmBy;

    private void LeasesDue()
    {
        var now = time.GetUtcNow();
        foreach (var guarded in _sessions.Where(guarded => DeadlineOf(guarded) <= now).ToArray())
        {
            if (guarded.Session.ConfirmBy <= now)
            {
                Restore([guarded], "its overlay was not confirmed in time");
                continue;
            }

            var lease = guarded.Session.Lease!.Value.TotalSeconds;
            guarded.LeaseUntil = null;
            Die(guarded, $"it gave no sign of life for {lease:0.###} s");
        }
    }

    private string[] Fire(GuardedSession guarded)
    {
        if (guarded.Armed is not { } armed)
        {
            return [];
        }

        guarded.Armed = null;
        try
        {
            var outcomes = ports.Kernel.Apply(armed);

            // Ours by now: if the network is another one after all, they go again.
            var made = armed
                .Steps.Where((_, at) => outcomes[at].Result == StepResult.Applied)
                .OfType<PlanStep.AddRoute>()
                .Select(step => step.Route);
            var overlay = guarded.Session.Overlay;
            guarded.Session = guarded.Session with
            {
                Overlay = overlay with { OwnedRoutes = new(overlay.OwnedRoutes.Concat(made)) },
            };
            return [.. outcomes.Select((outcome, at) => $"{Name(armed.Steps[at])}: {outcome}")];
        }
        catch (KernelRoutesException refused)
        {
            _kernelProblem = refused.Message;
            return [refused.Message];
        }
    }

    private void Finish(GuardedSession guarded, string cause, bool isAsked)
    {
        // What was planned beside this session may be for it: the next pass plans it anew.
        foreach (var other in _sessions)
        {
            other.Armed = null;
        }

        if (!isAsked && guarded.Session.Owner is { } owner && ports.Events.TryWatch(owner))
        {
            // Only its tunnel died. It lives and may make another (a reconnect): the same baseline guards it, and what
            // others have made meanwhile, so that it is not taken for its own.
            guarded.Session = guarded.Session with
            {
                Phase = SessionPhase.Begun,
                Overlay = Overlay.Empty,
                TunnelIndex = InterfaceIndex.None,
                ConfirmBy = null,
            };
            guarded.TunnelWasUsable = false;
            guarded.IsTunnelGone = false;
            guarded.DiedComing = false;
            guarded.Comers.Clear();
            guarded.WentAgain = null;
            guarded.Layer = RestoreLayer.Ourselves;
            guarded.Drift = [];
            guarded.IsWatched = true;
            guarded.ChangedAt = null;
            guarded.RetryAt = null;
            guarded.Baseline = WithWhatOthersMade(guarded);
            Keep(guarded, () => ports.Store.Move(guarded.Session, guarded.Baseline));
            return;
        }

        CareFor(guarded);
        Close(guarded, cause);
    }

    private Baseline WithWhatOthersMade(GuardedSession guarded)
    {
        var before = guarded.Baseline.Table;
        IReadOnlyList<Overlay> others =
        [
            .. _sessions.Where(other => other != guarded).Select(other => other.Session.Overlay),
        ];
        if (_observed is not { } table)
        {
            return guarded.Baseline;
        }

        // A tunnel of its name that is there already is its next one.
        var next = guarded.Session.Tunnel is { } name ? table.FindLink(name)?.Index : null;
        var more = table.Routes.Where(route =>
            before.Find(route) is null
            && !RouteOwnership.LeavesBy(route, next ?? InterfaceIndex.None)
            && !others.Any(overlay => overlay.Owns(route))
        );
        var links = before.Links.UnionBy(table.Links, link => link.Name, StringComparer.Ordinal);
        return guarded.Baseline with { Table = before.WithRoutes(before.Routes.Concat(more)).WithLinks(links) };
    }

    private void Close(GuardedSession guarded, string why)
    {
        if (guarded.Session.Owner is { } owner)
        {
            ports.Events.Unwatch(owner);
        }

        _closed.Enqueue((guarded.Session.Id, why));
        if (_closed.Count > ClosedRememberedMax)
        {
            _closed.Dequeue();
        }

        // Written down while it is one of us: its baseline tells whose the path is now.
        guarded.Session = guarded.Session with
        {
            Phase = SessionPhase.Closed,
        };
        Note(JournalKind.SessionClosed, guarded.Session.Id, why);
        _sessions.Remove(guarded);
        try
        {
            ports.Store.Close(guarded.Session);
        }
        catch (StateStoreException refused)
        {
            _storageProblem = refused.Message;
        }
    }

    private void KeepTrying(GuardedSession guarded, Passes passes)
    {
        if (guarded.Losses.Count == 0)
        {
            guarded.Losses = [.. passes.Problems.Select(problem => new Loss(null, problem))];
        }

        guarded.RetryAt = time.GetUtcNow() + Escalate(guarded);
    }

    private void RetryDue()
    {
        var now = time.GetUtcNow();
        foreach (var guarded in _sessions.Where(guarded => guarded.RetryAt <= now).ToArray())
        {
            guarded.RetryAt = null;
            Restore([guarded], "an unfinished restore was tried again");
        }
    }

    // What was told before a session begins is not about it, even if its tunnel bears the name of an earlier one. And a
    // death that no event has told yet would undo, once noticed, what the new session did by then.
    private void BuryTheDead(GuardedSession? except = null)
    {
        ports.Events.Wait(TimeSpan.Zero, _late);
        TakeInLate();
        var table = Observe();
        foreach (var guarded in _sessions.Where(guarded => guarded != except && !IsBroken(guarded)).ToArray())
        {
            if (WhyDead(guarded, table) is { } sign)
            {
                Die(guarded, sign);
            }
        }
    }

    // A new baseline is never taken from what a crash left behind, if that can be helped.
    private void RestoreWhatIsBroken()
    {
        foreach (var guarded in _sessions.Where(IsBroken).ToArray())
        {
            // What held for a dead VPN has done its work: the new one takes over.
            Restore([guarded], "a new session begins", isAsked: guarded.Session.Phase == SessionPhase.Holding);
        }
    }
}
