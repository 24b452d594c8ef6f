using System.Runtime.InteropServices;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>How rtm_flags and the words of Core belong together.</summary>
/// <remarks>
/// A route implies flags: its next hop RTF_GATEWAY, RTF_REJECT, RTF_BLACKHOLE or RTF_CLONING, its protocol RTF_STATIC,
/// its key RTF_HOST and RTF_IFSCOPE. An entry that has others, or a gateway that its next hop does not say, carries
/// them
/// verbatim in <see cref="RouteAttributes.Raw"/>: rtm_flags (4 bytes, host order, of <see cref="Kept"/> only), then the
/// gateway's socket address if it is needed. So nothing is lost, and most routes carry nothing.
/// </remarks>
internal static class RouteModel
{
    /// <summary>Flags by which two entries differ in what they do; the kernel adds and drops the others as it
    /// likes.</summary>
    public const RouteFlags Kept =
        RouteFlags.Up
        | RouteFlags.Gateway
        | RouteFlags.Host
        | RouteFlags.Reject
        | RouteFlags.Cloning
        | RouteFlags.Static
        | RouteFlags.Blackhole
        | RouteFlags.Protocol2
        | RouteFlags.Protocol1
        | RouteFlags.InterfaceScope;

    /// <summary>rtnetlink's number of "local", "broadcast" and "multicast", which <see cref="NextHop.Special"/>
    /// speaks.</summary>
    public const byte LocalType = 2;

    public const byte BroadcastType = 3;

    public const byte MulticastType = 5;

    private const int FlagsBytes = sizeof(uint);

    /// <summary>The flags that the words of the route imply.</summary>
    public static RouteFlags Implied(Route route)
    {
        var flags = RouteFlags.Up;
        flags |= route.IsHostEntry ? RouteFlags.Host : RouteFlags.None;
        flags |= route.ScopeInterface.IsNone ? RouteFlags.None : RouteFlags.InterfaceScope;
        flags |= IsAskedFor(route.Attributes.Protocol) ? RouteFlags.Static : RouteFlags.None;
        return flags
            | route.NextHop switch
            {
                NextHop.Via => RouteFlags.Gateway,
                NextHop.Unreachable => RouteFlags.Gateway | RouteFlags.Reject,
                NextHop.Blackhole => RouteFlags.Gateway | RouteFlags.Blackhole,
                NextHop.OnLink when !route.IsHostEntry => RouteFlags.Cloning,
                _ => RouteFlags.None,
            };
    }

    /// <summary>The flags to ask for: those that were read, or those that the words imply.</summary>
    public static RouteFlags FlagsOf(Route route) =>
        route.Attributes.Raw.Bytes.Length >= FlagsBytes
            ? (RouteFlags)MemoryMarshal.Read<uint>(route.Attributes.Raw.Bytes.AsSpan()) & Kept
            : Implied(route);

    /// <summary>The gateway's socket address where the next hop does not say it; else empty.</summary>
    public static SocketAddress GatewayOf(Route route)
    {
        var raw = route.Attributes.Raw.Bytes.AsSpan();
        return raw.Length > FlagsBytes && raw[FlagsBytes] <= raw.Length - FlagsBytes
            ? new(raw.Slice(FlagsBytes, raw[FlagsBytes]))
            : default;
    }

    /// <summary>What the words of the route do not say.</summary>
    /// <param name="route">The route, still without raw attributes.</param>
    /// <param name="flags">rtm_flags as they were read.</param>
    /// <param name="gateway">The gateway if the next hop does not say it, else empty.</param>
    public static RawAttributes Unsaid(Route route, RouteFlags flags, SocketAddress gateway)
    {
        var kept = flags & Kept;
        if (gateway.IsEmpty && kept == Implied(route))
        {
            return RawAttributes.None;
        }

        Span<byte> raw = stackalloc byte[FlagsBytes + byte.MaxValue];
        MemoryMarshal.Write(raw, (uint)kept);
        gateway.Bytes.CopyTo(raw[FlagsBytes..]);
        return RawAttributes.Of(raw[..(FlagsBytes + gateway.Bytes.Length)]);
    }

    /// <summary>Whom rtm_flags name as the maker, in the numbers of rtm_protocol.</summary>
    /// <remarks>
    /// RTF_STATIC is set by route(8), configd and the VPN programs. An IPv6 gateway without it comes from a router
    /// advertisement (netinet6/nd6_rtr.c:defrouter_addreq), an IPv4 gateway without it from a program that left it out.
    /// </remarks>
    public static byte ProtocolOf(EntryKind kind, RouteFlags flags, IpFamily family) =>
        kind switch
        {
            EntryKind.Redirected => RouteProtocol.Redirect,
            EntryKind.Ordinary when (flags & RouteFlags.Static) != RouteFlags.None => RouteProtocol.Static,
            EntryKind.Ordinary => family == IpFamily.V6 ? RouteProtocol.Ra : RouteProtocol.Unspecified,
            _ => RouteProtocol.Kernel,
        };

    private static bool IsAskedFor(byte protocol) =>
        protocol
            is not (RouteProtocol.Unspecified or RouteProtocol.Kernel or RouteProtocol.Redirect or RouteProtocol.Ra);
}
