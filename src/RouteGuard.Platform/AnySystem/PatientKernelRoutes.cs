using Polly;
using Polly.Retry;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.AnySystem;

/// <summary>A kernel that had no time or no memory for a step is asked again, a few times within
/// milliseconds.</summary>
/// <remarks>
/// Only EBUSY, ENOBUFS, ENOMEM, EAGAIN and EINTR pass by themselves so soon. ENETUNREACH may too, when a link comes up,
/// but that takes a second and not milliseconds: the engine looks again then, and plans from what it sees. Steps that
/// are asked again come after those that were done, in the order of the plan; every step compares before it deletes, so
/// none depends on one that was refused.
/// </remarks>
/// <param name="kernel">The one that is asked.</param>
/// <param name="firstPause">Before the first retry; doubled for each one more.</param>
public sealed class PatientKernelRoutes(IKernelRoutes kernel, TimeSpan firstPause) : IKernelRoutes
{
    /// <summary>Retries of one batch: with <see cref="PauseFirst"/> they take 14 ms at most.</summary>
    public const int RetriesMax = 3;

    public static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(2);

    private readonly ResiliencePipeline<bool> _patience = new ResiliencePipelineBuilder<bool>()
        .AddRetry(
            new RetryStrategyOptions<bool>
            {
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome is { Exception: null, Result: false }),
                MaxRetryAttempts = RetriesMax,
                BackoffType = DelayBackoffType.Exponential,
                Delay = firstPause,
            }
        )
        .Build();

    public bool HasSiblings => kernel.HasSiblings;

    public RouteTable Read() => kernel.Read();

    public InterfaceIndex? WayTo(IpAddress destination) => kernel.WayTo(destination);

    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => kernel.Prepare(steps);

    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps)
    {
        var outcomes = kernel.Apply(steps);
        return outcomes.Any(IsTransient) ? Insist(steps.Steps, [.. outcomes]) : outcomes;
    }

    public void Dispose() => kernel.Dispose();

    private StepOutcome[] Insist(IReadOnlyList<PlanStep> steps, StepOutcome[] outcomes)
    {
        // The attempt that brought us here has failed already, so the first thing to do is to pause.
        var isFirst = true;
        _patience.Execute(() =>
        {
            if (isFirst)
            {
                isFirst = false;
                return false;
            }

            int[] open = [.. Enumerable.Range(0, outcomes.Length).Where(at => IsTransient(outcomes[at]))];
            var again = kernel.Apply(kernel.Prepare([.. open.Select(at => steps[at])]));
            foreach (var (at, outcome) in open.Zip(again))
            {
                outcomes[at] = outcome;
            }

            return !again.Any(IsTransient);
        });
        return outcomes;
    }

    private static bool IsTransient(StepOutcome outcome) =>
        outcome.Result == StepResult.Refused
        && outcome.ErrnoName is "EBUSY" or "ENOBUFS" or "ENOMEM" or "EAGAIN" or "EINTR";
}
