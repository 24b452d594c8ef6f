using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <content>Multicast groups, whose coming and going a routing socket tells.</content>
internal sealed partial class XnuSimulator
{
    private void LeaveGroupOf(SimulatedAddress own)
    {
        var isLocal = own.Address[8] == 0xfe;
        var name =
            own.Address[1] == DarwinFamily.Inet ? "224.0.0.1"
            : isLocal ? SolicitedNode(own)
            : string.Empty;
        if (name.Length > 0 && Group(own.Link, name) is { } group)
        {
            LeaveGroup(own.Link, group);
        }
    }

    // Solicited node, all nodes, node information, all nodes of the interface.
    private void JoinOwnGroups(SimulatedLink link, string groupId)
    {
        JoinGroup(link, $"ff02:{link.Index}::1:ff{groupId}");
        JoinGroup(link, $"ff02:{link.Index}::1");
        JoinGroup(link, $"ff02:{link.Index}::2:ff5a:5a5a");
        JoinGroup(link, $"ff01:{link.Index}::1");
    }

    private void JoinGroup(SimulatedLink link, string address)
    {
        SimulatedGroup? linkLayer = null;
        if (link.IsEthernet)
        {
            var ip = System.Net.IPAddress.Parse(address).GetAddressBytes();
            byte[] mac =
                ip.Length == 4 ? [0x01, 0x00, 0x5e, (byte)(ip[1] & 0x7f), ip[2], ip[3]] : [0x33, 0x33, .. ip[12..]];
            byte[] named = [14, DarwinFamily.Link, 0, 0, 0, 0, 6, 0, .. mac];
            linkLayer = link.Groups.Find(known => Sockaddr.Same(known.Address, named));
            if (linkLayer is null)
            {
                linkLayer = new() { Address = named };
                link.Groups.Insert(0, linkLayer);
            }
            else
            {
                linkLayer.References++;
            }
        }

        var group = new SimulatedGroup { Address = Sockaddr.Inet(address), LinkLayer = linkLayer };
        link.Groups.Insert(0, group);
        Broadcast(GroupMessage(RoutingMessageType.NewMembership, link, group), group.Address[1]);
    }

    private void LeaveGroup(SimulatedLink link, SimulatedGroup group)
    {
        link.Groups.Remove(group);
        if (group.LinkLayer is { } linkLayer && --linkLayer.References == 0)
        {
            link.Groups.Remove(linkLayer);
        }

        Broadcast(GroupMessage(RoutingMessageType.DeleteMembership, link, group), group.Address[1]);
    }

    private static string SolicitedNode(SimulatedAddress own) =>
        $"ff02:{own.Link.Index}::1:ff{own.Address[21]:x2}:{own.Address[22]:x2}{own.Address[23]:x2}";

    // ff02::1:ffXX:XXXX.
    private static bool IsSolicitedNode(SimulatedGroup group) =>
        group.Address is { Length: SocketAddress.Inet6Bytes } address && address[19] == 1 && address[20] == 0xff;

    private static SimulatedGroup? Group(SimulatedLink link, string address) =>
        link.Groups.Find(group => Sockaddr.Same(group.Address, Sockaddr.Inet(address)));
}
