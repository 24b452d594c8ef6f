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
        if (
            session.TunnelIndex.IsNone
            || session.OnDeath != DeathPolicy.Restore
            || session.Phase == SessionPhase.Restoring
        )
        {
            guarded.Armed = null;
            return;
        }

        var withoutTunnel = table.WithRoutes(
            table.Routes.Where(route => !RouteOwnership.LeavesBy(route, session.TunnelIndex))
        );
        var plan = Planner.Restore(InputsOf(guarded, withoutTunnel, session.Overlay));
        PlanStep[] additions = [.. plan.Steps.Where(step => step is PlanStep.AddRoute { IsBeside: false })];
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

    private void Die(GuardedSession guarded, string sign)
    {
        var startedAt = time.GetTimestamp();
        var fired = Fire(guarded);
        Note(JournalKind.Death, guarded.Session.Id, sign, fired);
        if (guarded.Session.OnDeath == DeathPolicy.Keep)
        {
            Close(guarded, $"{sign}; its policy is to keep what is there");
            return;
        }

        Restore([guarded], sign, startedAt: startedAt, fired: fired);
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
        if (!isAsked && guarded.Session.Owner is { } owner && ports.Events.TryWatch(owner))
        {
            // Only its tunnel died. It lives and may make another (a reconnect): the same baseline guards it.
            guarded.Session = guarded.Session with
            {
                Phase = SessionPhase.Begun,
                Overlay = Overlay.Empty,
                TunnelIndex = InterfaceIndex.None,
            };
            guarded.TunnelWasUsable = false;
            guarded.IsWatched = true;
            guarded.ChangedAt = null;
            guarded.RetryAt = null;
            Save(guarded);
            return;
        }

        Close(guarded, cause);
    }

    private void Close(GuardedSession guarded, string why)
    {
        if (guarded.Session.Owner is { } owner)
        {
            ports.Events.Unwatch(owner);
        }

        _sessions.Remove(guarded);
        _closed.Enqueue((guarded.Session.Id, why));
        if (_closed.Count > ClosedRememberedMax)
        {
            _closed.Dequeue();
        }

        guarded.Session = guarded.Session with { Phase = SessionPhase.Closed };
        Note(JournalKind.SessionClosed, guarded.Session.Id, why);
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
        guarded.RetryAfter =
            guarded.RetryAfter == TimeSpan.Zero ? options.RetryFirst
            : guarded.RetryAfter * 2 < options.AuditEvery ? guarded.RetryAfter * 2
            : options.AuditEvery;
        guarded.RetryAt = time.GetUtcNow() + guarded.RetryAfter;
        if (guarded.Losses.Count == 0)
        {
            guarded.Losses = passes.Problems;
        }
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

    // A new baseline is never taken from what a crash left behind, if that can be helped.
    private void RetryPending()
    {
        foreach (var guarded in _sessions.Where(guarded => guarded.Session.Phase == SessionPhase.Restoring).ToArray())
        {
            Restore([guarded], "a new session begins");
        }
    }
}
