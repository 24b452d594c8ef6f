namespace RouteGuard.Platform.Linux;

/// <summary>What becomes of an attribute's payload when a message is redacted.</summary>
internal enum Treatment
{
    /// <summary>Unknown, or known to hold what may be an address, a name or a secret: zeros of the same
    /// length.</summary>
    Zero,

    /// <summary>A number, or a name of an interface, of a kind or of an algorithm.</summary>
    Keep,

    /// <summary>An address, told by its length.</summary>
    Address,

    /// <summary>An address whose first bits alone count, as many as rtm_dst_len says.</summary>
    Destination,

    /// <summary>The same with rtm_src_len.</summary>
    Source,

    /// <summary>A layer 2 address.</summary>
    Layer2,

    /// <summary><c>struct rtvia</c>: a family and an address.</summary>
    Via,

    /// <summary>IFLA_LINKINFO: attributes of which only the kinds stay.</summary>
    LinkKind,

    /// <summary>RTA_MULTIPATH: legs with attributes.</summary>
    Legs,
}

/// <summary>Which attributes are known, of each kind of message (linux/rtnetlink.h, if_link.h, if_addr.h, fib_rules.h,
/// nexthop.h).</summary>
/// <remarks>
/// What is not listed is zeroed: RTA_ENCAP and NHA_ENCAP (addresses of tunnels and segments), IFLA_INFO_DATA (the ends
/// of a tunnel), IFLA_AF_SPEC (the secret of stable IPv6 addresses), IFLA_IFALIAS and IFA_LABEL (a person's words),
/// port and switch ids, and whatever a newer kernel adds.
/// </remarks>
internal static class AttributeTreatment
{
    private const ushort RouteFlow = 11;
    private const ushort RouteInput = 3;
    private const ushort RouteTimeToLive = 26;
    private const ushort LinkBroadcast = 2;
    private const ushort LinkPermanentAddress = 54;
    private const ushort LinkSlaveKind = 4;
    private const ushort AddressBroadcast = 4;
    private const ushort AddressAnycast = 5;
    private const ushort AddressMulticast = 7;

    // IFLA_LINK, QDISC, MASTER, TXQLEN, OPERSTATE, LINKMODE, NET_NS_PID, GROUP, EXT_MASK, PROMISCUITY, NUM_TX_QUEUES,
    // NUM_RX_QUEUES, CARRIER, CARRIER_CHANGES.
    private static readonly ushort[] LinkNumbers = [5, 6, 10, 13, 16, 17, 19, 27, 29, 30, 31, 32, 33, 35];

    // IFA_CACHEINFO, FLAGS, RT_PRIORITY, PROTO.
    private static readonly ushort[] AddressNumbers = [6, 8, 9, 11];

    // NHA_ID, GROUP, GROUP_TYPE, BLACKHOLE, OIF, ENCAP_TYPE, GROUPS, MASTER, FDB, RES_GROUP, OP_FLAGS, HW_STATS_*.
    private static readonly ushort[] NextHopNumbers = [1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 14, 16, 17];

    public static Treatment OfRoute(ushort type) =>
        type switch
        {
            RouteAttribute.Destination => Treatment.Destination,
            RouteAttribute.Source => Treatment.Source,
            RouteAttribute.Gateway or RouteAttribute.PreferredSource => Treatment.Address,
            RouteAttribute.Via => Treatment.Via,
            RouteAttribute.Multipath => Treatment.Legs,
            RouteInput
            or RouteAttribute.Device
            or RouteAttribute.Priority
            or RouteAttribute.Metrics
            or RouteFlow
            or RouteAttribute.CacheInfo
            or RouteAttribute.Table
            or RouteAttribute.Mark
            or RouteAttribute.Preference
            or RouteAttribute.EncapType
            or RouteAttribute.Expires
            or RouteTimeToLive
            or RouteAttribute.NextHopId => Treatment.Keep,
            _ => Treatment.Zero,
        };

    public static Treatment OfRule(ushort type) =>
        type switch
        {
            RuleAttribute.Destination => Treatment.Destination,
            RuleAttribute.Source => Treatment.Source,
            RuleAttribute.InputInterface
            or RuleAttribute.OutputInterface
            or RuleAttribute.Goto
            or RuleAttribute.Priority
            or RuleAttribute.Mark
            or RouteFlow
            or (>= RuleAttribute.SuppressInterfaceGroup and <= RuleAttribute.OutputInterface)
            or (>= RuleAttribute.VrfTable and <= RuleAttribute.DestinationPorts)
            or RuleAttribute.SourcePortMask
            or RuleAttribute.DestinationPortMask => Treatment.Keep,
            _ => Treatment.Zero,
        };

    public static Treatment OfLink(ushort type) =>
        type switch
        {
            LinkAttribute.Address or LinkBroadcast or LinkPermanentAddress => Treatment.Layer2,
            LinkAttribute.LinkInfo => Treatment.LinkKind,
            LinkAttribute.Name or LinkAttribute.Mtu => Treatment.Keep,
            _ => LinkNumbers.Contains(type) ? Treatment.Keep : Treatment.Zero,
        };

    public static Treatment OfLinkKind(ushort type) =>
        type is LinkAttribute.InfoKind or LinkSlaveKind ? Treatment.Keep : Treatment.Zero;

    public static Treatment OfAddress(ushort type) =>
        type
            is AddressAttribute.Address
                or AddressAttribute.Local
                or AddressBroadcast
                or AddressAnycast
                or AddressMulticast
            ? Treatment.Address
        : AddressNumbers.Contains(type) ? Treatment.Keep
        : Treatment.Zero;

    public static Treatment OfNextHop(ushort type) =>
        type == NextHopAttribute.Gateway ? Treatment.Address
        : NextHopNumbers.Contains(type) ? Treatment.Keep
        : Treatment.Zero;
}
