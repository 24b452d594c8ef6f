using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Addresses of interfaces: RTM_NEWADDR and RTM_DELADDR. Decoding is total.</summary>
/// <remarks>
/// IFA_LOCAL is our own address; IFA_ADDRESS is the peer's on a point-to-point link and the only one that IPv6 gives
/// otherwise. Sources: rtnetlink(7); net/ipv4/devinet.c:inet_fill_ifaddr; net/ipv6/addrconf.c:inet6_fill_ifaddr.
/// </remarks>
public static class AddressCodec
{
    /// <summary>Decodes what follows the 16-byte <c>nlmsghdr</c>.</summary>
    /// <param name="body"><c>struct ifaddrmsg</c> and attributes.</param>
    /// <param name="device">The interface that has the address.</param>
    /// <param name="address">Our address, and the length of the network's prefix.</param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> body,
        out InterfaceIndex device,
        out InterfaceAddress address,
        out WireFault fault
    )
    {
        device = default;
        address = default;
        var reader = new WireReader(body);
        if (!reader.TryRead(out AddressHeader header))
        {
            fault = new("ifaddrmsg", 0, "is cut off");
            return false;
        }

        if (header.Family is not (NetlinkFamily.Inet or NetlinkFamily.Inet6))
        {
            fault = new("ifa_family", 0, "is neither AF_INET nor AF_INET6");
            return false;
        }

        var family = header.Family == NetlinkFamily.Inet ? IpFamily.V4 : IpFamily.V6;
        var local = default(IpAddress);
        var other = default(IpAddress);
        var attributes = new NetlinkAttributes(body[reader.OffsetBytes..], reader.OffsetBytes);
        while (attributes.TryNext(out var attribute))
        {
            switch (attribute.Type)
            {
                case AddressAttribute.Local:
                    attribute.TryReadAddress("IFA_LOCAL", family, out local, out fault);
                    break;
                case AddressAttribute.Address:
                    attribute.TryReadAddress("IFA_ADDRESS", family, out other, out fault);
                    break;
                default:
                    fault = default;
                    break;
            }

            if (!fault.IsNone)
            {
                return false;
            }
        }

        fault = attributes.Fault;
        var own = local != default ? local : other;
        if (fault.IsNone && (own == default || header.PrefixLength > own.BitLength))
        {
            fault = new("ifa_prefixlen", 1, "has no address, or is too long for it");
        }

        device = new((int)header.Index);
        address = new(own, header.PrefixLength);
        return fault.IsNone;
    }

    /// <summary>Appends a request to give an interface an address (<c>ip addr add … [nodad]</c>).</summary>
    /// <param name="writer">The batch.</param>
    /// <param name="device">The interface.</param>
    /// <param name="address">The address; an IPv6 one is used at once, without looking for a duplicate.</param>
    /// <param name="sequence">Repeated by the answer.</param>
    public static void AppendNewAddress(
        NetlinkWriter writer,
        InterfaceIndex device,
        InterfaceAddress address,
        uint sequence
    )
    {
        var family = address.Address.Family;
        var flags = family == IpFamily.V6 ? AddressAttribute.NoDuplicateDetection : (byte)0;
        writer.BeginMessage(
            NetlinkType.NewAddress,
            NetlinkFlags.Request | NetlinkFlags.Acknowledge | NetlinkFlags.Create | NetlinkFlags.Exclusive,
            sequence
        );
        writer.Append(
            new AddressHeader(RouteDecoder.NumberOf(family), address.PrefixLength, flags, 0, (uint)device.Value)
        );
        RouteCodec.AppendAddress(writer, AddressAttribute.Local, address.Address);
        RouteCodec.AppendAddress(writer, AddressAttribute.Address, address.Address);
        writer.EndMessage();
    }
}
