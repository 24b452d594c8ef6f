using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Reconciling;

/// <summary>Steps in words for a report: the first ones and the refused ones are listed, all are counted.</summary>
internal sealed class StepLog
{
    private readonly List<ReportedStep> _listed = [];

    public IReadOnlyList<ReportedStep> Listed => _listed;

    public int Total { get; private set; }

    /// <summary>Those that the kernel did not take.</summary>
    public int Refused { get; private set; }

    public void Add(IEnumerable<ReportedStep> steps)
    {
        foreach (var step in steps)
        {
            Total++;
            if (_listed.Count < RestoreReport.StepsMax)
            {
                _listed.Add(step);
            }
        }
    }

    public void Add(StepLog other)
    {
        Add(other._listed);
        Total += other.Total - other._listed.Count;
        Refused += other.Refused;
    }

    /// <summary>Adds steps of a plan with their outcomes.</summary>
    /// <param name="steps">What was done.</param>
    /// <param name="names">For printing.</param>
    /// <param name="outcome">The kernel's answer to the step of this number.</param>
    /// <param name="isRefused">True for a step that is listed even when the first ones fill the list.</param>
    public void Add(
        IReadOnlyList<PlanStep> steps,
        InterfaceNames names,
        Func<int, string?> outcome,
        Func<int, bool>? isRefused = null
    )
    {
        const int KeptForRefused = RestoreReport.StepsMax / 2;
        for (var at = 0; at < steps.Count; at++)
        {
            Total++;
            var isLost = isRefused?.Invoke(at) == true;
            Refused += isLost ? 1 : 0;
            var room = isLost ? RestoreReport.StepsMax : KeptForRefused;
            if (_listed.Count < room)
            {
                _listed.Add(new(steps[at].Describe(names), steps[at].Reason, outcome(at)));
            }
        }
    }
}
