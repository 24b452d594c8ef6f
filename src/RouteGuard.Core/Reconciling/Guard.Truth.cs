using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>The operating system's own knowledge, and its help when ours is not enough.</content>
public sealed partial class Guard
{
    private static readonly TimeSpan ReapplyEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReapplyMax = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RefreshMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefreshPauseMin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ElectionPoll = TimeSpan.FromMilliseconds(50);

    private readonly List<KernelEvent> _late = [];
    private DateTimeOffset? _refreshedAt;
    private Aftercare? _aftercare;

    private RestoreInputs MachineOf(GuardedSession guarded, RouteTable table) =>
        new()
        {
            Baseline = guarded.Baseline.Table,
            Observed = table,
            TruthThen = guarded.Baseline.Truth,
            Truth = ports.Truth.Read(),
            Tunnels = [.. _sessions.Append(guarded).Select(one => one.Session.Tunnel).OfType<string>().Distinct()],
            HasSiblings = ports.Kernel.HasSiblings,
        };

    /// <returns>The outcomes of the steps that are the operating system's; empty when the plan has none.</returns>
    private StepOutcome[] RemoveOrphans(SessionId? session, Plan plan, InterfaceNames names)
    {
        var orphans = plan.Steps.OfType<PlanStep.RemoveOrphan>().ToArray();
        if (orphans.Length == 0)
        {
            return [];
        }

        var before = ports.Truth.Read();
        var intent = Note(JournalKind.Intent, session, "restore", Lines(orphans, names));
        StepOutcome[] outcomes =
        [
            .. orphans.Select(orphan =>
                ports.Truth.RemoveOrphan(orphan.Key) is { } why
                    ? new StepOutcome(StepResult.Refused, 0, string.Empty, why)
                    : StepOutcome.Applied
            ),
        ];
        Note(JournalKind.Outcome, session, "restore", Cut(outcomes, outcome => outcome.ToString()), intent);
        if (Array.Exists(outcomes, outcome => outcome.Result == StepResult.Applied))
        {
            AwaitElection(before);
        }

        return outcomes;
    }

    // It elects another service in a moment and writes its routes; what we would write meanwhile it would undo.
    private void AwaitElection(LiveTruth before)
    {
        var until = time.GetUtcNow() + _options.ElectionWaitMax;
        while (time.GetUtcNow() < until)
        {
            ports.Events.Wait(ElectionPoll, _late);
            var now = ports.Truth.Read();
            if (now.PrimaryV4 != before.PrimaryV4 || now.PrimaryV6 != before.PrimaryV6)
            {
                break;
            }
        }
    }

    // What came while we waited is taken in when the restore is over.
    private void TakeInLate()
    {
        var late = _late.ToArray();
        _late.Clear();
        foreach (var happened in late)
        {
            TakeIn(happened);
        }
    }

    // Layer by layer: the operating system knows more than we do, and a person more than it.
    private TimeSpan Escalate(GuardedSession guarded)
    {
        var truth = ports.Truth.Read();
        if (!truth.IsKnown)
        {
            return NextBackOff(guarded);
        }

        var now = time.GetUtcNow();
        if (guarded.Layer != RestoreLayer.Ourselves && guarded.Layer != RestoreLayer.Advice && now < guarded.LayerUntil)
        {
            return guarded.Layer == RestoreLayer.Reapply ? ReapplyEvery : RefreshEvery;
        }

        var service = MachineService(truth, guarded);
        if (guarded.Layer == RestoreLayer.Ourselves && service is not null)
        {
            return Ask(guarded, RestoreLayer.Reapply, service, ports.Truth.Reapply(service));
        }

        var mayRefresh = _refreshedAt is not { } last || now - last >= RefreshPauseMin;
        if (guarded.Layer < RestoreLayer.Refresh && service is not null && mayRefresh)
        {
            _refreshedAt = now;
            return Ask(guarded, RestoreLayer.Refresh, service, ports.Truth.Refresh(service.InterfaceName));
        }

        guarded.Layer = RestoreLayer.Advice;
        guarded.Losses =
        [
            .. guarded.Losses,
            new(
                null,
                "What the system was asked did not help. Turn Wi-Fi off and on, or run networksetup -setnetworkserviceenabled with the name of the service, off and then on."
            ),
        ];
        return NextBackOff(guarded);
    }

    private TimeSpan Ask(GuardedSession guarded, RestoreLayer layer, TruthService service, string? why)
    {
        var isReapply = layer == RestoreLayer.Reapply;
        guarded.Layer = layer;
        guarded.LayerUntil =
            time.GetUtcNow()
            + (
                why is not null ? TimeSpan.Zero
                : isReapply ? ReapplyMax
                : RefreshMax
            );
        var what = isReapply
            ? $"the system was asked to write the routes of {service.InterfaceName} again"
            : $"the system was asked to find out the settings of {service.InterfaceName} anew";
        Note(JournalKind.Note, guarded.Session.Id, why is null ? what : $"{what}, but {why}");
        return isReapply ? ReapplyEvery : RefreshEvery;
    }

    // The service that should carry the machine's traffic, with a router or still without.
    private TruthService? MachineService(LiveTruth truth, GuardedSession guarded) =>
        _observed is { } table
            ? truth.Services.FirstOrDefault(service =>
                service.Family == IpFamily.V4 && WayOut.FindOwnLink(service, MachineOf(guarded, table)) is not null
            )
            : null;

    private TimeSpan NextBackOff(GuardedSession guarded)
    {
        guarded.RetryAfter =
            guarded.RetryAfter == TimeSpan.Zero ? _options.RetryFirst
            : guarded.RetryAfter * 2 < _options.AuditEvery ? guarded.RetryAfter * 2
            : _options.AuditEvery;
        return guarded.RetryAfter;
    }

    private void CareFor(GuardedSession guarded)
    {
        if (_options.RechecksAfterRestore.Count > 0)
        {
            var now = time.GetUtcNow();
            _aftercare = new(guarded, new(_options.RechecksAfterRestore.Select(after => now + after)));
        }
    }

    private void AftercareDue()
    {
        if (_aftercare is not { NextAt: { } at } care || at > time.GetUtcNow())
        {
            return;
        }

        care.Due.Dequeue();
        var guarded = care.Guarded;
        var passes = RunPasses(guarded.Session.Id, table => InputsOf(guarded, table, guarded.Session.Overlay));
        if (passes.Steps.Total > 0)
        {
            Note(JournalKind.Note, guarded.Session.Id, "somebody wrote after the restore; it was restored once more");
        }
    }

    /// <summary>A finished restore that is looked at a few times more.</summary>
    private sealed record Aftercare(GuardedSession Guarded, Queue<DateTimeOffset> Due)
    {
        public DateTimeOffset? NextAt => Due.TryPeek(out var at) ? at : null;
    }
}
