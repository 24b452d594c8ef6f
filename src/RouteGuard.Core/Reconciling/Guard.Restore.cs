using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>Restore: look, plan, act, until looking finds nothing to do.</content>
public sealed partial class Guard
{
    private RestoreReport Restore(
        IReadOnlyList<GuardedSession> asked,
        string cause,
        bool isDryRun = false,
        bool isAsked = false,
        long? startedAt = null,
        IReadOnlyList<string>? fired = null
    )
    {
        var clock = startedAt ?? time.GetTimestamp();
        var steps = new StepLog();
        steps.Add((fired ?? []).Select(Reported));
        List<LeftAlone> left = [];
        List<string> problems = [];
        var isSettled = true;
        foreach (var guarded in asked)
        {
            var one = isDryRun ? DryRun(guarded) : RestoreOne(guarded, cause, isAsked);
            steps.Add(one.Steps);
            left.AddRange(one.LeftAlone);
            problems.AddRange(one.Problems);
            isSettled &= one.IsSettled;
            RefuseIfAsked(isAsked, one, steps);
        }

        var report = new RestoreReport
        {
            Result = Judge(isDryRun, isSettled, steps, left),
            At = time.GetUtcNow(),
            Took = time.GetElapsedTime(clock),
            Cause = cause,
            Sessions = [.. asked.Select(guarded => guarded.Session.Id)],
            Steps = steps.Listed,
            StepsTotal = steps.Total,
            LeftAlone = left,
            Problems = problems,
        };
        if (!isDryRun && report.Result != RestoreResult.NothingToDo)
        {
            _lastRestore = report;
            _meter = _meter with
            {
                Restores = _meter.Restores + 1,
                RestoreTimes = [.. _meter.RestoreTimes.TakeLast(GuardMeter.RestoreTimesMax - 1), report.Took],
            };
        }

        TakeInLate();
        return report;
    }

    // Somebody who asks is told when the kernel takes nothing from us; the session stays open, and nothing is lost.
    private static void RefuseIfAsked(bool isAsked, Passes passes, StepLog steps)
    {
        const int EPERM = 1;
        if (isAsked && passes.Refusal is { } refusal && steps.Total == 0)
        {
            throw new GuardException(
                refusal.Errno == EPERM ? GuardRefusal.NotPermitted : GuardRefusal.Kernel,
                refusal.Message,
                refusal
            );
        }
    }

    private static ReportedStep Reported(string firedLine)
    {
        var end = firedLine.LastIndexOf(": ", StringComparison.Ordinal);
        return new(
            end < 0 ? firedLine : firedLine[..end],
            "was armed for the death of the tunnel",
            end < 0 ? null : firedLine[(end + 2)..]
        );
    }

    private static RestoreResult Judge(bool isDryRun, bool isSettled, StepLog steps, List<LeftAlone> left) =>
        isDryRun && steps.Total > 0 ? RestoreResult.Planned
        : !isSettled ? RestoreResult.Failed
        : left.Exists(one => one.IsLoss) ? RestoreResult.PartlyRestored
        : steps.Total == 0 ? RestoreResult.NothingToDo
        : RestoreResult.Restored;

    private Passes DryRun(GuardedSession guarded)
    {
        var table = Observe();
        var learned = LearnLast(guarded, table);
        var plan = Planner.Restore(InputsOf(guarded, table, learned.Overlay) with { Tunnel = learned.TunnelIndex });
        return Planned(plan, table);
    }

    private static Passes Planned(Plan plan, RouteTable table)
    {
        var steps = new StepLog();
        steps.Add(plan.Steps, table.Names, _ => null);
        return new(steps, plan.LeftAlone, [], IsSettled: true);
    }

    public RestoreReport RestoreTo(Baseline baseline, bool isDryRun)
    {
        var clock = time.GetTimestamp();
        RestoreInputs Inputs(RouteTable table) =>
            new()
            {
                Baseline = baseline.Table,
                Observed = table,
                LiveOverlays = [.. _sessions.Select(one => one.Session.Overlay)],
                IsWhole = true,
                TruthThen = baseline.Truth,
                Truth = ports.Truth.Read(),
                HasSiblings = ports.Kernel.HasSiblings,
            };
        var passes =
            isDryRun && Observe() is var now ? Planned(Planner.Restore(Inputs(now)), now) : RunPasses(null, Inputs);
        return new()
        {
            Result = Judge(isDryRun, passes.IsSettled, passes.Steps, [.. passes.LeftAlone]),
            At = time.GetUtcNow(),
            Took = time.GetElapsedTime(clock),
            Cause = "a stored baseline was to be put back",
            Steps = passes.Steps.Listed,
            StepsTotal = passes.Steps.Total,
            LeftAlone = passes.LeftAlone,
            Problems = passes.Problems,
        };
    }

