namespace RouteGuard.Platform.Linux;

/// <summary>nlmsg_type: what a message is about (linux/netlink.h, linux/rtnetlink.h).</summary>
public static class NetlinkType
{
    public const ushort Noop = 1;

    /// <summary>NLMSG_ERROR: an answer; errno 0 is "done".</summary>
    public const ushort Error = 2;

    /// <summary>NLMSG_DONE: the end of a dump.</summary>
    public const ushort Done = 3;

    /// <summary>NLMSG_OVERRUN: data were lost.</summary>
    public const ushort Overrun = 4;

    public const ushort NewLink = 16;
    public const ushort DeleteLink = 17;
    public const ushort GetLink = 18;
    public const ushort NewAddress = 20;
    public const ushort DeleteAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewRule = 32;
    public const ushort DeleteRule = 33;
    public const ushort GetRule = 34;
    public const ushort NewNextHop = 104;
    public const ushort DeleteNextHop = 105;
    public const ushort GetNextHop = 106;
}

/// <summary>nlmsg_flags (linux/netlink.h). Some bits mean one thing in a request and another in an answer.</summary>
public static class NetlinkFlags
{
    public const ushort Request = 0x1;

    /// <summary>NLM_F_MULTI: one of many, ended by <see cref="NetlinkType.Done"/>.</summary>
    public const ushort Multi = 0x2;

    /// <summary>NLM_F_ACK: answer even when all went well.</summary>
    public const ushort Acknowledge = 0x4;

    /// <summary>NLM_F_DUMP_INTR: the table changed during the dump, which is to be read again.</summary>
    public const ushort DumpInterrupted = 0x10;

    /// <summary>NLM_F_DUMP_FILTERED: the kernel honoured the filter of a strict dump.</summary>
    public const ushort DumpFiltered = 0x20;

    /// <summary>NLM_F_ROOT | NLM_F_MATCH, in a request to read.</summary>
    public const ushort Dump = 0x300;

    /// <summary>In a request to write: change the entry that has the key.</summary>
    public const ushort Replace = 0x100;

    /// <summary>In a request to write: refuse when an entry has the key (EEXIST).</summary>
    public const ushort Exclusive = 0x200;

    /// <summary>In a request to write: make the entry.</summary>
    public const ushort Create = 0x400;

    /// <summary>In a request to write: put it behind its equals.</summary>
    public const ushort Append = 0x800;

    /// <summary>NLM_F_CAPPED, in an answer: only the header of the request is repeated.</summary>
    public const ushort Capped = 0x100;

    /// <summary>NLM_F_ACK_TLVS, in an answer: attributes follow (extended ack).</summary>
    public const ushort ExtendedAck = 0x200;
}

/// <summary>Address families of rtnetlink messages.</summary>
public static class NetlinkFamily
{
    public const byte Unspecified = 0;
    public const byte Inet = 2;

    /// <summary>AF_BRIDGE: the message is about a port of a bridge, not about the link itself.</summary>
    public const byte Bridge = 7;
    public const byte Inet6 = 10;
}

/// <summary>rtm_type: RTN_*.</summary>
internal static class RouteType
{
    public const byte Unspecified = 0;
    public const byte Unicast = 1;
    public const byte Blackhole = 6;
    public const byte Unreachable = 7;
    public const byte Prohibit = 8;
    public const byte Throw = 9;
}

/// <summary>rtm_flags: those of a next hop (RTNH_F_*) and those of a route (RTM_F_*).</summary>
internal static class RouteFlag
{
    /// <summary>RTNH_F_ONLINK.</summary>
    public const uint OnLink = 0x4;

    /// <summary>RTM_F_CLONED: made by a lookup, no entry of a table.</summary>
    public const uint Cloned = 0x200;

    /// <summary>RTM_F_LOOKUP_TABLE: tell the table that was found in.</summary>
    public const uint LookupTable = 0x1000;

    /// <summary>RTM_F_FIB_MATCH: answer with the entry, not with the resolved route.</summary>
    public const uint FibMatch = 0x2000;
}

