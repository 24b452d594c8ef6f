using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Policy rules: RTM_NEWRULE and RTM_DELRULE. Decoding is total.</summary>
/// <remarks>Sources: linux/fib_rules.h; net/core/fib_rules.c:fib_nl2rule and fib_nl_fill_rule.</remarks>
public static partial class RuleCodec
{
    private const uint Off = uint.MaxValue;
    private const ushort PortMaskAll = ushort.MaxValue;

    /// <summary>Decodes what follows the 16-byte <c>nlmsghdr</c>.</summary>
    /// <param name="body"><c>struct fib_rule_hdr</c> and attributes.</param>
    /// <param name="rule">The rule when the answer is true.</param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    /// <param name="isRequest">
    /// Who says it: a rule that the kernel tells without FRA_PRIORITY has priority 0; in a request the kernel is to
    /// choose one.
    /// </param>
    public static bool TryDecode(
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out PolicyRule? rule,
        out WireFault fault,
        bool isRequest = false
    )
    {
        rule = null;
        var reader = new WireReader(body);
        if (!reader.TryRead(out RuleHeader header))
        {
            fault = new("fib_rule_hdr", 0, "is cut off");
            return false;
        }

        if (header.Family is not (NetlinkFamily.Inet or NetlinkFamily.Inet6))
        {
            fault = new("family", 0, "is neither AF_INET nor AF_INET6");
            return false;
        }

        var draft = new Draft(header, isRequest);
        var attributes = new NetlinkAttributes(body[reader.OffsetBytes..], reader.OffsetBytes);
        while (attributes.TryNext(out var attribute))
        {
            if (!TryTake(draft, attribute, out fault))
            {
                return false;
            }
        }

        fault = attributes.Fault;
        return fault.IsNone && draft.TryFinish(out rule, out fault);
    }

    private static bool TryTake(Draft draft, in NetlinkAttribute attribute, out WireFault fault)
    {
        fault = default;
        switch (attribute.Type)
        {
            case RuleAttribute.Source:
                return TryReadEnd("FRA_SRC", attribute, draft.Family, ref draft.Source, out fault);
            case RuleAttribute.Destination:
                return TryReadEnd("FRA_DST", attribute, draft.Family, ref draft.Destination, out fault);
            case RuleAttribute.InputInterface:
                return TakeName(draft, attribute, ref draft.InputInterface);
            case RuleAttribute.OutputInterface:
                return TakeName(draft, attribute, ref draft.OutputInterface);
            case RuleAttribute.Priority:
                return TryReadNumber("FRA_PRIORITY", attribute, out draft.Priority, out fault);
            case RuleAttribute.Goto:
                return TryReadNumber("FRA_GOTO", attribute, out draft.Goto, out fault);
            case RuleAttribute.Table:
                return attribute.TryRead("FRA_TABLE", out draft.Table, out fault);
            case RuleAttribute.Mark:
                return TryReadNumber("FRA_FWMARK", attribute, out draft.Mark, out fault);
            case RuleAttribute.MarkMask:
                return TryReadNumber("FRA_FWMASK", attribute, out draft.MarkMask, out fault);
            case RuleAttribute.SuppressPrefixLength:
                return TryReadNumber("FRA_SUPPRESS_PREFIXLEN", attribute, out draft.SuppressPrefixLength, out fault);
            case RuleAttribute.SuppressInterfaceGroup:
                return TryReadNumber("FRA_SUPPRESS_IFGROUP", attribute, out draft.SuppressInterfaceGroup, out fault);
            default:
                return TryTakeSelector(draft, attribute, out fault);
        }
    }

    private static bool TryTakeSelector(Draft draft, in NetlinkAttribute attribute, out WireFault fault)
    {
        fault = default;
        switch (attribute.Type)
        {
            case RuleAttribute.Protocol:
                return attribute.TryRead("FRA_PROTOCOL", out draft.Protocol, out fault);
            case RuleAttribute.IpProtocol:
                return attribute.TryRead("FRA_IP_PROTO", out draft.IpProtocol, out fault);
            case RuleAttribute.VrfTable:
                return attribute.TryRead("FRA_L3MDEV", out draft.VrfTable, out fault);
            case RuleAttribute.Uids:
                return TryReadRange("FRA_UID_RANGE", attribute, out draft.Uids, out fault);
            case RuleAttribute.SourcePorts:
                return TryReadRange("FRA_SPORT_RANGE", attribute, out draft.SourcePorts, out fault);
            case RuleAttribute.DestinationPorts:
                return TryReadRange("FRA_DPORT_RANGE", attribute, out draft.DestinationPorts, out fault);
            case RuleAttribute.SourcePortMask
            or RuleAttribute.DestinationPortMask
                when attribute.TryRead(string.Empty, out ushort mask, out _) && mask == PortMaskAll:
                // What a single port has anyway; older kernels do not know it.
                return true;
            default:
                draft.Rest.Add(attribute);
                return true;
        }
    }

