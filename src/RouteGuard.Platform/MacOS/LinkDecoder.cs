using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.MacOS;

/// <summary>Reads the list of interfaces that sysctl NET_RT_IFLIST2 gives: each interface, then its
/// addresses.</summary>
internal static class LinkDecoder
{
    private const byte TypeOther = 1;

    /// <summary>Reads a whole list.</summary>
    /// <returns>False with a fault where the list breaks off; what came before is in
    /// <paramref name="links"/>.</returns>
    public static bool TryRead(ReadOnlySpan<byte> list, out IReadOnlyList<NetworkLink> links, out WireFault fault)
    {
        var found = new List<NetworkLink>();
        var addresses = new List<InterfaceAddress>();
        links = found;
        while (RoutingMessage.TryNext(ref list, out var message, out fault))
        {
            switch (message.Type)
            {
                case RoutingMessageType.Interface2:
                    Close(found, addresses);
                    found.Add(ReadLink(message.Header<LinkHeader2>(), message[AddressSlot.Interface]));
                    break;
                case RoutingMessageType.NewAddress when TryReadInterfaceAddress(message, out var address):
                    addresses.Add(address);
                    break;
                default:
                    // Memberships, and addresses of families that carry no routes.
                    break;
            }
        }

        Close(found, addresses);
        return fault.IsNone;
    }

    /// <summary>Reads address and prefix length from RTM_NEWADDR or RTM_DELADDR.</summary>
    public static bool TryReadInterfaceAddress(in RoutingMessage message, out InterfaceAddress address)
    {
        address = default;
        if (
            !message[AddressSlot.InterfaceAddress].TryReadAddress(out var own, out _)
            || !message[AddressSlot.Netmask].TryReadMask(own.Family, out var prefixLength)
        )
        {
            return false;
        }

        address = new(own, (byte)prefixLength);
        return true;
    }

    private static NetworkLink ReadLink(LinkHeader2 header, SocketAddress address)
    {
        address.TryReadLinkNames(out var name, out var mac);
        return new()
        {
            Index = new(header.Index),
            Name = name,
            Kind =
                header.Data.Kind.Type == TypeOther && (header.Flags & LinkFlags.PointToPoint) != LinkFlags.None
                    ? "tun"
                    : string.Empty,
            IsUp = (header.Flags & LinkFlags.Up) != LinkFlags.None,
            HasCarrier = (header.Flags & LinkFlags.Running) != LinkFlags.None,
            IsLoopback = (header.Flags & LinkFlags.Loopback) != LinkFlags.None,
            IsPointToPoint = (header.Flags & LinkFlags.PointToPoint) != LinkFlags.None,
            Mac = mac,
            Mtu = header.Data.Mtu,
        };
    }

    private static void Close(List<NetworkLink> links, List<InterfaceAddress> addresses)
    {
        if (links.Count > 0 && addresses.Count > 0)
        {
            links[^1] = links[^1] with { Addresses = new(addresses) };
        }

        addresses.Clear();
    }
}
