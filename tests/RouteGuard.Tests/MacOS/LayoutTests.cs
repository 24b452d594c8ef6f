using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>Sizes, offsets and numbers against those that Apple's headers compile to
/// (Captures/Darwin/layouts.json).</summary>
public class LayoutTests
{
    private const string Start = "<LengthBytes>k__BackingField <Version>k__BackingField <Type>k__BackingField";

    // Name of the structure, then of each of its fields in order of the header; ours beside it in the same order.
    private static readonly (string Kernel, string KernelFields, string OurFields)[] Headers =
    [
        (
            "struct rt_metrics",
            "rmx_locks rmx_mtu rmx_hopcount rmx_expire rmx_recvpipe rmx_sendpipe rmx_ssthresh rmx_rtt rmx_rttvar rmx_pksent rmx_state rmx_filler",
            "Locks Mtu HopCount Expire ReceivePipe SendPipe SlowStartThreshold RoundTrip RoundTripVariance PacketsSent State Filler1"
        ),
        (
            "struct rt_msghdr",
            "rtm_msglen rtm_index rtm_flags rtm_addrs rtm_pid rtm_seq rtm_errno rtm_use rtm_inits rtm_rmx",
            "Start Index Flags Addresses ProcessId Sequence Errno Use Inits Metrics"
        ),
        (
            "struct rt_msghdr2",
            "rtm_msglen rtm_index rtm_flags rtm_addrs rtm_refcnt rtm_parentflags rtm_reserved rtm_use rtm_inits rtm_rmx",
            "Start Index Flags Addresses References ParentFlags Reserved Use Inits Metrics"
        ),
        (
            "struct rt_msghdr_ext",
            "rtm_msglen rtm_index rtm_flags rtm_reserved rtm_addrs rtm_pid rtm_seq rtm_errno rtm_use rtm_inits rtm_rmx rtm_ri",
            "Start Index Flags Reserved Addresses ProcessId Sequence Errno Use Inits Metrics Reachability"
        ),
        (
            "struct rt_reach_info",
            "ri_refcnt ri_probes ri_snd_expire ri_rcv_expire ri_rssi ri_lqm ri_npm",
            "References Probes SendExpire ReceiveExpire SignalStrength LinkQuality NodeProximity"
        ),
        (
            "struct ifa_msghdr",
            "ifam_msglen ifam_addrs ifam_flags ifam_index ifam_metric",
            "Start Addresses Flags Index Metric"
        ),
        ("struct ifma_msghdr", "ifmam_msglen ifmam_addrs ifmam_flags ifmam_index", "Start Addresses Flags Index"),
        (
            "struct ifma_msghdr2",
            "ifmam_msglen ifmam_addrs ifmam_flags ifmam_index ifmam_refcount",
            "Start Addresses Flags Index References"
        ),
        ("struct if_msghdr", "ifm_msglen ifm_addrs ifm_flags ifm_index ifm_data", "Start Addresses Flags Index Data"),
        (
            "struct if_msghdr2",
            "ifm_msglen ifm_addrs ifm_flags ifm_index ifm_snd_len ifm_snd_maxlen ifm_snd_drops ifm_timer ifm_data",
            "Start Addresses Flags Index SendLength SendLengthMax SendDrops Timer Data"
        ),
        (
            "struct if_data",
            "ifi_type ifi_mtu ifi_metric ifi_baudrate ifi_ipackets ifi_ierrors ifi_opackets ifi_oerrors ifi_collisions ifi_ibytes ifi_obytes ifi_imcasts "
                + "ifi_omcasts ifi_iqdrops ifi_noproto ifi_recvtiming ifi_xmittiming ifi_lastchange ifi_unused2 ifi_hwassist ifi_reserved1 ifi_reserved2",
            "Kind Mtu Metric BaudRate PacketsIn ErrorsIn PacketsOut ErrorsOut Collisions BytesIn BytesOut MulticastsIn "
                + "MulticastsOut DropsIn NoProtocol ReceiveTiming TransmitTiming LastChangeSeconds Unused2 HardwareAssist Reserved1 Reserved2"
        ),
        (
            "struct if_data64",
            "ifi_type ifi_mtu ifi_metric ifi_baudrate ifi_ipackets ifi_ierrors ifi_opackets ifi_oerrors ifi_collisions ifi_ibytes ifi_obytes ifi_imcasts "
                + "ifi_omcasts ifi_iqdrops ifi_noproto ifi_recvtiming ifi_xmittiming ifi_lastchange",
            "Kind Mtu Metric BaudRate PacketsIn ErrorsIn PacketsOut ErrorsOut Collisions BytesIn BytesOut MulticastsIn "
                + "MulticastsOut DropsIn NoProtocol ReceiveTiming TransmitTiming LastChangeSeconds"
        ),
    ];

