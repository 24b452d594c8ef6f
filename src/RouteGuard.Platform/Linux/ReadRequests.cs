using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>
/// Requests to read, in the form that a socket with NETLINK_GET_STRICT_CHK takes: nothing but the filter is set.
/// </summary>
/// <remarks>Sources: rtnetlink(7); net/ipv4/fib_frontend.c:ip_valid_fib_dump_req and its like.</remarks>
public static class ReadRequests
{
    private const ushort DumpFlags = NetlinkFlags.Request | NetlinkFlags.Dump;

    /// <summary>Asks for every route of a family, or of one table of it.</summary>
    public static void AppendDumpRoutes(NetlinkWriter writer, IpFamily family, uint sequence, uint? table = null)
    {
        writer.BeginMessage(NetlinkType.GetRoute, DumpFlags, sequence);
        writer.Append(default(RouteHeader) with { Family = RouteDecoder.NumberOf(family) });
        if (table is { } one)
        {
            writer.Attribute(RouteAttribute.Table, one);
        }

        writer.EndMessage();
    }

    /// <summary>Asks for every policy rule of a family.</summary>
    public static void AppendDumpRules(NetlinkWriter writer, IpFamily family, uint sequence)
    {
        writer.BeginMessage(NetlinkType.GetRule, DumpFlags, sequence);
        writer.Append(default(RuleHeader) with { Family = RouteDecoder.NumberOf(family) });
        writer.EndMessage();
    }

    /// <summary>Asks for every interface, without its counters.</summary>
    public static void AppendDumpLinks(NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkType.GetLink, DumpFlags, sequence);
        writer.Append(default(LinkHeader));
        writer.Attribute(LinkAttribute.ExtendedMask, LinkAttribute.SkipStatistics);
        writer.EndMessage();
    }

    /// <summary>Asks for every address of both families.</summary>
    public static void AppendDumpAddresses(NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkType.GetAddress, DumpFlags, sequence);
        writer.Append(default(AddressHeader));
        writer.EndMessage();
    }

    /// <summary>Asks for every next-hop object.</summary>
    public static void AppendDumpNextHops(NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkType.GetNextHop, DumpFlags, sequence);
        writer.Append(default(NextHopHeader));
        writer.EndMessage();
    }

    /// <summary>
    /// Asks which way a packet would go (<c>ip route get</c>). The answer is one RTM_NEWROUTE, or an errno.
    /// </summary>
    /// <param name="writer">The batch.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="sequence">Repeated by the answer.</param>
    /// <param name="mark">The packet's mark, for rules that look at it.</param>
    /// <param name="isEntryWanted">Answer with the entry of the table rather than with the resolved route.</param>
    public static void AppendLookup(
        NetlinkWriter writer,
        IpAddress destination,
        uint sequence,
        uint? mark = null,
        bool isEntryWanted = false
    )
    {
        // IPv6 refuses RTM_F_LOOKUP_TABLE in a strict request and tells the table anyway
        // (inet6_rtm_valid_getroute_req).
        var flags = destination.Family == IpFamily.V4 ? RouteFlag.LookupTable : 0;
        flags |= isEntryWanted ? RouteFlag.FibMatch : 0;
        writer.BeginMessage(NetlinkType.GetRoute, NetlinkFlags.Request, sequence);
        writer.Append(
            default(RouteHeader) with
            {
                Family = RouteDecoder.NumberOf(destination.Family),
                DestinationLength = (byte)destination.BitLength,
                Flags = flags,
            }
        );
        RouteCodec.AppendAddress(writer, RouteAttribute.Destination, destination);
        if (mark is { } value)
        {
            writer.Attribute(RouteAttribute.Mark, value);
        }

        writer.EndMessage();
    }
}
