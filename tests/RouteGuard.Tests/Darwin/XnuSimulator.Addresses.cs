using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <content>Addresses come and go, and with each its own route (bsd/netinet/in.c:in_ifinit, in_control;
/// bsd/netinet6/in6.c:in6_update_ifa, in6_purgeaddr; bsd/net/route.c:rtinit).</content>
internal sealed partial class XnuSimulator
{
    private const int HostPrefixLength = 128;

    /// <summary>The interface gives itself a link-local address, if it has none.</summary>
    public void AddLinkLocal(SimulatedLink link)
    {
        if (LinkLocalOf(link) is not null)
        {
            return;
        }

        var index = link.Index;
        var (host, groupId) = link.IsEthernet
            ? (
                $"{link.Mac[0] ^ 2:x}{link.Mac[1]:x2}:{link.Mac[2]:x2}ff:fe{link.Mac[3]:x2}:{link.Mac[4]:x2}{link.Mac[5]:x2}",
                $"{link.Mac[3]:x2}:{link.Mac[4]:x2}{link.Mac[5]:x2}"
            )
            : ("585a:5a5a:5a5a:5a5a", "5a:5a5a");
        var own = PlugInet6(link, $"fe80:{index}::{host}", 64, link.IsEthernet ? null : []);
        AnnounceInet6(own);
        JoinOwnGroups(link, groupId);
        var gateway = link.IsEthernet ? Sockaddr.Link(index, link.Type) : own.Address;
        Put($"fe80:{index}::", 64, gateway, PrefixFlags(link), own);
        PutGroups(own, gateway);
    }

    /// <summary>Adds a global IPv6 address; its prefix leads to the link by way of the link-local address. One with a
    /// peer has a route to the peer instead.</summary>
    /// <returns>0, also when the interface has the address already; EINVAL when the length is none, or a peer stands
    /// where none may.</returns>
    public int AddInet6Address(SimulatedLink link, string address, int prefixLength, string? peer = null)
    {
        var hasPeer = peer is not null;
        var mayHavePeer = (link.IsPointToPoint || link.IsLoopback) && prefixLength == HostPrefixLength;
        if (prefixLength is < 1 or > HostPrefixLength || (hasPeer && !mayHavePeer))
        {
            return DarwinErrno.Invalid;
        }

        if (FindAddress(link, address) is not null)
        {
            return DarwinErrno.None;
        }

        var own = PlugInet6(
            link,
            address,
            prefixLength,
            hasPeer ? Sockaddr.Inet(peer!)
                : link.IsEthernet ? null
                : []
        );
        if (hasPeer)
        {
            Announce(own);
        }

        AnnounceInet6(own);
        JoinGroup(link, SolicitedNode(own));
        if (hasPeer)
        {
            return DarwinErrno.None;
        }

        var local = LinkLocalOf(link) ?? own;
        var prefix = Masked(own.Address, Sockaddr.MaskKey(DarwinFamily.Inet6, own.Netmask, 0));
        var gateway = link.IsEthernet ? Sockaddr.Link(link.Index, link.Type) : local.Address;
        Put(prefix, prefixLength, gateway, PrefixFlags(link), local, link);
        return DarwinErrno.None;
    }

    /// <returns>0, or EADDRNOTAVAIL when the interface has no such address.</returns>
    public int RemoveInet6Address(SimulatedLink link, string address)
    {
        if (FindAddress(link, address) is not { } own)
        {
            return DarwinErrno.AddressNotAvailable;
        }

        if (own.Peer is { Length: > 0 })
        {
            Retract(own, own.Peer);
        }

        RemoveAddress(own);
        return DarwinErrno.None;
    }

    /// <summary>Adds an IPv4 address with the route of its network, or of its peer. One that is there already is set up
    /// anew.</summary>
    /// <param name="link">Where.</param>
    /// <param name="address">The address.</param>
    /// <param name="netmask">Its mask, which a peer makes meaningless.</param>
    /// <param name="other">The peer of a point-to-point interface: without one the address has no route and nobody is
    /// told. Else the broadcast address, which is the network's last if it is left out.</param>
    /// <returns>0, or EINVAL for IPv6.</returns>
    public int AddInetAddress(SimulatedLink link, string address, string netmask, string? other)
    {
        var (ip, mask) = (Sockaddr.Inet(address), Sockaddr.Inet(netmask));
        if (ip[1] != DarwinFamily.Inet || mask[1] != DarwinFamily.Inet)
        {
            return DarwinErrno.Invalid;
        }

        var length = mask.AsSpan(4, 4).LastIndexOfAnyExcept((byte)0) + 5;
        var own = new SimulatedAddress
        {
            Link = link,
            Address = ip,
            Netmask = [(byte)length, DarwinFamily.Inet, .. mask.AsSpan(2, length - 2)],
            Peer =
                link.IsLoopback ? ip
                : other is not null ? Sockaddr.Inet(other)
                : link.IsPointToPoint ? null
                : LastOf(ip, mask),
            Flags = link.IsPointToPoint ? RouteFlags.None : RouteFlags.Cloning,
        };
        if (FindAddress(link, address) is { } before)
        {
            RemoveAddress(before);
        }

        link.Addresses.Add(own);
        if (HasRoute(own))
        {
            Announce(own);
            if (Group(link, "224.0.0.1") is null)
            {
                JoinGroup(link, "224.0.0.1");
            }
        }

        return DarwinErrno.None;
    }

    /// <returns>0, or EADDRNOTAVAIL when the interface has no such address.</returns>
    public int RemoveInetAddress(SimulatedLink link, string address)
    {
        if (FindAddress(link, address) is not { } own)
        {
            return DarwinErrno.AddressNotAvailable;
        }

        RemoveAddress(own);
        if (
            !link.Addresses.Exists(other => other.Address[1] == DarwinFamily.Inet)
            && Group(link, "224.0.0.1") is { } group
        )
        {
            LeaveGroup(link, group);
        }

        return DarwinErrno.None;
    }

    private void RemoveAddress(SimulatedAddress own)
    {
        Retract(own);
        own.Link.Addresses.Remove(own);
    }

    // bsd/net/route.c:rtinit: the address's own route, then RTM_NEWADDR, RTM_ADD.
    private void Announce(SimulatedAddress own)
    {
        if (!HasRoute(own))
        {
            return;
        }

        var isHost = LeadsToPeer(own.Link);
        var destination = isHost ? own.Peer! : own.Address;
        var flags = own.Flags | RouteFlags.Up | (isHost ? RouteFlags.Host : RouteFlags.None);
        var errno = Add(destination, own.Address, isHost ? null : own.Netmask, flags, 0, out var entry);
        if (errno != 0 || entry is null)
        {
            return;
        }

        if (entry.InterfaceAddress != own)
        {
            entry.InterfaceAddress = own;
            entry.Link = own.Link;
            entry.Metrics.Mtu = own.Link.Mtu;
            AddressHook(entry, isResolve: false);
        }

        Broadcast(
            AddressMessage(RoutingMessageType.NewAddress, own, hasLink: true, isLastPadded: false),
            own.Address[1]
        );
        Broadcast(RouteMessage(RoutingMessageType.Add, entry, own.Link), own.Address[1]);

        // IFA_ROUTE: the address has its route from now on.
        own.Flags |= RouteFlags.Up;
    }

    private void AnnounceInet6(SimulatedAddress own)
    {
        var entry = PutOwn(own, _links[0]);
        Broadcast(
            AddressMessage(RoutingMessageType.NewAddress, own, hasLink: true, isLastPadded: false),
            own.Address[1]
        );
        Broadcast(RouteMessage(RoutingMessageType.Add, entry, own.Link), own.Address[1]);
    }

    private void Retract(SimulatedAddress own)
    {
        if (own.Address[1] == DarwinFamily.Inet6)
        {
            var scope = 0;
            Retract(own, Sockaddr.Scoped(own.Address, ref scope));
        }
        else if (HasRoute(own))
        {
            Retract(
                own,
                LeadsToPeer(own.Link)
                    ? own.Peer!
                    : Masked(own.Address, Sockaddr.MaskKey(own.Address[1], own.Netmask, 0))
            );
        }
    }

    // RTM_DELETE, RTM_DELADDR.
    private void Retract(SimulatedAddress own, byte[] key)
    {
        if (
            TableOf(key[1])!
                .Entries.FirstOrDefault(entry =>
                    entry.InterfaceAddress == own
                    && entry.Key.SequenceEqual(key.AsSpan(Sockaddr.KeyAt(key[1]), Sockaddr.KeyBytes(key[1])))
                )
            is not { } entry
        )
        {
            return;
        }

        RemoveEntry(entry);
        Broadcast(RouteMessage(RoutingMessageType.Delete, entry, own.Link), own.Address[1]);
        Broadcast(
            AddressMessage(RoutingMessageType.DeleteAddress, own, hasLink: true, isLastPadded: false),
            own.Address[1]
        );
        own.Flags &= ~RouteFlags.Up;
    }

    private static bool LeadsToPeer(SimulatedLink link) => link.IsPointToPoint || link.IsLoopback;

    private static bool HasRoute(SimulatedAddress own) => !LeadsToPeer(own.Link) || own.Peer is { Length: > 0 };

    private static SimulatedAddress? FindAddress(SimulatedLink link, string address) =>
        link.Addresses.Find(own => Sockaddr.Same(own.Address, Sockaddr.Inet(address)));

    private static SimulatedAddress? LinkLocalOf(SimulatedLink link) =>
        link.Addresses.Find(own => own.Address is [_, DarwinFamily.Inet6, _, _, _, _, _, _, 0xfe, 0x80, ..]);

    private static byte[] LastOf(byte[] address, byte[] mask)
    {
        byte[] last = [.. address];
        for (var at = 4; at < 8; at++)
        {
            last[at] |= (byte)~mask[at];
        }

        return last;
    }

    private static RouteFlags PrefixFlags(SimulatedLink link) =>
        RouteFlags.Up | (link.IsEthernet ? RouteFlags.Cloning : RouteFlags.ProtocolCloning);
}
