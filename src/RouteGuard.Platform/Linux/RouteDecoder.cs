using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Turns the bodies of RTM_NEWROUTE and RTM_DELROUTE into routes. Total.</summary>
/// <remarks>
/// One decoder serves a dump, or many: routes that have their next hop or their attributes in common share the objects,
/// so that a route costs one allocation. Not for two threads at once.
/// What is not modelled goes verbatim to <see cref="RouteAttributes.Raw"/>. What only reports is dropped: use counts,
/// link state and offload flags, and the next hops that the kernel shows beside RTA_NH_ID, which it refuses on write.
/// Sources: rtnetlink(7); net/ipv4/fib_semantics.c:fib_dump_info; net/ipv6/route.c:rt6_fill_node.
/// </remarks>
public sealed class RouteDecoder
{
    private const int TicksPerSecond = 100;

    // Where the kernel shows lo as the device of an IPv6 route that has none (net/core/dev.h: LOOPBACK_IFINDEX).
    private const int LoopbackIndex = 1;

    private readonly RouteInterner _interner = new();
    private readonly UnmodelledBytes _rest = new();

    /// <summary>Decodes what follows the 16-byte <c>nlmsghdr</c>.</summary>
    /// <param name="body"><c>struct rtmsg</c> and attributes.</param>
    /// <param name="route">The route when the answer is true. It always carries its scope.</param>
    /// <param name="isCloned">RTM_F_CLONED: made by a lookup or by path MTU discovery, no entry of a table.</param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    public bool TryDecode(
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out Route? route,
        out bool isCloned,
        out WireFault fault
    )
    {
        route = null;
        isCloned = false;
        var reader = new WireReader(body);
        if (!reader.TryRead(out RouteHeader header))
        {
            fault = new("rtmsg", 0, "is cut off");
            return false;
        }

        if (header.Family is not (NetlinkFamily.Inet or NetlinkFamily.Inet6))
        {
            fault = new("rtm_family", 0, "is neither AF_INET nor AF_INET6");
            return false;
        }

        _rest.Clear();
        var draft = new Draft(header);
        var attributes = new NetlinkAttributes(body[reader.OffsetBytes..], reader.OffsetBytes);
        while (attributes.TryNext(out var attribute))
        {
            if (!TryTake(ref draft, attribute, out fault))
            {
                return false;
            }
        }

        fault = attributes.Fault;
        isCloned = (header.Flags & RouteFlag.Cloned) != 0;
        return fault.IsNone && TryFinish(ref draft, out route, out fault);
    }

    private bool TryTake(ref Draft draft, in NetlinkAttribute attribute, out WireFault fault)
    {
        fault = default;
        switch (attribute.Type)
        {
            case RouteAttribute.Destination:
                return attribute.TryReadAddress("RTA_DST", draft.Family, out draft.Destination, out fault);
            case RouteAttribute.Device:
                draft.DeviceAttribute = attribute;
                return attribute.TryRead("RTA_OIF", out draft.Device, out fault);
            case RouteAttribute.Gateway:
                draft.GatewayAttribute = attribute;
                return attribute.TryReadAddress("RTA_GATEWAY", draft.Family, out draft.Gateway, out fault);
            case RouteAttribute.Via:
                draft.GatewayAttribute = attribute;
                return TryReadVia(attribute, out draft.Gateway, out fault);
            case RouteAttribute.Priority:
                return attribute.TryRead("RTA_PRIORITY", out draft.Metric, out fault);
            case RouteAttribute.Table:
                return attribute.TryRead("RTA_TABLE", out draft.Table, out fault);
            case RouteAttribute.PreferredSource:
                return attribute.TryReadAddress("RTA_PREFSRC", draft.Family, out draft.PreferredSource, out fault);
            case RouteAttribute.Source:
                draft.HasSource = true;
                return attribute.TryReadAddress("RTA_SRC", draft.Family, out draft.Source, out fault);
            case RouteAttribute.CacheInfo:
                return TryReadLifetime(attribute, ref draft.Expires, out fault);
            case RouteAttribute.Expires:
                return attribute.TryRead("RTA_EXPIRES", out draft.Expires, out fault);
            case RouteAttribute.Preference:
                return attribute.TryRead("RTA_PREF", out draft.Preference, out fault);
            case RouteAttribute.NextHopId:
                draft.NextHopIdAttribute = attribute;
                return TryReadNextHopId(attribute, out draft.NextHopId, out fault);
            case RouteAttribute.Metrics:
                draft.Metrics = attribute;
                return true;
            case RouteAttribute.Multipath:
                draft.Multipath = attribute;
                return true;
            default:
                _rest.Add(attribute);
                return true;
        }
    }

    /// <summary><c>struct rtvia</c>: a family and an address of it.</summary>
    internal static bool TryReadVia(in NetlinkAttribute attribute, out IpAddress gateway, out WireFault fault)
    {
        fault = default;
        var reader = new WireReader(attribute.Payload);
        var isRead = reader.TryRead(out ushort family) & reader.TryTake(reader.RemainingBytes, out var bytes);
        if (isRead && IpAddress.TryFromBytes(bytes, out gateway) && NumberOf(gateway.Family) == family)
        {
            return true;
        }

        gateway = default;
        fault = new("RTA_VIA", attribute.OffsetBytes, "is no family followed by an address of it");
        return false;
    }

    internal static byte NumberOf(IpFamily family) => family == IpFamily.V4 ? NetlinkFamily.Inet : NetlinkFamily.Inet6;

    private static bool TryReadNextHopId(in NetlinkAttribute attribute, out uint id, out WireFault fault)
    {
        if (!attribute.TryRead("RTA_NH_ID", out id, out fault) || id != 0)
        {
            return fault.IsNone;
        }

        fault = new("RTA_NH_ID", attribute.OffsetBytes, "is 0, which no next-hop object is");
        return false;
    }

    private static bool TryReadLifetime(in NetlinkAttribute attribute, ref uint seconds, out WireFault fault)
    {
        if (!attribute.TryRead("RTA_CACHEINFO", out CacheHeader cache, out fault))
        {
            return false;
        }

        // A route whose time is over but that was not collected yet has a negative rest: it is about to go.
        seconds = cache.Expires == 0 ? seconds : (uint)Math.Max(1, cache.Expires / TicksPerSecond);
        return true;
    }

    private bool TryFinish(ref Draft draft, [NotNullWhen(true)] out Route? route, out WireFault fault)
    {
        route = null;
        if (!Prefix.TryCreate(draft.Destination, draft.Header.DestinationLength, out var destination))
        {
            fault = new("rtm_dst_len", 1, "is too long for the family or leaves host bits in RTA_DST");
            return false;
        }

        if (
            !TryFinishNextHop(ref draft, out var nextHop, out fault)
            || !TryFinishAttributes(ref draft, out var attributes, out fault)
        )
        {
            return false;
        }

        route = new()
        {
            Destination = destination,
            NextHop = nextHop,
            Table = draft.Table,
            Metric = draft.Metric,
            Tos = draft.Header.Tos,
            Attributes = attributes,
        };
        return true;
    }

    private bool TryFinishNextHop(ref Draft draft, [NotNullWhen(true)] out NextHop? nextHop, out WireFault fault)
    {
        fault = default;
        nextHop = null;
        var type = draft.Header.Type;
        if (!draft.NextHopIdAttribute.IsAbsent && type is RouteType.Unicast or RouteType.Blackhole)
        {
            // A route over a blackhole object is shown as blackhole; it was made as unicast.
            nextHop = _interner.NextHop(new(RouteType.Unicast, false, InterfaceIndex.None, default, draft.NextHopId));
            return true;
        }

        if (type != RouteType.Unicast)
        {
            KeepNextHop(ref draft, type);
            nextHop = _interner.NextHop(new(type, false, new(draft.Device), default, 0));
            return true;
        }

        if (draft.Multipath.IsAbsent)
        {
            var isOnLink = draft.Gateway != default && (draft.Header.Flags & RouteFlag.OnLink) != 0;
            nextHop = _interner.NextHop(new(type, isOnLink, new(draft.Device), draft.Gateway, 0));
            return true;
        }

        if (!draft.GatewayAttribute.IsAbsent || !draft.DeviceAttribute.IsAbsent)
        {
            fault = new("RTA_MULTIPATH", draft.Multipath.OffsetBytes, "stands beside a single next hop");
            return false;
        }

        return _interner.TryMultipath(draft.Multipath, draft.Family, out nextHop, out fault);
    }

    // A route of another type than unicast has no next hop; whatever the kernel tells of one is carried as it is.
    private void KeepNextHop(ref Draft draft, byte type)
    {
        Keep(draft.NextHopIdAttribute);
        Keep(draft.GatewayAttribute);
        Keep(draft.Multipath);
        if (type is not (RouteType.Blackhole or RouteType.Unreachable or RouteType.Prohibit or RouteType.Throw))
        {
            return;
        }

        // IPv6 shows lo as the device of a route that leads nowhere; on write it puts lo there by itself.
        if (draft.Family == IpFamily.V4 || draft.Device != LoopbackIndex)
        {
            Keep(draft.DeviceAttribute);
        }
    }

    private void Keep(in NetlinkAttribute attribute)
    {
        if (!attribute.IsAbsent)
        {
            _rest.Add(attribute);
        }
    }

    private bool TryFinishAttributes(
        ref Draft draft,
        [NotNullWhen(true)] out RouteAttributes? attributes,
        out WireFault fault
    )
    {
        var source = default(Prefix);
        if (
            (draft.HasSource || draft.Header.SourceLength != 0)
            && !Prefix.TryCreate(draft.Source, draft.Header.SourceLength, out source)
        )
        {
            attributes = null;
            fault = new("rtm_src_len", 2, "is too long for the family or leaves host bits in RTA_SRC");
            return false;
        }

        Keep(draft.Metrics);
        var rest = _rest.IsEmpty ? RawAttributes.None : _interner.Raw(_rest.Written);
        var key = new AttributesKey(
            draft.Header.Protocol,
            draft.Header.Scope,
            draft.Preference,
            draft.Expires,
            draft.PreferredSource,
            source,
            rest
        );
        var isGood = _interner.TryAttributes(key, out attributes, out fault);
        fault = isGood ? default : fault with { OffsetBytes = draft.Metrics.OffsetBytes };
        return isGood;
    }

    /// <summary>What was read of one message so far.</summary>
    private ref struct Draft
    {
        public RouteHeader Header;
        public IpFamily Family;
        public IpAddress Destination;
        public IpAddress Source;
        public IpAddress Gateway;
        public IpAddress PreferredSource;
        public int Device;
        public uint Table;
        public uint Metric;
        public uint NextHopId;
        public uint Expires;
        public byte Preference;
        public bool HasSource;
        public NetlinkAttribute DeviceAttribute;
        public NetlinkAttribute GatewayAttribute;
        public NetlinkAttribute NextHopIdAttribute;
        public NetlinkAttribute Metrics;
        public NetlinkAttribute Multipath;

        public Draft(RouteHeader header)
        {
            Header = header;
            Family = header.Family == NetlinkFamily.Inet ? IpFamily.V4 : IpFamily.V6;
            Destination = Family == IpFamily.V4 ? IpAddress.AnyV4 : IpAddress.AnyV6;
            Source = Destination;
            Table = header.Table;
        }
    }
}
