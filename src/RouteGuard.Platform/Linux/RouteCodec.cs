using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Routes as RTM_NEWROUTE and RTM_DELROUTE.</summary>
/// <remarks>
/// Attributes stand in the order in which <c>ip route show</c> prints their words, with RTA_OIF, RTA_METRICS and
/// RTA_MULTIPATH at the end: that is what ip(8) sends for the same words (the captures of the tests show it byte by
/// byte). The kernel takes any order. Sources: rtnetlink(7); net/ipv4/fib_frontend.c:rtm_to_fib_config;
/// net/ipv6/route.c:rtm_to_fib6_config.
/// </remarks>
public static class RouteCodec
{
    /// <summary>
    /// Decodes one body by itself; for a dump <see cref="RouteDecoder"/> shares what routes have in common.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Route? route, out WireFault fault) =>
        new RouteDecoder().TryDecode(body, out route, out _, out fault);

    /// <summary>Appends a request to make the route.</summary>
    /// <param name="writer">The batch.</param>
    /// <param name="route">The route; without a scope it gets the one that ip(8) would choose.</param>
    /// <param name="flags">Such as Request | Acknowledge | Create | Exclusive (see <see cref="NetlinkFlags"/>).</param>
    /// <param name="sequence">Repeated by the answer.</param>
    public static void AppendNewRoute(NetlinkWriter writer, Route route, ushort flags, uint sequence) =>
        Append(writer, NetlinkType.NewRoute, route, flags, sequence);

    /// <summary>
    /// Appends a request to remove the route, with everything that the kernel compares as a condition.
    /// </summary>
    /// <remarks>
    /// The kernel compares protocol, scope, type, TOS, metric, preferred source, next hop and path metrics for IPv4
    /// (fib_trie.c:fib_table_delete), protocol, metric, source and next hop for IPv6 (route.c:ip6_route_del); a zero
    /// stands for "any". Preference and lifetime are no conditions and are left out.
    /// </remarks>
    public static void AppendDeleteRoute(NetlinkWriter writer, Route route, ushort flags, uint sequence) =>
        Append(writer, NetlinkType.DeleteRoute, route, flags, sequence);

    private static void Append(NetlinkWriter writer, ushort type, Route route, ushort flags, uint sequence)
    {
        var attributes = route.Attributes;
        writer.BeginMessage(type, flags, sequence);
        writer.Append(HeaderOf(route));
        if (route.Family == IpFamily.V6 || !route.Destination.IsDefault)
        {
            AppendAddress(writer, RouteAttribute.Destination, route.Destination.Address);
        }

        if (attributes.Source is { } source)
        {
            AppendAddress(writer, RouteAttribute.Source, source.Address);
        }

        AppendRaw(writer, attributes.Raw, isBeforeGateway: true, except: RouteAttribute.Metrics);
        AppendNextHop(writer, route);
        if (route.Table > byte.MaxValue)
        {
            writer.Attribute(RouteAttribute.Table, route.Table);
        }

        if (attributes.PreferredSource is { } preferred)
        {
            AppendAddress(writer, RouteAttribute.PreferredSource, preferred);
        }

        if (route.Metric != 0)
        {
            writer.Attribute(RouteAttribute.Priority, route.Metric);
        }

        AppendRest(writer, type, route);
        writer.EndMessage();
    }

    private static void AppendRest(NetlinkWriter writer, ushort type, Route route)
    {
        var attributes = route.Attributes;
        AppendRaw(writer, attributes.Raw, isBeforeGateway: false, except: RouteAttribute.Metrics);
        if (attributes.ExpiresSeconds != 0 && type == NetlinkType.NewRoute)
        {
            writer.Attribute(RouteAttribute.Expires, attributes.ExpiresSeconds);
        }

        if (attributes.Preference != 0 && type == NetlinkType.NewRoute)
        {
            writer.Attribute(RouteAttribute.Preference, attributes.Preference);
        }

        if (!route.NextHop.Device.IsNone)
        {
            writer.Attribute(RouteAttribute.Device, route.NextHop.Device.Value);
        }

        MetricsCodec.Append(writer, attributes.Metrics, attributes.Raw);
        if (route.NextHop is NextHop.Multipath multipath)
        {
            LegCodec.Append(writer, route.Family, multipath.Legs);
        }
    }

    private static RouteHeader HeaderOf(Route route) =>
        new(
            RouteDecoder.NumberOf(route.Family),
            route.Destination.Length,
            route.Attributes.Source?.Length ?? 0,
            route.Tos,
            route.Table <= byte.MaxValue ? (byte)route.Table : (byte)0,
            route.Attributes.Protocol,
            RouteScope.Of(route),
            TypeOf(route.NextHop),
            route.NextHop is NextHop.Via { IsOnLink: true } ? RouteFlag.OnLink : 0
        );

    private static byte TypeOf(NextHop nextHop) =>
        nextHop switch
        {
            NextHop.Blackhole => RouteType.Blackhole,
            NextHop.Unreachable => RouteType.Unreachable,
            NextHop.Prohibit => RouteType.Prohibit,
            NextHop.Throw => RouteType.Throw,
            NextHop.Special special => special.Type,
            _ => RouteType.Unicast,
        };

    private static void AppendNextHop(NetlinkWriter writer, Route route)
    {
        switch (route.NextHop)
        {
            case NextHop.Shared shared:
                writer.Attribute(RouteAttribute.NextHopId, shared.Id);
                break;
            case NextHop.Via via:
                AppendGateway(writer, route.Family, via.Gateway);
                break;
            default:
                break;
        }
    }

    /// <summary>RTA_GATEWAY, or RTA_VIA for a gateway of the other family.</summary>
    internal static void AppendGateway(NetlinkWriter writer, IpFamily family, IpAddress gateway)
    {
        if (gateway.Family == family)
        {
            AppendAddress(writer, RouteAttribute.Gateway, gateway);
            return;
        }

        var via = writer.ReserveAttribute(RouteAttribute.Via, sizeof(ushort) + gateway.ByteLength);
        System.Runtime.InteropServices.MemoryMarshal.Write(via, (ushort)RouteDecoder.NumberOf(gateway.Family));
        gateway.WriteBytes(via[sizeof(ushort)..]);
    }

    internal static void AppendAddress(NetlinkWriter writer, ushort type, IpAddress address) =>
        address.WriteBytes(writer.ReserveAttribute(type, address.ByteLength));

    /// <summary>
    /// Appends the raw attributes if this is their place: before the gateway when they begin with an encapsulation.
    /// </summary>
    /// <remarks>
    /// They stay together and in order, so that what is written reads back as the same bytes. Bytes that are no
    /// attribute are not sent.
    /// </remarks>
    /// <param name="except">
    /// The attribute that is written elsewhere: path metrics that are no numbers join the others.
    /// </param>
    internal static void AppendRaw(NetlinkWriter writer, RawAttributes raw, bool isBeforeGateway, ushort except = 0)
    {
        if (raw.IsEmpty || BeginsWithEncapsulation(raw) != isBeforeGateway)
        {
            return;
        }

        var attributes = new NetlinkAttributes(raw.Bytes.AsSpan(), 0);
        while (attributes.TryNext(out var attribute))
        {
            if (attribute.Type != except || except == 0)
            {
                writer.AppendBytes(attribute.Whole);
            }
        }
    }

    private static bool BeginsWithEncapsulation(RawAttributes raw)
    {
        var attributes = new NetlinkAttributes(raw.Bytes.AsSpan(), 0);
        return attributes.TryNext(out var first) && first.Type is RouteAttribute.Encap or RouteAttribute.EncapType;
    }
}
