using System.Globalization;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>Live sessions: baseline below, overlays on top, whoever moves them, wherever the machine goes.</content>
public sealed partial class Guard
{
    private readonly RewriteBudget _budget = new();
    private DateTimeOffset? _quietPassAt;

    /// <summary>Since when something of the baseline is missing that nobody took.</summary>
    private DateTimeOffset? _missingSince;

    private void Uphold(RouteTable table, bool isQuiet)
    {
        var live = _sessions.Where(guarded => guarded.Session.Phase != SessionPhase.Restoring).ToArray();
        if (live.Length == 0 || !Array.Exists(live, guarded => guarded.Session.Phase != SessionPhase.Begun))
        {
            _missingSince = null;
            return;
        }

        foreach (var guarded in live)
        {
            LearnFromItself(guarded, table);
        }

        IReadOnlyList<Overlay> kept = [.. live.Select(guarded => guarded.Session.Overlay.AsKept(table))];
        var machine = MachineOf(live[0], table);
        var roaming = Roaming.Find(machine, kept);
        if (roaming is not null)
        {
            machine = machine with { Baseline = roaming.Baseline, TruthThen = machine.Truth };
        }

        var inputs = new UpholdInputs
        {
            Machine = machine,
            Overlays = [.. (roaming?.Overlays ?? kept).Select((overlay, at) => Upheld(live[at], overlay))],
            Obsolete = roaming?.Obsolete ?? [],
            IsQuiet = isQuiet,
        };
        var plan = PlanWithGrace(inputs);
        void Tell()
        {
            var lost = FindLostCoverage(live, table, isQuiet);
            Report(live, plan, table, plan.IsEmpty ? lost : []);
        }

        if (roaming is null)
        {
            _movesRefused = 0;
            Act(live, plan, table, _ => false, Tell);
            return;
        }

        Foresee(live, roaming);
        var isDone = Act(live, plan, table, step => IsOfMove(step, roaming, live[0].Baseline.Table), Tell);
        if (isDone || ++_movesRefused >= MovesRefusedMax)
        {
            _movesRefused = 0;
            Move(live, roaming, kept, machine.Truth, table);
        }
        else
        {
            _quietPassAt ??= time.GetUtcNow() + _options.CoalesceFor;
        }
    }

    // A VPN may change its mind: what its own process took away is nobody's any more.
    private void LearnFromItself(GuardedSession guarded, RouteTable table)
    {
        var itself = guarded.WroteItself;
        if (itself.Count == 0 || guarded.Session.Phase != SessionPhase.Up)
        {
            itself.Clear();
            return;
        }

        var overlay = guarded.Session.Overlay;
        var kept = overlay.OwnedRoutes.Where(route =>
            !itself.Contains(route.Destination) || table.Find(route)?.HasValueOf(route) == true
        );
        var taken = overlay.TakenRoutes.Where(route =>
            !itself.Contains(route.Destination) || table.Find(route)?.IsSameAs(route) != true
        );
        guarded.Session = guarded.Session with
        {
            Overlay = overlay with { OwnedRoutes = new(kept), TakenRoutes = new(taken) },
        };
        itself.Clear();
        if (guarded.Session.Overlay != overlay)
        {
            Save(guarded);
            Announce(guarded, table);
        }
    }

    private static Overlay Upheld(GuardedSession guarded, Overlay overlay) =>
        guarded.Session.Phase == SessionPhase.Holding ? HoldRoutes.In(overlay) : overlay;

    // A default that vanishes with a link's flap comes back by itself, and then it must not be written twice.
    private Plan PlanWithGrace(UpholdInputs inputs)
    {
        var patient = Upholder.Plan(inputs);
        var impatient = Upholder.Plan(inputs with { IsGraceOver = true });
        if (impatient.Steps.Count == patient.Steps.Count)
        {
            _missingSince = null;
            return patient;
        }

        var now = time.GetUtcNow();
        _missingSince ??= now;
        return now - _missingSince >= _options.BaselineGrace ? impatient : patient;
    }

    /// <returns>True when all that was planned for a move was done.</returns>
    private bool Act(GuardedSession[] live, Plan plan, RouteTable table, Func<PlanStep, bool> isOfMove, Action tell)
    {
        List<PlanStep> steps = [];
        var isDone = true;
        foreach (var step in plan.Steps)
        {
            var owner = Array.FindLast(live, guarded => IsOf(guarded, step));
            switch (owner?.Session)
            {
                case { OnDrift: DriftPolicy.Report, Phase: SessionPhase.Up } when !isOfMove(step):
                    break;
                case { OnDrift: DriftPolicy.Restore, Phase: SessionPhase.Up } when !isOfMove(step):
                    tell();
                    Restore([owner], "its routes were changed, and its policy is to give up then");
                    return false;
                default:
                    if (_budget.TrySpend(KeyOf(step), time.GetUtcNow()))
                    {
                        steps.Add(step);
                    }
                    else
                    {
                        isDone = false;
                    }

                    break;
            }
        }

        if (steps.Count == 0)
        {
            tell();
            return isDone;
        }

        return Send(live, steps, table.Names, tell) && isDone;
    }

