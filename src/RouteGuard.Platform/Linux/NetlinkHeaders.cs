using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Linux;

/// <summary><c>struct nlmsghdr</c>, 16 bytes (netlink(7)).</summary>
/// <param name="LengthBytes">nlmsg_len: header and body.</param>
/// <param name="Type">nlmsg_type: see <see cref="NetlinkType"/>.</param>
/// <param name="Flags">nlmsg_flags: see <see cref="NetlinkFlags"/>.</param>
/// <param name="Sequence">nlmsg_seq: that of the request.</param>
/// <param name="PortId">nlmsg_pid: the socket that asked.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct NetlinkHeader(uint LengthBytes, ushort Type, ushort Flags, uint Sequence, uint PortId);

/// <summary><c>struct rtmsg</c>, 12 bytes (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RouteHeader(
    byte Family,
    byte DestinationLength,
    byte SourceLength,
    byte Tos,
    byte Table,
    byte Protocol,
    byte Scope,
    byte Type,
    uint Flags
);

/// <summary><c>struct fib_rule_hdr</c>, 12 bytes (linux/fib_rules.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RuleHeader(
    byte Family,
    byte DestinationLength,
    byte SourceLength,
    byte Tos,
    byte Table,
    byte Reserved1,
    byte Reserved2,
    byte Action,
    uint Flags
);

/// <summary><c>struct ifinfomsg</c>, 16 bytes (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LinkHeader(
    byte Family,
    byte Padding,
    ushort HardwareType,
    int Index,
    uint Flags,
    uint Change
);

/// <summary><c>struct ifaddrmsg</c>, 8 bytes (rtnetlink(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AddressHeader(byte Family, byte PrefixLength, byte Flags, byte Scope, uint Index);

/// <summary><c>struct nhmsg</c>, 8 bytes (linux/nexthop.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NextHopHeader(byte Family, byte Scope, byte Protocol, byte Reserved, uint Flags);

/// <summary><c>struct rtnexthop</c>, 8 bytes, before the attributes of a leg (rtnetlink(7)).</summary>
/// <param name="LengthBytes">rtnh_len: this header and the leg's attributes.</param>
/// <param name="Flags">rtnh_flags: RTNH_F_*.</param>
/// <param name="Hops">rtnh_hops: the weight less 1.</param>
/// <param name="Index">rtnh_ifindex.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LegHeader(ushort LengthBytes, byte Flags, byte Hops, int Index);

/// <summary><c>struct rtattr</c>, 4 bytes (rtnetlink(7)).</summary>
/// <param name="LengthBytes">rta_len: header and payload, without the padding.</param>
/// <param name="Type">rta_type; the two highest bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttributeHeader(ushort LengthBytes, ushort Type);

/// <summary><c>struct rta_cacheinfo</c>, 32 bytes (rtnetlink(7)); only the lifetime is of interest.</summary>
/// <param name="Expires">rta_expires: clock ticks of 1/100 s (USER_HZ) until the route goes; 0 is never.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CacheHeader(
    uint References,
    uint LastUse,
    int Expires,
    uint Error,
    uint Used,
    uint Id,
    uint Time,
    uint TimeAge
);
