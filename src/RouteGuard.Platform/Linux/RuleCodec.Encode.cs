using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <content>Writing. Attributes stand in the order in which <c>ip rule show</c> prints their words.</content>
public static partial class RuleCodec
{
    /// <summary>Appends a request to make the rule.</summary>
    /// <param name="writer">The batch.</param>
    /// <param name="rule">The rule; without a priority the kernel chooses one.</param>
    /// <param name="flags">Such as Request | Acknowledge | Create | Exclusive (see <see cref="NetlinkFlags"/>).</param>
    /// <param name="sequence">Repeated by the answer.</param>
    public static void AppendNewRule(NetlinkWriter writer, PolicyRule rule, ushort flags, uint sequence) =>
        Append(writer, NetlinkType.NewRule, rule, flags, sequence);

    /// <summary>Appends a request to remove the rule, with everything that it has as a condition.</summary>
    /// <remarks>The kernel removes the first rule that has all that is given (fib_rules.c:rule_find).</remarks>
    public static void AppendDeleteRule(NetlinkWriter writer, PolicyRule rule, ushort flags, uint sequence) =>
        Append(writer, NetlinkType.DeleteRule, rule, flags, sequence);

    private static void Append(NetlinkWriter writer, ushort type, PolicyRule rule, ushort flags, uint sequence)
    {
        writer.BeginMessage(type, flags, sequence);
        writer.Append(
            new RuleHeader(
                RouteDecoder.NumberOf(rule.Family),
                rule.To?.Length ?? 0,
                rule.From?.Length ?? 0,
                rule.Tos,
                rule.Table <= byte.MaxValue ? (byte)rule.Table : (byte)0,
                0,
                0,
                rule.Action,
                rule.IsInverted ? RuleAttribute.InvertFlag : 0
            )
        );
        AppendNumber(writer, RuleAttribute.Priority, rule.Priority);
        AppendEnd(writer, RuleAttribute.Source, rule.From, rule.Raw);
        AppendEnd(writer, RuleAttribute.Destination, rule.To, rule.Raw);
        AppendNumber(writer, RuleAttribute.Mark, rule.FirewallMark);
        AppendNumber(writer, RuleAttribute.MarkMask, rule.FirewallMask);
        AppendSelector(writer, rule);
        AppendAction(writer, rule);
        writer.AppendBytes(rule.Raw.Bytes.AsSpan());
        writer.EndMessage();
    }

    private static void AppendSelector(NetlinkWriter writer, PolicyRule rule)
    {
        if (rule.InputInterface is { } input)
        {
            writer.AttributeText(RuleAttribute.InputInterface, input);
        }

        if (rule.OutputInterface is { } output)
        {
            writer.AttributeText(RuleAttribute.OutputInterface, output);
        }

        if (rule.UsesVrfTable)
        {
            writer.Attribute<byte>(RuleAttribute.VrfTable, 1);
        }

        AppendRange(writer, RuleAttribute.Uids, rule.Uids);
        if (rule.IpProtocol != 0)
        {
            writer.Attribute(RuleAttribute.IpProtocol, rule.IpProtocol);
        }

        AppendRange(writer, RuleAttribute.SourcePorts, rule.SourcePorts);
        AppendRange(writer, RuleAttribute.DestinationPorts, rule.DestinationPorts);
    }

    private static void AppendAction(NetlinkWriter writer, PolicyRule rule)
    {
        if (rule.Table > byte.MaxValue)
        {
            writer.Attribute(RuleAttribute.Table, rule.Table);
        }

        AppendNumber(writer, RuleAttribute.SuppressPrefixLength, rule.SuppressPrefixLength);
        AppendNumber(writer, RuleAttribute.SuppressInterfaceGroup, rule.SuppressInterfaceGroup);
        AppendNumber(writer, RuleAttribute.Goto, rule.Goto);
        if (rule.Protocol != 0)
        {
            writer.Attribute(RuleAttribute.Protocol, rule.Protocol);
        }
    }

    private static void AppendEnd(NetlinkWriter writer, ushort type, Prefix? prefix, RawAttributes raw)
    {
        if (prefix is { } known && !Contains(raw, type))
        {
            RouteCodec.AppendAddress(writer, type, known.Address);
        }
    }

    private static bool Contains(RawAttributes raw, ushort type)
    {
        var attributes = new NetlinkAttributes(raw.Bytes.AsSpan(), 0);
        while (attributes.TryNext(out var attribute))
        {
            if (attribute.Type == type)
            {
                return true;
            }
        }

        return false;
    }

    private static void AppendNumber(NetlinkWriter writer, ushort type, uint? number)
    {
        if (number is { } known)
        {
            writer.Attribute(type, known);
        }
    }

    private static void AppendRange<T>(NetlinkWriter writer, ushort type, T? range)
        where T : unmanaged
    {
        if (range is { } known)
        {
            writer.Attribute(type, known);
        }
    }
}