    /// <returns>True when the kernel refused none.</returns>
    private bool Send(GuardedSession[] live, List<PlanStep> steps, InterfaceNames names, Action tell)
    {
        // What was announced when the session came up needs no second word before the kernel is touched, and that it
        // drifted is written down after it was put back: the disk takes longer than the kernel.
        var isAnnounced = steps.TrueForAll(step =>
            step is PlanStep.AddRoute or PlanStep.ReplaceRoute
            && RouteOf(step) is { } route
            && Array.Exists(live, guarded => guarded.Announced.Contains(route))
        );
        var session = live[0].Session.Id;
        var intent = 0L;
        if (!isAnnounced)
        {
            tell();
            intent = Note(JournalKind.Intent, session, "keep what live sessions rely on", Lines(steps, names));
        }

        var outcomes = TrySend(steps, out var refusal);
        if (isAnnounced)
        {
            tell();
        }

        if (refusal is not null)
        {
            Note(JournalKind.Outcome, session, refusal, concludes: intent);
            return false;
        }

        _meter = _meter with { Reasserts = _meter.Reasserts + steps.Count };
        if (TryObserve() is not null)
        {
            // The look that proves it, and ends the leak if there was one.
            _quietPassAt ??= time.GetUtcNow() + _options.CoalesceFor;
        }

        var lines = steps.Select((step, at) => $"{step.Describe(names)}: {outcomes[at]}").ToArray();
        Note(JournalKind.Outcome, session, "kept what live sessions rely on", Cut(lines, line => line), intent);
        return !outcomes.Any(outcome => outcome.Result == StepResult.Refused);
    }

    private IReadOnlyList<StepOutcome> TrySend(IReadOnlyList<PlanStep> steps, out string? refusal)
    {
        refusal = null;
        try
        {
            return ports.Kernel.Apply(ports.Kernel.Prepare(steps));
        }
        catch (KernelRoutesException refused)
        {
            _kernelProblem = refused.Message;
            refusal = refused.Message;
            return [];
        }
    }

    // On disk while all is well, so that putting one of these back later is one system call away.
    private void Announce(GuardedSession guarded, RouteTable table)
    {
        Promise(guarded, table);
        if (guarded.Session.Phase != SessionPhase.Up || guarded.Session.OnDrift != DriftPolicy.Reassert)
        {
            return;
        }

        var routes = guarded.Session.Overlay.OwnedRoutes;
        if (!guarded.Announced.SetEquals(routes))
        {
            guarded.Announced.Clear();
            guarded.Announced.UnionWith(routes);
            Note(
                JournalKind.Armed,
                guarded.Session.Id,
                "will be put back when somebody moves them",
                Cut(routes, route => RouteText.Print(route, table.Names))
            );
        }
    }

    private void WatchLeaks(RouteTable table)
    {
        var since = _firstHintAt ?? time.GetUtcNow();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            if (_leaks.Look(family, WhatLeaks(table, family), since) is not { } leak)
            {
                continue;
            }

            Note(
                JournalKind.LeakWindow,
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(family == IpFamily.V4 ? "IPv4" : "IPv6")}: {leak.What} for {leak.Lasted.TotalMilliseconds:0.###} ms"
                )
            );
        }
    }

    // A tunnel that took everything has it no more; or nothing has it though the baseline had a default.
    private string? WhatLeaks(RouteTable table, IpFamily family)
    {
        foreach (var guarded in _sessions.Where(guarded => guarded.Session.Phase == SessionPhase.Up))
        {
            var wide = guarded.Session.Overlay.OwnedRoutes.Where(route =>
                route.Family == family && route.Destination.Length <= 1 && route.ScopeInterface.IsNone
            );
            if (wide.FirstOrDefault(route => table.Find(route)?.HasValueOf(route) != true) is { } lost)
            {
                return $"{lost.Destination} did not lead into the tunnel";
            }
        }

        var hadDefault = _sessions.Exists(guarded => HasWayOut(guarded.Baseline.Table, family));
        return hadDefault && !HasWayOut(table, family) ? "there was no default" : null;
    }

    private static bool HasWayOut(RouteTable table, IpFamily family) => FamilyCheck.WaysOut(table, family).Any();

    private static IEnumerable<Route> Defaults(RouteTable table) =>
        table.Routes.Where(route => route.Destination.IsDefault);

    private static Route? RouteOf(PlanStep step) =>
        step switch
        {
            PlanStep.AddRoute add => add.Route,
            PlanStep.ReplaceRoute replace => replace.After,
            PlanStep.DeleteRoute delete => delete.Route,
            _ => null,
        };

    private static bool IsOf(GuardedSession guarded, PlanStep step) =>
        step is PlanStep.AddRule add
            ? guarded.Session.Overlay.OwnedRules.Contains(add.Rule)
            : RouteOf(step) is { } route
                && guarded
                    .Session.Overlay.OwnedRoutes.Concat(guarded.Session.Overlay.TakenRoutes)
                    .Any(mine => RouteOrder.ComparePlace(mine, route) == 0);

    // A rule has no key of its own among routes; its table and priority make one that no route has.
    private static RouteKey KeyOf(PlanStep step) =>
        RouteKey.Of(
            RouteOf(step)
                ?? new Route
                {
                    Destination = Prefix.Default(step is PlanStep.AddRule add ? add.Rule.Family : IpFamily.V4),
                    NextHop = new NextHop.Throw(),
                    Table = step is PlanStep.AddRule rule ? rule.Rule.Table : 0,
                    Tos = byte.MaxValue,
                }
        );
}
