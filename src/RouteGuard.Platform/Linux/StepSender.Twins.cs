using RouteGuard.Core.Planning;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <content>What to do where the kernel's key is coarser than our identity, and it took one entry for
/// another.</content>
internal sealed partial class StepSender
{
    /// <summary>Removals of one step until the right entry went: more twins of one route are not to be
    /// expected.</summary>
    public const int RemovalsMax = 8;

    private void KeepStray(int at, PlanStep taken)
    {
        if (!EntryComparison.IsMeant(_sent[at], taken))
        {
            _strays.Add(new(at, taken));
        }
    }

    // The kernel took a twin. Removing again takes the next one; then the twins go back.
    private StepOutcome RemoveExactly(PlanStep step, PlanStep taken)
    {
        List<PlanStep> twins = [taken];
        var again = StepEncoder.EncodeOne(step);
        var outcome = Refused("only entries that differ from it were found, and put back");
        for (var removals = 1; removals < RemovalsMax; removals++)
        {
            StepOutcome[] answer = [StepOutcome.Applied];
            SendOnce(again, answer, 0);
            if (_strays.Count == 0)
            {
                outcome = answer[0];
                break;
            }

            twins.AddRange(_strays.Select(stray => stray.Taken));
        }

        foreach (var twin in twins)
        {
            StepOutcome[] back = [StepOutcome.Applied];
            SendOnce(StepEncoder.EncodeBeside(twin), back, 0);
            if (back[0].Result == StepResult.Refused)
            {
                return Refused(
                    $"the kernel removed another entry in its stead, and says {back[0].ErrnoName} to: {twin}"
                );
            }
        }

        return outcome;
    }

    private static StepOutcome Refused(string why) =>
        new(StepResult.Refused, LinuxErrno.ESRCH, LinuxErrno.NameOf(LinuxErrno.ESRCH), why);

    // Where a new rule has no selector, the kernel takes any rule of its priority and table for the same, and says
    // EEXIST
    // (net/core/fib_rules.c:rule_exists, net/ipv4/fib_rules.c:fib4_rule_compare). So we look, and insist.
    private StepOutcome AddUnlessThere(PlanStep.AddRule add, StepOutcome outcome)
    {
        var request = new NetlinkWriter();
        var sequence = _kernel.TakeSequences(1);
        ReadRequests.AppendDumpRules(request, add.Rule.Family, sequence);
        var isThere = false;
        _kernel.Dump(
            KernelRefusal.ReadRoutes,
            request,
            sequence,
            (in NetlinkMessage message) =>
                isThere |= RuleCodec.TryDecode(message.Body, out var rule, out _) && rule == add.Rule
        );
        if (isThere)
        {
            return outcome;
        }

        StepOutcome[] answer = [StepOutcome.Applied];
        SendOnce(StepEncoder.EncodeBeside(add), answer, 0);
        return answer[0];
    }

    /// <summary>An entry that the kernel removed though it was not meant.</summary>
    /// <param name="At">The message's position in its datagram.</param>
    /// <param name="Taken">What puts it back.</param>
    private readonly record struct Stray(int At, PlanStep Taken);
}
