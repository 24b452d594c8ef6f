using System.Collections.Immutable;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Turns steps into datagrams.</summary>
/// <remarks>
/// A replacement is one message where the kernel then replaces that entry and no other. It replaces the first entry of
/// an IPv4
/// key (net/ipv4/fib_trie.c:fib_table_insert) and the first of its kind of an IPv6 metric
/// (net/ipv6/ip6_fib.c:fib6_add_rt2node);
/// where that may be another, the step becomes an addition and an exact deletion.
/// </remarks>
/// <param name="observed">The table that the steps were planned on: it tells the siblings.</param>
internal sealed class StepEncoder(RouteTable observed)
{
    /// <summary>A datagram this long is sent; it must fit the socket's send buffer (212,992 bytes) with the kernel's
    /// bookkeeping.</summary>
    public const int BatchBytesMax = 32 * 1024;

    /// <summary>Answers to this many messages, if all are refused, fit the receive buffer even where it cannot be
    /// forced.</summary>
    public const int BatchMessagesMax = 128;

    /// <summary>NLM_F_ECHO: tell what was removed, as the kernel's key is coarser than ours.</summary>
    private const ushort Echo = 0x8;

    private const ushort Make = NetlinkFlags.Request | NetlinkFlags.Create;
    private const ushort Remove = NetlinkFlags.Request | Echo;

    private readonly NetlinkWriter _writer = new();
    private readonly List<PlanStep> _steps = [];
    private readonly List<int> _offsets = [];
    private readonly List<PreparedPart> _parts = [];
    private int _stepsDone;

    public PreparedSteps Encode(IReadOnlyList<PlanStep> steps)
    {
        for (var at = 0; at < steps.Count; at++)
        {
            if (TryExchange(steps[at], at) is { } exchange)
            {
                Flush(at);
                _parts.Add(exchange);
                _stepsDone = at + 1;
                continue;
            }

            Append(steps[at]);
            if (_steps.Count == BatchMessagesMax || _writer.LengthBytes >= BatchBytesMax)
            {
                Flush(at + 1);
            }
        }

        Flush(steps.Count);
        return new([.. steps], [.. _parts]);
    }

    /// <summary>One step alone in its datagram.</summary>
    public static StepMessages EncodeOne(PlanStep step)
    {
        var encoder = new StepEncoder(RouteTable.Empty);
        encoder.Append(step);
        return encoder.TakeMessages();
    }

    /// <summary>One step alone; a rule is made whatever else is there.</summary>
    public static StepMessages EncodeBeside(PlanStep step)
    {
        if (step is not PlanStep.AddRule add)
        {
            return EncodeOne(step);
        }

        var encoder = new StepEncoder(RouteTable.Empty);
        encoder._steps.Add(add);
        encoder._offsets.Add(0);
        RuleCodec.AppendNewRule(encoder._writer, add.Rule, Make, 0);
        return encoder.TakeMessages();
    }

    private void Flush(int stepsDone)
    {
        if (_steps.Count > 0)
        {
            _parts.Add(new PreparedPart.Batch(TakeMessages(), _stepsDone));
        }

        _stepsDone = stepsDone;
    }

    private StepMessages TakeMessages()
    {
        var messages = new StepMessages(_writer.Written.ToArray(), [.. _steps], [.. _offsets]);
        messages.AcknowledgeLast();
        _writer.Clear();
        _steps.Clear();
        _offsets.Clear();
        return messages;
    }

    private void Append(PlanStep step)
    {
        _steps.Add(step);
        _offsets.Add(_writer.LengthBytes);
        switch (step)
        {
            case PlanStep.AddRoute add:
                var beside = add.IsBeside ? NetlinkFlags.Append : NetlinkFlags.Exclusive;
                RouteCodec.AppendNewRoute(_writer, add.Route, (ushort)(Make | beside), 0);
                break;
            case PlanStep.ReplaceRoute replace:
                RouteCodec.AppendNewRoute(_writer, replace.After, Make | NetlinkFlags.Replace, 0);
                break;
            case PlanStep.DeleteRoute delete:
                RouteCodec.AppendDeleteRoute(_writer, delete.Route, Remove, 0);
                break;
            case PlanStep.AddRule add:
                RuleCodec.AppendNewRule(_writer, add.Rule, Make | NetlinkFlags.Exclusive, 0);
                break;
            case PlanStep.DeleteRule delete:
                RuleCodec.AppendDeleteRule(_writer, delete.Rule, Remove, 0);
                break;
            case PlanStep.AddNextHop add:
                NextHopCodec.AppendNewNextHop(_writer, add.NextHop, Make | NetlinkFlags.Exclusive, 0);
                break;
            default:
                throw new ArgumentException($"There is no message for the step {step}.", nameof(step));
        }
    }

    private PreparedPart.Exchange? TryExchange(PlanStep step, int at)
    {
        if (step is not PlanStep.ReplaceRoute replace || IsReplacedAlone(replace))
        {
            return null;
        }

        var add = EncodeOne(new PlanStep.AddRoute(replace.After, IsBeside: true, replace.Reason));
        var delete = EncodeOne(new PlanStep.DeleteRoute(replace.Before, replace.Reason));

        // IPv6 takes no second entry with the same next hop beside the first (ip6_fib.c:rt6_duplicate_nexthop). The
        // siblings
        // carry on meanwhile.
        return replace.After.Family == IpFamily.V6 && replace.After.NextHop.Equals(replace.Before.NextHop)
            ? new(at, delete, add, EncodeOne(new PlanStep.AddRoute(replace.Before, IsBeside: true, replace.Reason)))
            : new(at, add, delete, Undo: null);
    }

    private bool IsReplacedAlone(PlanStep.ReplaceRoute replace)
    {
        var (before, after) = (replace.Before, replace.After);
        var isSameKey =
            before.Destination == after.Destination
            && before.Table == after.Table
            && before.Tos == after.Tos
            && EntryComparison.MetricOf(before) == EntryComparison.MetricOf(after)
            && before.Attributes.Source == after.Attributes.Source;
        return isSameKey
            && (
                before.Family == IpFamily.V4
                    ? before.Ordinal == 0 && after.Ordinal == 0
                    : (IsOfGateways(before) && IsOfGateways(after)) || !HasSiblings(before)
            );
    }

    // All gateways of one IPv6 metric are one multipath entry, which is replaced as one. Not so what the kernel made of
    // router
    // advertisements (rt6_qualify_for_ecmp), which cannot be told from what a program says it did.
    private static bool IsOfGateways(Route route) =>
        route.NextHop is NextHop.Via or NextHop.Multipath && route.Attributes.Protocol != RouteProtocol.Ra;

    // Siblings are neighbours in the order of routes.
    private bool HasSiblings(Route route)
    {
        var at = observed.Routes.BinarySearch(route, RouteOrder.ByKey);
        return at >= 0 && (IsSibling(route, at - 1) || IsSibling(route, at + 1));
    }

    private bool IsSibling(Route route, int at) =>
        (uint)at < (uint)observed.Routes.Length
        && observed.Routes[at] is var other
        && other.Family == route.Family
        && other.Table == route.Table
        && other.Destination == route.Destination
        && other.Tos == route.Tos
        && other.Metric == route.Metric
        && other.Attributes.Source == route.Attributes.Source;
}
