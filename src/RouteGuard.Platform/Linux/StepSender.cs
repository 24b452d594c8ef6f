using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Sends prepared steps and turns the kernel's answers into outcomes.</summary>
/// <remarks>
/// Every refused message is answered, one that went through only when it asked for it: so the answer to the last says
/// that
/// those before it without an answer went through (net/netlink/af_netlink.c:netlink_rcv_skb).
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed partial class StepSender
{
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
    /// <exception cref="KernelRoutesException">The kernel could not be asked, or did not let us change
    /// anything.</exception>
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
        var strays = _strays.Count == 0 ? [] : _strays.ToArray();
        for (var at = 0; at < messages.Count; at++)
        {
            var outcome = outcomes[firstStep + at];
            if (Array.Find(strays, stray => stray.At == at) is { Taken: not null } stray)
            {
                outcomes[firstStep + at] = RemoveExactly(messages[at], stray.Taken);
            }
            else if (outcome.Result == StepResult.AlreadyDone && messages[at] is PlanStep.AddRule add)
            {
                outcomes[firstStep + at] = AddUnlessThere(add, outcome);
            }
            else if (outcome.Result == StepResult.AlreadyDone && strays.Length > 0 && IsRemoval(messages[at]))
            {
                // Its entry may have been a twin that went in another's stead and is back.
                outcomes[firstStep + at] = SendOne(StepEncoder.EncodeOne(messages[at]));
            }
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

    private static bool IsRemoval(PlanStep step) => step is PlanStep.DeleteRoute or PlanStep.DeleteRule;

    private static StepOutcome OutcomeOf(PlanStep step, Ack ack)
    {
        var isAlreadySo = step switch
        {
            PlanStep.AddRoute or PlanStep.AddRule or PlanStep.AddNextHop => ack.Errno == LinuxErrno.EEXIST,
            _ when IsRemoval(step) => ack.Errno is LinuxErrno.ESRCH or LinuxErrno.ENOENT,
            _ => false,
        };
        return new(
            isAlreadySo ? StepResult.AlreadyDone : StepResult.Refused,
            ack.Errno,
            LinuxErrno.NameOf(ack.Errno),
            ack.Message
        );
    }
}
