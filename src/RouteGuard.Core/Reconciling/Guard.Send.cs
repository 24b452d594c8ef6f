using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Core.Reconciling;

/// <content>How a plan is sent: in its own order, in batches that tell how far it is and where it can be
/// stopped.</content>
public sealed partial class Guard
{
    private const string StoppedEarly = "it was stopped before it was done; run routeguard restore again to finish it";

    /// <summary>Sends the steps of a plan and gathers the answers of those that were sent.</summary>
    /// <remarks>
    /// All is made ready before the first batch goes: between two batches nothing is done but to say how far it is and
    /// to ask whether it shall go on. So a default that has to go before another can come waits no longer than between
    /// two datagrams of one batch. Stopped or refused half-way, the intent in the journal and a new look finish it.
    /// </remarks>
    /// <returns>Null, or why the rest could not be sent.</returns>
    private KernelRoutesException? Send(IReadOnlyList<PlanStep> steps, List<StepOutcome> outcomes)
    {
        try
        {
            var batches = steps.Chunk(_options.StepsPerBatchMax).Select(ports.Kernel.Prepare).ToArray();
            for (var at = 0; at < batches.Length && !(at > 0 && _isStopping); at++)
            {
                outcomes.AddRange(ports.Kernel.Apply(batches[at]));
                if (_progress is { } before)
                {
                    _progress = before with { StepsDone = before.StepsDone + batches[at].Steps.Count };
                }
            }

            return null;
        }
        catch (KernelRoutesException refused)
        {
            _kernelProblem = refused.Message;
            return refused;
        }
    }
}
