using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>What the interface of an entry does to it (bsd/net/rtsock.c:rt_setif, bsd/netinet/in_arp.c).</summary>
internal sealed partial class XnuSimulator
{
    // The interface that the sender named comes last, over whatever was found (bsd/net/rtsock.c:rt_setif).
    private void SetInterface(
        SimulatedEntry entry,
        byte[]? interfaceName,
        byte[]? ownAddress,
        byte[]? gateway,
        int scope
    )
    {
        if ((entry.Flags & RouteFlags.Condemned) != RouteFlags.None)
        {
            return;
        }

        SimulatedAddress? address = null;
        var named = interfaceName is null ? null : WithNetwork(interfaceName, scope);
        if (named is not null && (ownAddress ?? gateway) is { } fit)
        {
            address = OnLink(fit, named.Link);
        }
        else if (ownAddress is not null && WithAddress(ownAddress, scope) is { } own)
        {
            address = own;
        }
        else if (gateway is not null)
        {
            address = AddressForRoute(entry.Flags, entry.Destination, gateway, scope);
        }

        if (address is not null && address != entry.InterfaceAddress)
        {
            AddressUnhook(entry);
            entry.InterfaceAddress = address;
            entry.Link = address.Link;
            if (IsPrimaryDefault(entry))
            {
                SetPrimary(entry.Family, entry.Link.Index);
            }

            if ((entry.Metrics.Locks & MetricBits.Mtu) == MetricBits.None)
            {
                entry.Metrics.Mtu = entry.Link.Mtu;
            }
        }

        AddressHook(entry, isResolve: false);
    }

    // What ARP and neighbour discovery make of an entry on their link (bsd/netinet/in_arp.c:arp_rtrequest,
    // nd6_rtrequest).
    private void AddressHook(SimulatedEntry entry, bool isResolve)
    {
        if (
            entry.InterfaceAddress is not { Link.IsEthernet: true }
            || (entry.Flags & RouteFlags.Gateway) != RouteFlags.None
        )
        {
            return;
        }

        var isInet = entry.Family == DarwinFamily.Inet;
        var link = entry.Link!;
        if (!isResolve)
        {
            var isNetwork =
                !entry.IsHost
                && entry.Mask is not null
                && (!isInet || BitConverter.ToUInt32(entry.Mask) != uint.MaxValue);
            entry.Flags |= isInet && isNetwork ? RouteFlags.Cloning : RouteFlags.None;
            if ((entry.Flags & RouteFlags.Cloning) != RouteFlags.None)
            {
                SetGateway(entry, entry.Destination, Sockaddr.Link(link.Index, link.Type));
                SetExpire(entry, isInet ? UptimeSeconds : 0);
                return;
            }
        }

        if (Sockaddr.FamilyOf(entry.Gateway) != DarwinFamily.Link || entry.Gateway.Length < 20)
        {
            return;
        }

        entry.Gateway[4] = link.Type;
        BitConverter.TryWriteBytes(entry.Gateway.AsSpan(2), (ushort)link.Index);
        entry.Flags |= RouteFlags.LinkLayer;
        if (IsAddressOf(entry.Destination, entry.InterfaceAddress))
        {
            SetExpire(entry, 0);
            entry.Gateway = Sockaddr.Link(link.Index, link.Type, string.Empty, link.Mac);
            entry.Link = _links[0];
            entry.Metrics.Mtu = entry.Link.Mtu;
        }
    }

    private static void AddressUnhook(SimulatedEntry entry)
    {
        if (IsNeighbourFamily(entry.InterfaceAddress) && (entry.Flags & RouteFlags.Gateway) == RouteFlags.None)
        {
            entry.Flags &= ~RouteFlags.LinkLayer;
        }
    }

    private static bool IsNeighbourFamily(SimulatedAddress? address) =>
        address is { Link.IsEthernet: true } || address is { Address: [_, DarwinFamily.Inet6, ..] };

    private static bool IsBroadcast(byte[] destination, SimulatedLink link)
    {
        if (destination[1] != DarwinFamily.Inet)
        {
            return false;
        }

        var bare = Sockaddr.Bare(destination);
        var bits = BitConverter.ToUInt32(bare, 4);
        return bits is 0 or uint.MaxValue
            || (
                (link.Flags & LinkFlags.HasBroadcast) != LinkFlags.None
                && link.Addresses.Exists(own => Sockaddr.Same(bare, own.Peer) || IsNetworkAddress(bare, own))
            );
    }

    private static bool IsNetworkAddress(byte[] bare, SimulatedAddress own)
    {
        var mask = Sockaddr.MaskKey(DarwinFamily.Inet, own.Netmask, 0);
        return own.Address[1] == DarwinFamily.Inet
            && Enumerable.Range(0, 4).All(at => bare[4 + at] == (own.Address[4 + at] & mask[at]));
    }
}