    // `from all` is sent as an address without bytes.
    private static bool TryReadEnd(
        string field,
        in NetlinkAttribute attribute,
        IpFamily family,
        ref IpAddress address,
        out WireFault fault
    )
    {
        fault = default;
        return attribute.Payload.IsEmpty || attribute.TryReadAddress(field, family, out address, out fault);
    }

    // The kernel takes any bytes for the name of an interface in a rule.
    private static bool TakeName(Draft draft, in NetlinkAttribute attribute, ref string? name)
    {
        if (attribute.TryReadName(out var read))
        {
            name = read;
        }
        else
        {
            draft.Rest.Add(attribute);
        }

        return true;
    }

    private static bool TryReadNumber(
        string field,
        in NetlinkAttribute attribute,
        out uint? number,
        out WireFault fault
    )
    {
        var isRead = attribute.TryRead(field, out uint value, out fault);
        number = isRead ? value : null;
        return isRead;
    }

    private static bool TryReadRange<T>(string field, in NetlinkAttribute attribute, out T? range, out WireFault fault)
        where T : unmanaged
    {
        var isRead = attribute.TryRead(field, out T value, out fault);
        range = isRead ? value : null;
        return isRead;
    }

    /// <summary>What was read of one message so far.</summary>
    private sealed class Draft(RuleHeader header, bool isRequest)
    {
        public readonly RuleHeader Header = header;
        public readonly IpFamily Family = header.Family == NetlinkFamily.Inet ? IpFamily.V4 : IpFamily.V6;
        public readonly UnmodelledBytes Rest = new();
        public IpAddress Source = header.Family == NetlinkFamily.Inet ? IpAddress.AnyV4 : IpAddress.AnyV6;
        public IpAddress Destination = header.Family == NetlinkFamily.Inet ? IpAddress.AnyV4 : IpAddress.AnyV6;
        public string? InputInterface;
        public string? OutputInterface;
        public uint? Priority = isRequest ? null : 0;
        public uint? Goto;
        public uint? Mark;
        public uint? MarkMask;
        public uint? SuppressPrefixLength;
        public uint? SuppressInterfaceGroup;
        public uint Table = header.Table;
        public byte Protocol;
        public byte IpProtocol;
        public byte VrfTable;
        public UidRange? Uids;
        public PortRange? SourcePorts;
        public PortRange? DestinationPorts;

        public bool TryFinish([NotNullWhen(true)] out PolicyRule? rule, out WireFault fault)
        {
            rule = null;
            if (
                !TryPrefix(Source, Header.SourceLength, RuleAttribute.Source, out var from)
                || !TryPrefix(Destination, Header.DestinationLength, RuleAttribute.Destination, out var to)
            )
            {
                fault = new("src_len or dst_len", 1, "is too long for the family");
                return false;
            }

            fault = default;
            rule = new()
            {
                Family = Family,
                Priority = Priority,
                Action = Header.Action,
                Table = Table,
                Goto = Goto,
                From = from,
                To = to,
                IsInverted = (Header.Flags & RuleAttribute.InvertFlag) != 0,
                FirewallMark = Mark ?? (MarkMask is null ? null : 0),
                FirewallMask = MarkMask == uint.MaxValue && Mark is not (null or 0) ? null : MarkMask,
                InputInterface = InputInterface,
                OutputInterface = OutputInterface,
                Tos = Header.Tos,
                SuppressPrefixLength = SuppressPrefixLength == Off ? null : SuppressPrefixLength,
                SuppressInterfaceGroup = SuppressInterfaceGroup == Off ? null : SuppressInterfaceGroup,
                IpProtocol = IpProtocol,
                SourcePorts = SourcePorts,
                DestinationPorts = DestinationPorts,
                Uids = Uids,
                Protocol = Protocol,
                UsesVrfTable = VrfTable != 0,
                Raw = Rest.ToRaw(),
            };
            return true;
        }

        // The kernel keeps host bits and compares them on delete, so they are kept here as well.
        private bool TryPrefix(IpAddress address, byte length, ushort type, out Prefix? prefix)
        {
            prefix = null;
            if (length > address.BitLength || !Prefix.TryCreate(address.Masked(length), length, out var made))
            {
                return false;
            }

            prefix = length == 0 ? null : made;
            if (made.Address != address)
            {
                Span<byte> bytes = stackalloc byte[16];
                Rest.Add(type, bytes[..address.WriteBytes(bytes)]);
            }

            return true;
        }
    }
}
