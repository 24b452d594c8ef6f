using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.MacOS;

/// <summary>An entry of the table as Core's route, and whose it is.</summary>
/// <param name="Route">The entry.</param>
/// <param name="Kind">Whose it is. All but ordinary entries say protocol kernel or redirect, so that no plan names
/// them.</param>
/// <param name="Flags">rtm_flags, all of them.</param>
internal sealed record TableEntry(Route Route, EntryKind Kind, RouteFlags Flags);

/// <summary>Turns a message about an entry into a route.</summary>
/// <remarks>
/// <para>Dropped: use and reference counts, parent flags, pids, expiry and the metrics that TCP learns, because they
/// are no
/// part of the entry; the MTU where it is the interface's own, because the kernel fills it in.</para>
/// <para>The interface inside link-local addresses and inside sin_zero is taken out; the next hop names it
/// instead.</para>
/// </remarks>
/// <param name="mtuOf">The MTU of an interface, or 0 where it is not known: then no MTU is a route's own.</param>
internal sealed class RouteDecoder(Func<InterfaceIndex, uint> mtuOf)
{
    /// <summary>RTAX_MTU, the number of the metric in Core.</summary>
    private const byte MtuNumber = 2;

    /// <summary>Reads an entry from a dump (RTM_GET, RTM_GET2) or from a report (RTM_ADD, RTM_DELETE, RTM_GET,
    /// …).</summary>
    /// <returns>False with a fault for what is no entry of IPv4 or IPv6, or cannot be said as one.</returns>
    public bool TryRead(in RoutingMessage message, [NotNullWhen(true)] out TableEntry? entry, out WireFault fault)
    {
        entry = null;
        if (
            !TryReadHeader(message, out var header, out fault)
            || !TryReadDestination(message, header, out var destination, out var destinationScope, out fault)
        )
        {
            return false;
        }

        var index = ReadDevice(message, header.Index);
        var isScoped = (header.Flags & RouteFlags.InterfaceScope) != RouteFlags.None;
        var kind = KindOf(header.Flags, destination);
        var nextHop = ReadNextHop(message, header.Flags, kind, index, destination.Family, out var unsaidGateway);
        var route = new Route
        {
            Destination = destination,
            NextHop = nextHop,
            IsHostEntry = (header.Flags & RouteFlags.Host) != RouteFlags.None,
            ScopeInterface =
                !isScoped ? InterfaceIndex.None
                : destinationScope.IsNone ? index
                : destinationScope,
            Attributes = new()
            {
                Protocol = RouteModel.ProtocolOf(kind, header.Flags, destination.Family),
                PreferredSource = kind == EntryKind.Ordinary ? ReadSource(message, destination.Family) : null,
                Metrics = ReadMetrics(header.Metrics, index),
            },
        };

        var raw =
            kind == EntryKind.Ordinary ? RouteModel.Unsaid(route, header.Flags, unsaidGateway) : RawAttributes.None;
        entry = new(route with { Attributes = route.Attributes with { Raw = raw } }, kind, header.Flags);
        return true;
    }

    private static bool TryReadHeader(in RoutingMessage message, out RouteHeader header, out WireFault fault)
    {
        fault = default;
        if (message.IsAboutRoute)
        {
            header = message.Header<RouteHeader>();
            return true;
        }

        if (message.Type == RoutingMessageType.Get2)
        {
            var dumped = message.Header<RouteDumpHeader>();
            header = new()
            {
                Index = dumped.Index,
                Flags = dumped.Flags,
                Metrics = dumped.Metrics,
            };
            return true;
        }

        header = default;
        fault = new("rtm_type", 3, $"is {message.Type}, which is about no route");
        return false;
    }

    // A request, and so its echo, names its interface by RTA_IFP; the kernel's own messages do so by rtm_index.
    private static InterfaceIndex ReadDevice(in RoutingMessage message, ushort index) =>
        index == 0 && message[AddressSlot.Interface].TryReadLinkIndex(out var named) ? named : new(index);

