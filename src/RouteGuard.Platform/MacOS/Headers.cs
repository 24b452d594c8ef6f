using System.Runtime.InteropServices;

namespace RouteGuard.Platform.MacOS;

/// <summary>What every message begins with: length, version, type (net/route.h).</summary>
/// <param name="LengthBytes">rtm_msglen: the whole message.</param>
/// <param name="Version">rtm_version: <see cref="RoutingMessage.Version"/>.</param>
/// <param name="Type">rtm_type.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct MessageStart(ushort LengthBytes, byte Version, RoutingMessageType Type);

/// <summary><c>struct rt_metrics</c>, 56 bytes (net/route.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct RouteMetricsBlock
{
    public MetricBits Locks;
    public uint Mtu;
    public uint HopCount;
    public int Expire;
    public uint ReceivePipe;
    public uint SendPipe;
    public uint SlowStartThreshold;
    public uint RoundTrip;
    public uint RoundTripVariance;
    public uint PacketsSent;
    public uint State;
    public uint Filler1;
    public uint Filler2;
    public uint Filler3;
}

/// <summary><c>struct rt_msghdr</c>, 92 bytes: requests, answers and reports about entries (net/route.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct RouteHeader
{
    public MessageStart Start;

    /// <summary>rtm_index: the interface; in a request it counts only beside
    /// <see cref="RouteFlags.InterfaceScope"/>.</summary>
    public ushort Index;
    public ushort Padding;
    public RouteFlags Flags;
    public AddressBits Addresses;

    /// <summary>rtm_pid: who asked; 0 is the kernel.</summary>
    public int ProcessId;
    public int Sequence;

    /// <summary>rtm_errno: why a request was refused; 0 for what happened.</summary>
    public int Errno;
    public int Use;
    public MetricBits Inits;
    public RouteMetricsBlock Metrics;
}

/// <summary><c>struct rt_msghdr2</c>, 92 bytes: an entry in a dump by NET_RT_DUMP2 (net/route.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct RouteDumpHeader
{
    public MessageStart Start;
    public ushort Index;
    public ushort Padding;
    public RouteFlags Flags;
    public AddressBits Addresses;
    public int References;

    /// <summary>rtm_parentflags: of the entry that this one was cloned from.</summary>
    public RouteFlags ParentFlags;
    public int Reserved;
    public int Use;
    public MetricBits Inits;
    public RouteMetricsBlock Metrics;
}

/// <summary><c>struct rt_msghdr_ext</c>, 136 bytes: an entry with its neighbour's state (NET_RT_DUMPX;
/// net/route.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct ExtendedRouteHeader
{
    public MessageStart Start;
    public uint Index;
    public RouteFlags Flags;
    public uint Reserved;
    public AddressBits Addresses;
    public int ProcessId;
    public int Sequence;
    public int Errno;
    public uint Use;
    public MetricBits Inits;
    public RouteMetricsBlock Metrics;
    public ReachabilityBlock Reachability;
}

/// <summary><c>struct rt_reach_info</c>, 40 bytes (net/route.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct ReachabilityBlock
{
    public uint References;
    public uint Probes;
    public ulong SendExpire;
    public ulong ReceiveExpire;
    public int SignalStrength;
    public int LinkQuality;
    public int NodeProximity;
    public int Padding;
}

/// <summary><c>struct ifa_msghdr</c>, 20 bytes: an address of an interface came or went (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct AddressHeader
{
    public MessageStart Start;
    public AddressBits Addresses;
    public uint Flags;
    public ushort Index;
    public ushort Padding;
    public int Metric;
}

/// <summary><c>struct ifma_msghdr</c>, 16 bytes: a multicast membership came or went (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct MembershipHeader
{
    public MessageStart Start;
    public AddressBits Addresses;
    public uint Flags;
    public ushort Index;
    public ushort Padding;
}

/// <summary><c>struct ifma_msghdr2</c>, 20 bytes: a membership in a list by NET_RT_IFLIST2 (net/if_var.h).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal record struct MembershipHeader2
{
    public MessageStart Start;
    public AddressBits Addresses;
    public uint Flags;
    public ushort Index;
    public ushort Padding;
    public int References;
}
