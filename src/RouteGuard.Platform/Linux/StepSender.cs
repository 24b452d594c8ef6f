using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Sends prepared steps and turns the kernel's answers into outcomes.</summary>
/// <remarks>
/// Every refused message is answered, one that went through only when it asked for it: so the answer to the last says that
/// those before it without an answer went through (net/netlink/af_netlink.c:netlink_rcv_skb).
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class StepSender
{
    /// <summary>Removals of one step until the right entry went: more twins of one route are not to be expected.</summary>
    public const int RemovalsMax = 8;

    private readonly NetlinkConversation _kernel;
    private readonly RouteDecoder _decoder = new();
    private readonly AnswerTaker _take;
    private readonly List<Stray> _strays = [];
    private StepMessages _sent = new([], [], []);
    private StepOutcome[] _outcomes = [];
    private uint _firstSequence;
    private int _firstStep;

    public StepSender(NetlinkConversation kernel)
    {
        _kernel = kernel;
        _take = Take;
    }

    /// <summary>Sends all parts in order.</summary>
    /// <exception cref="KernelRoutesException">The kernel could not be asked, or did not let us change anything.</exception>
    public StepOutcome[] Send(PreparedSteps prepared)
    {
        var outcomes = new StepOutcome[prepared.Steps.Count];
        Array.Fill(outcomes, StepOutcome.Applied);
        foreach (var part in prepared.Parts)
        {
            switch (part)
            {
                case PreparedPart.Batch batch:
                    SendAll(batch.Messages, outcomes, batch.FirstStep);
                    break;
                case PreparedPart.Exchange exchange:
                    outcomes[exchange.Step] = Send(exchange);
                    break;
                default:
                    throw new ArgumentException($"There is no way to send {part}.", nameof(prepared));
            }
        }

        return outcomes;
    }

    private StepOutcome Send(PreparedPart.Exchange exchange)
    {
        var first = SendOne(exchange.First);
        if (first.Result == StepResult.Refused)
        {
            return first;
        }

        var second = SendOne(exchange.Second);
        if (second.Result == StepResult.Refused && exchange.Undo is { } undo)
        {
            SendOne(undo);
        }

        return second.Result != StepResult.AlreadyDone ? second : first;
    }

    private StepOutcome SendOne(StepMessages messages)
    {
        StepOutcome[] outcomes = [StepOutcome.Applied];
        SendAll(messages, outcomes, 0);
        return outcomes[0];
    }

    private void SendAll(StepMessages messages, StepOutcome[] outcomes, int firstStep)
    {
        SendOnce(messages, outcomes, firstStep);
        if (_strays.Count == 0)
        {
            return;
        }

        Stray[] strays = [.. _strays];
        foreach (var stray in strays)
        {
            outcomes[firstStep + stray.At] = RemoveExactly(messages[stray.At], stray.Taken);
        }
    }

    private void SendOnce(StepMessages messages, StepOutcome[] outcomes, int firstStep)
    {
        _strays.Clear();
        _sent = messages;
        _outcomes = outcomes;
        _firstStep = firstStep;
        _firstSequence = _kernel.TakeSequences(messages.Count);
        messages.Number(_firstSequence);
        _kernel.Ask(KernelRefusal.ChangeRoutes, messages.Bytes, _firstSequence, messages.Count, _take);
        var ours = outcomes.AsSpan(firstStep, messages.Count);
        if (ours[0].Errno == LinuxErrno.EPERM && !ours.ContainsAnyExcept(ours[0]))
        {
            throw KernelRefusal.Of(KernelRefusal.ChangeRoutes, new(LinuxErrno.EPERM), ours[0].KernelMessage);
        }
    }

    private bool Take(in NetlinkMessage message)
    {
        var at = (int)(message.Sequence - _firstSequence);
        switch (message.Type)
        {
            case NetlinkType.Error:
                var ack = _kernel.AckOf(KernelRefusal.ChangeRoutes, message);
                if (!ack.IsDone)
                {
                    _outcomes[_firstStep + at] = OutcomeOf(_sent[at], ack);
                }

                return at == _sent.Count - 1;
            case NetlinkType.DeleteRoute when _decoder.TryDecode(message.Body, out var route, out _, out _):
                KeepStray(at, new PlanStep.AddRoute(route, IsBeside: true, "was removed in the stead of another"));
                return false;
            case NetlinkType.DeleteRule when RuleCodec.TryDecode(message.Body, out var rule, out _):
                KeepStray(at, new PlanStep.AddRule(rule, "was removed in the stead of another"));
                return false;
            default:
                return false;
        }
    }

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
            SendOnce(StepEncoder.EncodeOne(twin), back, 0);
            if (back[0].Result == StepResult.Refused)
            {
                return Refused($"the kernel removed another entry in its stead, and says {back[0].ErrnoName} to: {twin}");
            }
        }

        return outcome;
    }

    private static StepOutcome Refused(string why) =>
        new(StepResult.Refused, LinuxErrno.ESRCH, LinuxErrno.NameOf(LinuxErrno.ESRCH), why);

    private static StepOutcome OutcomeOf(PlanStep step, Ack ack)
    {
        var isAlreadySo = step switch
        {
            PlanStep.AddRoute or PlanStep.AddRule or PlanStep.AddNextHop => ack.Errno == LinuxErrno.EEXIST,
            PlanStep.DeleteRoute or PlanStep.DeleteRule => ack.Errno is LinuxErrno.ESRCH or LinuxErrno.ENOENT,
            _ => false,
        };
        return new(isAlreadySo ? StepResult.AlreadyDone : StepResult.Refused, ack.Errno, LinuxErrno.NameOf(ack.Errno), ack.Message);
    }

    /// <summary>An entry that the kernel removed though it was not meant.</summary>
    /// <param name="At">The message's position in its datagram.</param>
    /// <param name="Taken">What puts it back.</param>
    private readonly record struct Stray(int At, PlanStep Taken);
}
