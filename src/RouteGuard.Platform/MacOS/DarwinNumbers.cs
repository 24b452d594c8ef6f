namespace RouteGuard.Platform.MacOS;

/// <summary>rtm_type: what a message of the routing socket says (net/route.h RTM_*).</summary>
internal enum RoutingMessageType : byte
{
    None = 0,
    Add = 1,
    Delete = 2,
    Change = 3,
    Get = 4,
    Losing = 5,
    Redirect = 6,
    Miss = 7,
    Lock = 8,
    OldAdd = 9,
    OldDelete = 10,
    Resolve = 11,
    NewAddress = 12,
    DeleteAddress = 13,
    Interface = 14,
    NewMembership = 15,
    DeleteMembership = 16,
    GetSilent = 17,
    Interface2 = 18,
    NewMembership2 = 19,
    Get2 = 20,
    GetExtended = 21,
}

/// <summary>rtm_flags (net/route.h RTF_*), with the letter of netstat(1) where it has one.</summary>
[Flags]
internal enum RouteFlags : uint
{
    None = 0,

    /// <summary>U.</summary>
    Up = 0x1,

    /// <summary>G: the gateway is another router.</summary>
    Gateway = 0x2,

    /// <summary>H: an entry for one address, which has no mask.</summary>
    Host = 0x4,

    /// <summary>R: packets are answered with unreachable.</summary>
    Reject = 0x8,

    /// <summary>D: made by an ICMP redirect.</summary>
    Dynamic = 0x10,

    /// <summary>M: changed by an ICMP redirect.</summary>
    Modified = 0x20,

    /// <summary>d: the request was done; in messages only.</summary>
    Done = 0x40,
    DeleteClones = 0x80,

    /// <summary>C: use makes a host entry below this one.</summary>
    Cloning = 0x100,
    ExternalResolver = 0x200,

    /// <summary>L: an entry of ARP or neighbour discovery.</summary>
    LinkLayer = 0x400,

    /// <summary>S: a program asked for it.</summary>
    Static = 0x800,

    /// <summary>B: packets vanish.</summary>
    Blackhole = 0x1000,
    NoInterfaceReference = 0x2000,
    Protocol2 = 0x4000,
    Protocol1 = 0x8000,

    /// <summary>c: the protocol asks for clones; the kernel adds it to every route with a gateway.</summary>
    ProtocolCloning = 0x10000,

    /// <summary>W: a clone.</summary>
    WasCloned = 0x20000,

    /// <summary>3: the kernel's own mark on clones; never sent.</summary>
    Protocol3 = 0x40000,
    Pinned = 0x100000,
    Local = 0x200000,
    Broadcast = 0x400000,
    Multicast = 0x800000,

    /// <summary>I: belongs to the lookups of one interface, whose number is rtm_index.</summary>
    InterfaceScope = 0x1000000,

    /// <summary>On its way out: deletions are reported with it.</summary>
    Condemned = 0x2000000,
    InterfaceReference = 0x4000000,

    /// <summary>Y: answers ARP for others.</summary>
    Proxy = 0x8000000,

    /// <summary>r: the clone that stands for a default router.</summary>
    Router = 0x10000000,

    /// <summary>Must never be sent: the kernel asserts.</summary>
    Dead = 0x20000000,

    /// <summary>g: a default; the kernel sets it and strips it from requests.</summary>
    Global = 0x40000000,
}

/// <summary>rtm_addrs: which socket addresses follow the header, in the order of the bits (net/route.h
/// RTA_*).</summary>
[Flags]
internal enum AddressBits : uint
{
    None = 0,
    Destination = 0x1,
    Gateway = 0x2,
    Netmask = 0x4,
    CloneMask = 0x8,
    Interface = 0x10,
    InterfaceAddress = 0x20,
    Author = 0x40,
    Broadcast = 0x80,
}

/// <summary>Place of an address behind a header: the number of its bit (net/route.h RTAX_*).</summary>
internal enum AddressSlot
{
    Destination = 0,
    Gateway = 1,
    Netmask = 2,
    CloneMask = 3,
    Interface = 4,
    InterfaceAddress = 5,
    Author = 6,
    Broadcast = 7,
}

/// <summary>rtm_inits and rmx_locks (net/route.h RTV_*).</summary>
[Flags]
internal enum MetricBits : uint
{
    None = 0,
    Mtu = 0x1,
    HopCount = 0x2,
    Expire = 0x4,
    ReceivePipe = 0x8,
    SendPipe = 0x10,
    SlowStartThreshold = 0x20,
    RoundTrip = 0x40,
    RoundTripVariance = 0x80,
}

/// <summary>sa_family (sys/socket.h AF_*).</summary>
internal static class DarwinFamily
{
    public const byte Unspecified = 0;
    public const byte Inet = 2;
    public const byte Route = 17;
    public const byte Link = 18;
    public const byte Inet6 = 30;

    /// <summary>AF_MAX: the kernel knows no family beyond.</summary>
    public const byte Count = 41;
}

/// <summary>Flags of an interface that matter here (net/if.h IFF_*).</summary>
[Flags]
internal enum LinkFlags : uint
{
    None = 0,
    Up = 0x1,
    HasBroadcast = 0x2,
    Loopback = 0x8,
    PointToPoint = 0x10,
    Running = 0x40,
    Simplex = 0x800,
    Multicast = 0x8000,
}

/// <summary>The names of sysctl(3) that read the routing table and the interfaces.</summary>
internal static class RoutingSysctl
{
    private const int CtlNet = 4;

    /// <summary>NET_RT_DUMP: every entry as <c>rt_msghdr</c>.</summary>
    public const int Dump = 1;

    /// <summary>NET_RT_FLAGS: entries that have any of some flags.</summary>
    public const int Flags = 2;

    /// <summary>NET_RT_IFLIST: interfaces and addresses.</summary>
    public const int Links = 3;

    /// <summary>NET_RT_STAT.</summary>
    public const int Statistics = 4;

    /// <summary>NET_RT_TRASH: entries that are deleted and still referenced.</summary>
    public const int Trash = 5;

    /// <summary>NET_RT_IFLIST2: interfaces with 64-bit counters, addresses, memberships.</summary>
    public const int Links2 = 6;

    /// <summary>NET_RT_DUMP2: every entry as <c>rt_msghdr2</c>.</summary>
    public const int Dump2 = 7;

    /// <summary>The whole table of a family, or of both with <see cref="DarwinFamily.Unspecified"/>, as netstat asks
    /// for it.</summary>
    public static int[] Table(byte family) => [CtlNet, DarwinFamily.Route, 0, family, Dump2, 0];

    /// <summary>All interfaces with their addresses, or one of them.</summary>
    public static int[] Interfaces(int index = 0) => [CtlNet, DarwinFamily.Route, 0, 0, Links2, index];
}