    private static bool TryReadDestination(
        in RoutingMessage message,
        RouteHeader header,
        out Prefix destination,
        out InterfaceIndex scope,
        out WireFault fault
    )
    {
        destination = default;
        if (!message[AddressSlot.Destination].TryReadAddress(out var address, out scope))
        {
            fault = new("RTA_DST", message.HeaderBytes, "is missing or neither IPv4 nor IPv6");
            return false;
        }

        // An entry without a mask is one for an address (bsd/net/rtsock.c: no netmask, RTF_HOST).
        var isHost = (header.Flags & RouteFlags.Host) != RouteFlags.None || !message.Has(AddressSlot.Netmask);
        var prefixLength = address.BitLength;
        if (!isHost && !message[AddressSlot.Netmask].TryReadMask(address.Family, out prefixLength))
        {
            fault = new("RTA_NETMASK", message.HeaderBytes, "has a zero before a one");
            return false;
        }

        var isPrefix = Prefix.TryCreate(address, prefixLength, out destination);
        fault = isPrefix ? default : new("RTA_DST", message.HeaderBytes, $"has bits beyond the first {prefixLength}");
        return isPrefix;
    }

    private static EntryKind KindOf(RouteFlags flags, Prefix destination)
    {
        var kind = EntryKinds.Of(flags);
        if (kind is not (EntryKind.Ordinary or EntryKind.Connected))
        {
            return kind;
        }

        var isBroadcast = destination is { IsHost: true, Family: IpFamily.V4, Address.Low: uint.MaxValue };
        return destination.Address.IsMulticast ? EntryKind.Multicast
            : isBroadcast ? EntryKind.Broadcast
            : kind;
    }

    private static NextHop ReadNextHop(
        in RoutingMessage message,
        RouteFlags flags,
        EntryKind kind,
        InterfaceIndex index,
        IpFamily family,
        out SocketAddress unsaid
    )
    {
        unsaid = default;
        switch (kind)
        {
            case EntryKind.Local:
                return new NextHop.Special(RouteModel.LocalType, index);
            case EntryKind.Broadcast:
                return new NextHop.Special(RouteModel.BroadcastType, index);
            case EntryKind.Multicast:
                return new NextHop.Special(RouteModel.MulticastType, index);
            default:
                break;
        }

        var gateway = message[AddressSlot.Gateway];
        if ((flags & (RouteFlags.Reject | RouteFlags.Blackhole)) != RouteFlags.None)
        {
            unsaid = RouteRequests.IsLoopbackOf(family, gateway) ? default : gateway;
            return (flags & RouteFlags.Blackhole) != RouteFlags.None
                ? new NextHop.Blackhole()
                : new NextHop.Unreachable();
        }

        if ((flags & RouteFlags.Gateway) != RouteFlags.None && gateway.TryReadAddress(out var router, out _))
        {
            return new NextHop.Via(router, index);
        }

        // On the link. The gateway is the interface itself (sockaddr_dl), or an address of it.
        unsaid = gateway.TryReadLinkIndex(out var link) && link == index ? default : gateway;
        return new NextHop.OnLink(index);
    }

    private static IpAddress? ReadSource(in RoutingMessage message, IpFamily family) =>
        message[AddressSlot.InterfaceAddress].TryReadAddress(out var source, out _) && source.Family == family
            ? source
            : null;

    private RouteMetrics ReadMetrics(RouteMetricsBlock metrics, InterfaceIndex index)
    {
        var isLocked = (metrics.Locks & MetricBits.Mtu) != MetricBits.None;
        var ofInterface = mtuOf(index);
        if (metrics.Mtu == 0 || (!isLocked && (ofInterface == 0 || ofInterface == metrics.Mtu)))
        {
            return RouteMetrics.None;
        }

        return new(new([new RouteMetric(MtuNumber, metrics.Mtu)]), isLocked ? 1u << MtuNumber : 0);
    }
}
