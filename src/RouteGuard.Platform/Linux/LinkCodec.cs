using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>
/// Interfaces: RTM_NEWLINK and RTM_DELLINK, and the few requests that the demo needs. Decoding is total.
/// </summary>
/// <remarks>Sources: rtnetlink(7); net/core/rtnetlink.c:rtnl_fill_ifinfo.</remarks>
public static class LinkCodec
{
    /// <summary>MAX_ADDR_LEN: no layer 2 address is longer.</summary>
    private const int MacBytesMax = 32;

    /// <summary>Decodes what follows the 16-byte <c>nlmsghdr</c>. The addresses come by other messages.</summary>
    /// <param name="body"><c>struct ifinfomsg</c> and attributes.</param>
    /// <param name="link">The interface when the answer is true; its name is empty in a message that has none.</param>
    /// <param name="isBridgePort">
    /// AF_BRIDGE: the message is about the port of a bridge. RTM_DELLINK then means that the interface left the
    /// bridge, not that it is gone.
    /// </param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out NetworkLink? link,
        out bool isBridgePort,
        out WireFault fault
    )
    {
        link = null;
        isBridgePort = false;
        var reader = new WireReader(body);
        if (!reader.TryRead(out LinkHeader header))
        {
            fault = new("ifinfomsg", 0, "is cut off");
            return false;
        }

        var name = string.Empty;
        var kind = string.Empty;
        var mac = string.Empty;
        var mtu = 0u;
        var attributes = new NetlinkAttributes(body[reader.OffsetBytes..], reader.OffsetBytes);
        while (attributes.TryNext(out var attribute))
        {
            switch (attribute.Type)
            {
                case LinkAttribute.Name:
                    name = attribute.Text();
                    break;
                case LinkAttribute.Address:
                    mac = Mac(attribute.Payload);
                    break;
                case LinkAttribute.Mtu when !attribute.TryRead("IFLA_MTU", out mtu, out fault):
                case LinkAttribute.LinkInfo when !TryReadKind(attribute, ref kind, out fault):
                    return false;
                default:
                    break;
            }
        }

        fault = attributes.Fault;
        isBridgePort = header.Family == NetlinkFamily.Bridge;
        link = new()
        {
            Index = new(header.Index),
            Name = name,
            Kind = kind,
            IsUp = (header.Flags & LinkAttribute.UpFlag) != 0,
            HasCarrier = (header.Flags & LinkAttribute.LowerUpFlag) != 0,
            IsLoopback = (header.Flags & LinkAttribute.LoopbackFlag) != 0,
            IsPointToPoint = (header.Flags & LinkAttribute.PointToPointFlag) != 0,
            Mac = mac,
            Mtu = mtu,
        };
        return fault.IsNone;
    }

    private static bool TryReadKind(in NetlinkAttribute attribute, ref string kind, out WireFault fault)
    {
        var inside = attribute.Nested;
        while (inside.TryNext(out var part))
        {
            if (part.Type == LinkAttribute.InfoKind)
            {
                kind = part.Text();
            }
        }

        fault = inside.Fault.IsNone ? default : inside.Fault with { Field = "IFLA_LINKINFO" };
        return fault.IsNone;
    }

    // lo shows zeros, which are no address.
    private static string Mac(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MacBytesMax || !bytes.ContainsAnyExcept((byte)0))
        {
            return string.Empty;
        }

        Span<char> text = stackalloc char[bytes.Length * 3];
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at].TryFormat(text[(at * 3)..], out _, "x2", CultureInfo.InvariantCulture);
            text[(at * 3) + 2] = ':';
        }

        return new(text[..^1]);
    }

    /// <summary>Appends a request to take an interface up or down (<c>ip link set DEV up</c>).</summary>
    public static void AppendSetUp(NetlinkWriter writer, InterfaceIndex device, bool isUp, uint sequence) =>
        Append(
            writer,
            NetlinkType.NewLink,
            new LinkHeader(0, 0, 0, device.Value, isUp ? LinkAttribute.UpFlag : 0, LinkAttribute.UpFlag),
            sequence
        );

    /// <summary>Appends a request to remove an interface (<c>ip link del DEV</c>).</summary>
    public static void AppendDelete(NetlinkWriter writer, InterfaceIndex device, uint sequence) =>
        Append(writer, NetlinkType.DeleteLink, new LinkHeader(0, 0, 0, device.Value, 0, 0), sequence);

    private static void Append(NetlinkWriter writer, ushort type, in LinkHeader header, uint sequence)
    {
        writer.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        writer.Append(header);
        writer.EndMessage();
    }
}