    private static readonly JsonElement Layouts = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(VectorFile.Folder, "layouts.json")))
        .RootElement;

    [Fact]
    public void Structures_have_the_sizes_that_the_headers_compile_to()
    {
        Assert.Equal(SizeOf("struct rt_metrics"), Unsafe.SizeOf<RouteMetricsBlock>());
        Assert.Equal(SizeOf("struct rt_msghdr"), Unsafe.SizeOf<RouteHeader>());
        Assert.Equal(SizeOf("struct rt_msghdr2"), Unsafe.SizeOf<RouteDumpHeader>());
        Assert.Equal(SizeOf("struct rt_msghdr_ext"), Unsafe.SizeOf<ExtendedRouteHeader>());
        Assert.Equal(SizeOf("struct rt_reach_info"), Unsafe.SizeOf<ReachabilityBlock>());
        Assert.Equal(SizeOf("struct ifa_msghdr"), Unsafe.SizeOf<AddressHeader>());
        Assert.Equal(SizeOf("struct ifma_msghdr"), Unsafe.SizeOf<MembershipHeader>());
        Assert.Equal(SizeOf("struct ifma_msghdr2"), Unsafe.SizeOf<MembershipHeader2>());
        Assert.Equal(SizeOf("struct if_msghdr"), Unsafe.SizeOf<LinkHeader>());
        Assert.Equal(SizeOf("struct if_msghdr2"), Unsafe.SizeOf<LinkHeader2>());
        Assert.Equal(SizeOf("struct if_data"), Unsafe.SizeOf<LinkDataBlock>());
        Assert.Equal(SizeOf("struct if_data64"), Unsafe.SizeOf<LinkDataBlock64>());
        Assert.Equal(SocketAddress.InetBytes, SizeOf("struct sockaddr_in"));
        Assert.Equal(SocketAddress.Inet6Bytes, SizeOf("struct sockaddr_in6"));
        Assert.Equal(SocketAddress.LinkBytes, SizeOf("struct sockaddr_dl"));
    }

    [Fact]
    public void Every_field_stands_where_the_headers_put_it()
    {
        Type[] ours =
        [
            typeof(RouteMetricsBlock),
            typeof(RouteHeader),
            typeof(RouteDumpHeader),
            typeof(ExtendedRouteHeader),
            typeof(ReachabilityBlock),
            typeof(AddressHeader),
            typeof(MembershipHeader),
            typeof(MembershipHeader2),
            typeof(LinkHeader),
            typeof(LinkHeader2),
            typeof(LinkDataBlock),
            typeof(LinkDataBlock64),
        ];
        var compared = 0;
        foreach (var ((kernel, kernelFields, ourFields), type) in Headers.Zip(ours))
        {
            foreach (var (theirs, own) in kernelFields.Split(' ').Zip(ourFields.Split(' ')))
            {
                Assert.True(
                    OffsetOf(kernel, theirs) == (int)Marshal.OffsetOf(type, own),
                    $"{kernel}.{theirs} is not at {type.Name}.{own}"
                );
                compared++;
            }
        }

        var starts = new[] { "rtm_msglen", "rtm_version", "rtm_type" };
        Assert.All(
            starts.Zip(Start.Split(' ')),
            pair =>
                Assert.Equal(OffsetOf("struct rt_msghdr", pair.First), (int)Marshal.OffsetOf<MessageStart>(pair.Second))
        );
        Assert.Equal(SocketAddress.InetAddressAt, OffsetOf("struct sockaddr_in", "sin_addr"));
        Assert.Equal(SocketAddress.Inet6AddressAt, OffsetOf("struct sockaddr_in6", "sin6_addr"));
        Assert.Equal(SocketAddress.Inet6ScopeAt, OffsetOf("struct sockaddr_in6", "sin6_scope_id"));
        Assert.Equal(SocketAddress.LinkDataAt, OffsetOf("struct sockaddr_dl", "sdl_data"));
        Assert.Equal(Headers.Sum(header => header.OurFields.Split(' ').Length), compared);
    }

    [Fact]
    public void Every_number_is_that_of_the_headers()
    {
        (string Kernel, long Ours)[] numbers =
        [
            ("RTM_VERSION", RoutingMessage.Version),
            .. Named<RoutingMessageType>(
                "RTM_",
                "ADD Add;DELETE Delete;CHANGE Change;GET Get;LOSING Losing;REDIRECT Redirect;MISS Miss;LOCK Lock;"
                    + "OLDADD OldAdd;OLDDEL OldDelete;RESOLVE Resolve;NEWADDR NewAddress;DELADDR DeleteAddress;IFINFO Interface;NEWMADDR NewMembership;"
                    + "DELMADDR DeleteMembership;GET_SILENT GetSilent;IFINFO2 Interface2;NEWMADDR2 NewMembership2;GET2 Get2;GET_EXT GetExtended"
            ),
            .. Named<RouteFlags>(
                "RTF_",
                "UP Up;GATEWAY Gateway;HOST Host;REJECT Reject;DYNAMIC Dynamic;MODIFIED Modified;DONE Done;"
                    + "DELCLONE DeleteClones;CLONING Cloning;XRESOLVE ExternalResolver;LLINFO LinkLayer;STATIC Static;BLACKHOLE Blackhole;"
                    + "NOIFREF NoInterfaceReference;PROTO2 Protocol2;PROTO1 Protocol1;PRCLONING ProtocolCloning;WASCLONED WasCloned;PROTO3 Protocol3;"
                    + "PINNED Pinned;LOCAL Local;BROADCAST Broadcast;MULTICAST Multicast;IFSCOPE InterfaceScope;CONDEMNED Condemned;"
                    + "IFREF InterfaceReference;PROXY Proxy;ROUTER Router;DEAD Dead;GLOBAL Global"
            ),
            .. Named<AddressBits>(
                "RTA_",
                "DST Destination;GATEWAY Gateway;NETMASK Netmask;GENMASK CloneMask;IFP Interface;IFA InterfaceAddress;"
                    + "AUTHOR Author;BRD Broadcast"
            ),
            .. Named<AddressSlot>(
                "RTAX_",
                "DST Destination;GATEWAY Gateway;NETMASK Netmask;GENMASK CloneMask;IFP Interface;IFA InterfaceAddress;"
                    + "AUTHOR Author;BRD Broadcast"
            ),
            .. Named<MetricBits>(
                "RTV_",
                "MTU Mtu;HOPCOUNT HopCount;EXPIRE Expire;RPIPE ReceivePipe;SPIPE SendPipe;SSTHRESH SlowStartThreshold;"
                    + "RTT RoundTrip;RTTVAR RoundTripVariance"
            ),
        ];
        Assert.All(numbers, number => Assert.Equal(Constant(number.Kernel), number.Ours));
    }

    [Fact]
    public void Every_errno_and_name_of_sysctl_is_that_of_the_headers()
    {
        int[] errnos =
        [
            DarwinErrno.Permission,
            DarwinErrno.NoSuchEntry,
            DarwinErrno.Interrupted,
            DarwinErrno.NoSuchDevice,
            DarwinErrno.NoMemory,
            DarwinErrno.Busy,
            DarwinErrno.Exists,
            DarwinErrno.Invalid,
            DarwinErrno.TryAgain,
            DarwinErrno.ProtocolNotSupported,
            DarwinErrno.FamilyNotSupported,
            DarwinErrno.AddressInUse,
            DarwinErrno.AddressNotAvailable,
            DarwinErrno.NetworkUnreachable,
            DarwinErrno.NoBuffers,
            DarwinErrno.HostUnreachable,
            DarwinErrno.NotSupported,
        ];
        Assert.All(errnos, errno => Assert.Equal(Constant(DarwinErrno.NameOf(errno)), errno));
        (string Kernel, long Ours)[] others =
        [
            ("AF_INET", DarwinFamily.Inet),
            ("AF_INET6", DarwinFamily.Inet6),
            ("AF_LINK", DarwinFamily.Link),
            ("AF_ROUTE", DarwinFamily.Route),
            ("NET_RT_DUMP", RoutingSysctl.Dump),
            ("NET_RT_FLAGS", RoutingSysctl.Flags),
            ("NET_RT_IFLIST", RoutingSysctl.Links),
            ("NET_RT_STAT", RoutingSysctl.Statistics),
            ("NET_RT_TRASH", RoutingSysctl.Trash),
            ("NET_RT_IFLIST2", RoutingSysctl.Links2),
            ("NET_RT_DUMP2", RoutingSysctl.Dump2),
            ("IFF_UP", (uint)LinkFlags.Up),
            ("IFF_BROADCAST", (uint)LinkFlags.HasBroadcast),
            ("IFF_LOOPBACK", (uint)LinkFlags.Loopback),
            ("IFF_POINTOPOINT", (uint)LinkFlags.PointToPoint),
            ("IFF_RUNNING", (uint)LinkFlags.Running),
            ("IFF_SIMPLEX", (uint)LinkFlags.Simplex),
            ("IFF_MULTICAST", (uint)LinkFlags.Multicast),
            ("AF_MAX", DarwinFamily.Count),
        ];
        Assert.All(others, other => Assert.Equal(Constant(other.Kernel), other.Ours));
    }

    private static IEnumerable<(string Kernel, long Ours)> Named<T>(string prefix, string pairs)
        where T : struct, Enum =>
        pairs
            .Split(';')
            .Select(pair => pair.Split(' '))
            .Select(pair =>
                (
                    prefix + pair[0],
                    Convert.ToInt64(Enum.Parse<T>(pair[1]), System.Globalization.CultureInfo.InvariantCulture)
                )
            );

    private static int SizeOf(string name) =>
        Layouts.GetProperty("structs").GetProperty(name).GetProperty("size").GetInt32();

    private static int OffsetOf(string name, string field) =>
        Layouts
            .GetProperty("structs")
            .GetProperty(name)
            .GetProperty("fields")
            .GetProperty(field)
            .GetProperty("offset")
            .GetInt32();

    private static long Constant(string name) =>
        Layouts.GetProperty("constants").GetProperty(name).GetProperty("value").GetInt64();
}