    private Passes RestoreOne(GuardedSession guarded, string cause, bool isAsked)
    {
        var isFirst = true;
        var passes = RunPasses(
            guarded.Session.Id,
            table =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    LearnHeld(guarded, table);
                    var coming = _sessions.Find(other => other != guarded && IsLearner(other));
                    guarded.DiedComing |= guarded.Session.Phase == SessionPhase.Begun;
                    guarded.Session = LearnLast(guarded, table) with { Phase = SessionPhase.Restoring };
                    Save(guarded);

                    // What one that comes up has done by now stays as it wants it.
                    if (coming is { } other)
                    {
                        LearnAll(other, table);
                        other.Session = other.Session with
                        {
                            Overlay = OverlayLearner.WithoutGivenBack(other.Session.Overlay, guarded.Session.Overlay),
                        };
                    }
                }

                return InputsOf(guarded, table, guarded.Session.Overlay);
            }
        );
        var problem = RestoreResolver(guarded);
        if (problem is not null)
        {
            passes = passes with { Problems = [.. passes.Problems, problem] };
        }

        if (passes is { IsSettled: true, Steps.Total: > 0 })
        {
            passes = passes with { Problems = [.. passes.Problems, .. Prove(guarded)] };
        }

        guarded.Losses =
        [
            .. passes
                .LeftAlone.Where(one => one.IsLoss)
                .Select(one => new Loss(one.Family, $"{one.What} is not restored: {one.Why}.")),
        ];
        if (passes.IsSettled && guarded.Losses.Count == 0)
        {
            Finish(guarded, cause, isAsked);
        }
        else
        {
            KeepTrying(guarded, passes);
        }

        return passes;
    }

    // The table reads right; does a packet go where it says?
    private IReadOnlyList<string> Prove(GuardedSession guarded)
    {
        if (_observed is not { } table)
        {
            return [];
        }

        try
        {
            var probes = WayProof.Probes(guarded.Baseline.Table, guarded.Session.Overlay.OwnedRoutes);
            var differences = WayProof.Differences(table, probes, ports.Kernel.WayTo);
            if (differences.Count > 0)
            {
                Note(JournalKind.Note, guarded.Session.Id, "the kernel was asked for the way", differences);
            }

            return differences;
        }
        catch (KernelRoutesException refused)
        {
            return [refused.Message];
        }
    }

    private Passes RunPasses(SessionId? session, Func<RouteTable, RestoreInputs> inputs)
    {
        var passes = LookPlanAct(session, inputs);
        _progress = null;
        return passes;
    }

    // Until looking finds nothing to do: the last look is the proof.
    private Passes LookPlanAct(SessionId? session, Func<RouteTable, RestoreInputs> inputs)
    {
        var steps = new StepLog();
        var plan = Plan.Nothing;
        var refused = 0;
        for (var pass = 0; pass < _options.PassesPerRestoreMax; pass++)
        {
            if (_isStopping)
            {
                return new(steps, plan.LeftAlone, [StoppedEarly], IsSettled: false);
            }

            RouteTable table;
            try
            {
                table = Observe();
            }
            catch (GuardException unread)
            {
                return new(steps, plan.LeftAlone, [unread.Message], IsSettled: false);
            }

            var before = plan;
            plan = Planner.Restore(inputs(table));
            if (plan.IsEmpty)
            {
                return new(steps, plan.LeftAlone, [], IsSettled: true);
            }

            if (plan.Steps.Equals(before.Steps) && steps.Refused == refused)
            {
                // All was done and nothing has changed: once more would only take the default away once more.
                break;
            }

            refused = steps.Refused;
            _progress = new(pass + 1, steps.Total, steps.Total + plan.Steps.Count);
            if (Act(session, plan, table, steps) is { } refusal)
            {
                return new(steps, plan.LeftAlone, [refusal.Message], IsSettled: false, refusal);
            }
        }

        return new(
            steps,
            plan.LeftAlone,
            ["the table is not as planned, though the steps were done"],
            IsSettled: false
        );
    }

    /// <returns>Null, or why nothing could be sent.</returns>
    private KernelRoutesException? Act(SessionId? session, Plan plan, RouteTable table, StepLog steps)
    {
        var settings = RemoveOrphans(session, plan, table.Names);
        if (settings.Length > 0)
        {
            // Who has the default may be another matter now: the rest is planned from a new look.
            var orphans = plan.Steps.OfType<PlanStep.RemoveOrphan>().ToArray();
            steps.Add(
                orphans,
                table.Names,
                at => settings[at].ToString(),
                at => settings[at].Result == StepResult.Refused
            );
            if (Array.Exists(settings, outcome => outcome.Result == StepResult.Applied))
            {
                return null;
            }

            plan = plan with { Steps = new(plan.Steps.Where(step => step is not PlanStep.RemoveOrphan)) };
        }

        var intent = Note(JournalKind.Intent, session, "restore", Lines(plan.Steps, table.Names));
        List<StepOutcome> outcomes = [];
        var refusal = Send(plan.Steps, outcomes);
        Note(
            JournalKind.Outcome,
            session,
            refusal?.Message ?? "restore",
            Cut(outcomes, outcome => outcome.ToString()),
            intent
        );
        steps.Add(
            [.. plan.Steps.Take(outcomes.Count)],
            table.Names,
            at => outcomes[at].ToString(),
            at => outcomes[at].Result == StepResult.Refused
        );
        return refusal;
    }

    // The last chance to learn. A session that dies before its overlay was known is learned whole when we watched it,
    // and else (a restart, a command without a daemon) only as far as it bears the marks of a VPN.
    private Session LearnLast(GuardedSession guarded, RouteTable table)
    {
        var session = guarded.Session;
        if (!IsLearner(guarded) || IsAnotherAtWork(guarded, table))
        {
            return session with { Overlay = WithMore(guarded, session, table) };
        }

        var baseline = guarded.Baseline.Table;
        var beside = OverlaysOfOthers(guarded);
        var all = OverlayLearner.Learn(baseline, table, beside);
        var tunnel = session.TunnelIndex.IsNone
            ? TunnelFinder.Find(session.Tunnel, baseline, table, all)?.Index ?? InterfaceIndex.None
            : session.TunnelIndex;
        var seen = guarded.IsWatched ? all : OverlayLearner.LearnAfterwards(baseline, table, tunnel, beside);
        return session with
        {
            TunnelIndex = tunnel,
            Overlay = session.Overlay.With(seen) with { Resolver = session.Overlay.Resolver ?? LearnResolver(guarded) },
        };
    }

    private RestoreInputs InputsOf(GuardedSession guarded, RouteTable table, Overlay overlay) =>
        MachineOf(guarded, table) with
        {
            Overlay = overlay,
            Tunnel = guarded.IsTunnelGone ? InterfaceIndex.None : guarded.Session.TunnelIndex,
            DeadTunnel = guarded.IsTunnelGone ? null : guarded.Session.Tunnel,
            LiveOverlays = OverlaysBeside(guarded),
            Spent = _budget.Spent(time.GetUtcNow()),
        };

    // Three-way: only what the session wrote, and nobody changed since, goes back.
    private string? RestoreResolver(GuardedSession guarded)
    {
        var before = guarded.Baseline.Resolver;
        var set = guarded.Session.Overlay.Resolver;
        var now = ports.Dns.Read();
        if (before is null || set is null || now.Settings == before)
        {
            return null;
        }

        if (now.Settings != set)
        {
            return $"{before.Path} is left alone: it was changed again after the VPN changed it.";
        }

        var problem = ports.Dns.Write(before);
        Note(JournalKind.Note, guarded.Session.Id, problem ?? $"{before.Path} is as it was before the VPN");
        return problem;
    }

    private string Name(PlanStep step) => step.Describe(_observed?.Names ?? InterfaceNames.Numbers);

    private static string[] Lines(IReadOnlyCollection<PlanStep> steps, InterfaceNames names) =>
        Cut(steps, step => $"{step.Describe(names)} because it {step.Reason}");

    private sealed record Passes(
        StepLog Steps,
        IReadOnlyList<LeftAlone> LeftAlone,
        IReadOnlyList<string> Problems,
        bool IsSettled,
        KernelRoutesException? Refusal = null
    );
}
