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

    private void RemoveAddress(SimulatedAddress own)
    {
        Retract(own);
        own.Link.Addresses.Remove(own);
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

    private void Forget(SimulatedLink link)
    {
        RemoveWhere(_inet, entry => entry.InterfaceAddress?.Link == link || entry.Link == link);
        RemoveWhere(_inet6, entry => entry.InterfaceAddress?.Link == link || entry.Link == link);
        _links.Remove(link);
    }

    private void RemoveWhere(SimulatedTable table, Predicate<SimulatedEntry> isGone)
    {
        foreach (var entry in table.Entries.Where(entry => isGone(entry)).ToArray())
        {
            RemoveEntry(entry);
        }
    }

    private int IndexFor(string name) =>
        _indexByName.TryGetValue(name, out var index) ? index : _indexByName.Values.Max() + 1;
}