/// <summary>RTA_*: attributes of a route (linux/rtnetlink.h).</summary>
internal static class RouteAttribute
{
    public const ushort Destination = 1;
    public const ushort Source = 2;
    public const ushort Device = 4;
    public const ushort Gateway = 5;
    public const ushort Priority = 6;
    public const ushort PreferredSource = 7;
    public const ushort Metrics = 8;
    public const ushort Multipath = 9;
    public const ushort CacheInfo = 12;
    public const ushort Table = 15;
    public const ushort Mark = 16;
    public const ushort Via = 18;
    public const ushort Preference = 20;
    public const ushort EncapType = 21;
    public const ushort Encap = 22;
    public const ushort Expires = 23;
    public const ushort NextHopId = 30;

    /// <summary>RTAX_LOCK, inside RTA_METRICS.</summary>
    public const ushort MetricLock = 1;

    /// <summary>RTAX_CC_ALGO: a name, which may be 4 bytes long without being a number.</summary>
    public const ushort MetricCongestionControl = 16;

    /// <summary>Metrics beyond this have no bit in the lock mask.</summary>
    public const ushort MetricMax = 31;
}

/// <summary>FRA_*: attributes of a policy rule (linux/fib_rules.h).</summary>
internal static class RuleAttribute
{
    public const ushort Destination = 1;
    public const ushort Source = 2;
    public const ushort InputInterface = 3;
    public const ushort Goto = 4;
    public const ushort Priority = 6;
    public const ushort Mark = 10;
    public const ushort SuppressInterfaceGroup = 13;
    public const ushort SuppressPrefixLength = 14;
    public const ushort Table = 15;
    public const ushort MarkMask = 16;
    public const ushort OutputInterface = 17;

    /// <summary>FRA_L3MDEV.</summary>
    public const ushort VrfTable = 19;
    public const ushort Uids = 20;
    public const ushort Protocol = 21;
    public const ushort IpProtocol = 22;
    public const ushort SourcePorts = 23;
    public const ushort DestinationPorts = 24;
    public const ushort SourcePortMask = 28;
    public const ushort DestinationPortMask = 29;

    /// <summary>FIB_RULE_INVERT, in the header's flags.</summary>
    public const uint InvertFlag = 0x2;
}

/// <summary>IFLA_* and IFF_*: attributes and flags of an interface (linux/if_link.h, linux/if.h).</summary>
internal static class LinkAttribute
{
    public const ushort Address = 1;
    public const ushort Name = 3;
    public const ushort Mtu = 4;
    public const ushort LinkInfo = 18;
    public const ushort ExtendedMask = 29;

    /// <summary>IFLA_INFO_KIND, inside IFLA_LINKINFO.</summary>
    public const ushort InfoKind = 1;

    /// <summary>RTEXT_FILTER_SKIP_STATS: leave the counters out.</summary>
    public const uint SkipStatistics = 8;

    public const uint UpFlag = 0x1;
    public const uint LoopbackFlag = 0x8;
    public const uint PointToPointFlag = 0x10;
    public const uint LowerUpFlag = 0x10000;
}

/// <summary>IFA_*: attributes of an address (linux/if_addr.h).</summary>
internal static class AddressAttribute
{
    /// <summary>IFA_ADDRESS: the peer's on a point-to-point link, else the same as <see cref="Local"/>.</summary>
    public const ushort Address = 1;

    /// <summary>IFA_LOCAL: our own.</summary>
    public const ushort Local = 2;

    /// <summary>IFA_F_NODAD: use it at once.</summary>
    public const byte NoDuplicateDetection = 0x2;
}

/// <summary>NHA_*: attributes of a next-hop object (linux/nexthop.h).</summary>
internal static class NextHopAttribute
{
    public const ushort Id = 1;
    public const ushort Group = 2;
    public const ushort GroupType = 3;
    public const ushort Blackhole = 4;
    public const ushort Device = 5;
    public const ushort Gateway = 6;
    public const ushort EncapType = 7;
    public const ushort Encap = 8;
    public const ushort Fdb = 11;
    public const ushort ResilientGroup = 12;
    public const ushort HardwareStatistics = 16;

    /// <summary>NHA_RES_GROUP_UNBALANCED_TIME, inside NHA_RES_GROUP: only told, never taken.</summary>
    public const ushort UnbalancedTime = 4;
}

/// <summary>NLMSGERR_ATTR_*: attributes of an extended ack (linux/netlink.h).</summary>
internal static class AckAttribute
{
    public const ushort Message = 1;
    public const ushort Offset = 2;
}
