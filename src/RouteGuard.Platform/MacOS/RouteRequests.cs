using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>Writes requests about routes, in the form of configd, so that what it believes installed is what is
/// there.</summary>
/// <remarks>
/// Masks are written in full length also for a default: the kernel stops reading at an address of length 0, and
/// route(8)
/// loses its interface so (bsd/net/rtsock.c:rt_xaddrs; configd ip_plugin.c:IPv4RouteApply). RTM_CHANGE is never
/// written:
/// it changes the best match instead of the named entry.
/// </remarks>
internal sealed class RouteRequests
{
    private const byte MtuNumber = 2;

    private readonly MessageWriter _writer = new();
    private readonly byte[] _address = new byte[SocketAddress.Inet6Bytes];

    /// <summary>RTM_ADD with destination, gateway, mask, interface and, if the route has one, the interface's
    /// address.</summary>
    /// <returns>The request, valid until the next one is written; or false and why the route cannot be said.</returns>
    public bool TryAdd(
        Route route,
        int sequence,
        out ReadOnlySpan<byte> request,
        [NotNullWhen(false)] out string? why
    ) => TryWrite(RoutingMessageType.Add, route, sequence, out request, out why);

    /// <summary>
    /// RTM_DELETE. The kernel looks at destination, mask and scope alone: whoever sends it has looked first whether the
    /// entry is the one that is meant.
    /// </summary>
    /// <returns>The request, valid until the next one is written; or false and why the route cannot be said.</returns>
    public bool TryDelete(
        Route route,
        int sequence,
        out ReadOnlySpan<byte> request,
        [NotNullWhen(false)] out string? why
    ) => TryWrite(RoutingMessageType.Delete, route, sequence, out request, out why);

    /// <summary>RTM_GET: which entry would a packet to this address take.</summary>
    /// <param name="destination">Where the packet goes.</param>
    /// <param name="scope">The interface that the packet is bound to, or none.</param>
    /// <param name="sequence">rtm_seq, which the answer repeats.</param>
    /// <returns>The request, valid until the next one is written.</returns>
    public ReadOnlySpan<byte> Get(IpAddress destination, InterfaceIndex scope, int sequence)
    {
        _writer.Begin(
            new RouteHeader
            {
                Start = new(0, RoutingMessage.Version, RoutingMessageType.Get),
                Index = (ushort)scope.Value,
                Flags = scope.IsNone ? RouteFlags.None : RouteFlags.InterfaceScope,
                Addresses = AddressBits.Destination | AddressBits.Interface,
                Sequence = sequence,
            }
        );
        _writer.Address(SocketAddress.Write(_address, destination, scope));
        _writer.Address(SocketAddress.WriteLink(_address, scope));
        return _writer.End();
    }

    /// <summary>True when an address is the loopback address of a family: what reject and blackhole entries lead
    /// to.</summary>
    public static bool IsLoopbackOf(IpFamily family, SocketAddress gateway) =>
        gateway.TryReadAddress(out var address, out _) && address == Loopback(family);

    private bool TryWrite(
        RoutingMessageType type,
        Route route,
        int sequence,
        out ReadOnlySpan<byte> request,
        [NotNullWhen(false)] out string? why
    )
    {
        request = default;
        why = WhyNot(route);
        if (why is not null)
        {
            return false;
        }

        var isAdd = type == RoutingMessageType.Add;
        var interfaceBits = AddressBits.None;
        if (isAdd)
        {
            interfaceBits |= route.NextHop.Device.IsNone ? AddressBits.None : AddressBits.Interface;
            interfaceBits |= route.Attributes.PreferredSource is null ? AddressBits.None : AddressBits.InterfaceAddress;
        }

        var maskBit = route.IsHostEntry ? AddressBits.None : AddressBits.Netmask;
        var header = new RouteHeader
        {
            Start = new(0, RoutingMessage.Version, type),
            Index = (ushort)route.ScopeInterface.Value,
            Flags = RouteModel.FlagsOf(route),
            Addresses = AddressBits.Destination | AddressBits.Gateway | maskBit | interfaceBits,
            Sequence = sequence,
        };
        if (isAdd)
        {
            WriteMetrics(route.Attributes.Metrics, ref header);
        }

        _writer.Begin(header);
        WriteAddresses(route, isAdd);
        request = _writer.End();
        return true;
    }

    private void WriteAddresses(Route route, bool isAdd)
    {
        var scope = route.ScopeInterface.IsNone ? route.NextHop.Device : route.ScopeInterface;
        _writer.Address(SocketAddress.Write(_address, route.Destination.Address, scope));
        WriteGateway(route);
        if (!route.IsHostEntry)
        {
            _writer.Address(SocketAddress.WriteMask(_address, route.Family, route.Destination.Length));
        }

        if (isAdd && !route.NextHop.Device.IsNone)
        {
            _writer.Address(SocketAddress.WriteLink(_address, route.NextHop.Device));
        }

        if (isAdd && route.Attributes.PreferredSource is { } source)
        {
            _writer.Address(SocketAddress.Write(_address, source, route.NextHop.Device));
        }
    }

    private void WriteGateway(Route route)
    {
        var verbatim = RouteModel.GatewayOf(route);
        if (!verbatim.IsEmpty)
        {
            _writer.Address(verbatim.Bytes);
            return;
        }

        _writer.Address(
            route.NextHop switch
            {
                NextHop.Via via => SocketAddress.Write(_address, via.Gateway, via.Device),
                NextHop.OnLink onLink => SocketAddress.WriteLink(_address, onLink.Device),
                _ => SocketAddress.Write(_address, Loopback(route.Family), InterfaceIndex.None),
            }
        );
    }

    private static void WriteMetrics(RouteMetrics metrics, ref RouteHeader header)
    {
        foreach (var metric in metrics.Values.Where(metric => metric.Number == MtuNumber))
        {
            header.Inits = MetricBits.Mtu;
            header.Metrics.Mtu = metric.Value;
            header.Metrics.Locks = (metrics.LockMask & (1u << MtuNumber)) != 0 ? MetricBits.Mtu : MetricBits.None;
        }
    }

    private static string? WhyNot(Route route) =>
        route switch
        {
            { NextHop: NextHop.Special } => "the kernel keeps this entry by itself",
            { NextHop: NextHop.Multipath or NextHop.Shared or NextHop.Prohibit or NextHop.Throw } =>
                "macOS has no such next hop",
            { Table: not Route.TableMain } or { Metric: not 0 } or { Tos: not 0 } =>
                "macOS has one table, without metric and TOS",
            { Attributes.Source: not null } => "macOS has no source prefixes",
            { NextHop: NextHop.Via via } when via.Gateway.Family != route.Family =>
                "the gateway is of the other family",
            { IsHostEntry: true, Destination.IsHost: false } => "a host entry has no prefix length",
            _ => null,
        };

    private static IpAddress Loopback(IpFamily family) =>
        family == IpFamily.V4 ? IpAddress.V4(0x7f000001) : new IpAddress(IpFamily.V6, 0, 1);
}
