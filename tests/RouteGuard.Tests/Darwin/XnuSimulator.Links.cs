using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Interfaces come, go, change, and so do their addresses. Most of what that does to routes is
/// silent.</summary>
internal sealed partial class XnuSimulator
{
    private const int NeighbourLifeSeconds = 1200;

    /// <summary>How long ARP keeps asking (arpt_down).</summary>
    private const int UnresolvedLifeSeconds = 20;

    private const LinkFlags TunnelFlags =
        LinkFlags.Up | LinkFlags.PointToPoint | LinkFlags.Running | LinkFlags.Multicast;

    /// <summary>A VPN opens utunN.</summary>
    public SimulatedLink OpenTunnel(int number)
    {
        // The first life of a name is announced before the interface has its number.
        var name = $"utun{number}";
        var isFirst = !_indexByName.ContainsKey(name);
        var link = Plug(IndexFor(name), name, 1, 1500, isFirst ? LinkFlags.Up : TunnelFlags, []);
        Announce(link, isFirst ? 0 : link.Index);
        link.Flags = TunnelFlags;
        return link;
    }

    /// <summary>The VPN's process died, or closed utunN: addresses go with a message, routes without one.</summary>
    public void CloseTunnel(int number)
    {
        var link = LinkNamed($"utun{number}");
        foreach (var own in link.Addresses.ToArray())
        {
            RemoveAddress(own);
            LeaveGroupOf(own);
        }

        // The groups of the interface first, those of single addresses last.
        foreach (var group in link.Groups.OrderBy(IsSolicitedNode).ToArray())
        {
            LeaveGroup(link, group);
        }

        link.Flags &= ~LinkFlags.Up;
        Announce(link, link.Index);
        Forget(link);
    }

    /// <summary>An Ethernet interface is plugged in; it is silent until it is up.</summary>
    public SimulatedLink Attach(string name, byte[] mac) =>
        Plug(IndexFor(name), name, 6, 1500, EthernetFlags & ~(LinkFlags.Up | LinkFlags.Running), mac);

    /// <summary>An interface is unplugged: it goes down, addresses go with a message, routes without one.</summary>
    public void Detach(SimulatedLink link)
    {
        if ((link.Flags & LinkFlags.Up) != LinkFlags.None)
        {
            link.Flags &= ~LinkFlags.Up;
            Announce(link, link.Index);
        }

        foreach (var own in link.Addresses.OrderBy(own => own.Address[1]).ToArray())
        {
            RemoveAddress(own);
            if (own.Address[1] == DarwinFamily.Inet && Group(link, "224.0.0.1") is { } all)
            {
                LeaveGroup(link, all);
            }
        }

        foreach (var address in new[] { $"ff01:{link.Index}::1", $"ff02:{link.Index}::1" })
        {
            if (Group(link, address) is { } group)
            {
                LeaveGroup(link, group);
            }
        }

        Forget(link);
    }

    /// <summary>The interface gives itself a link-local address.</summary>
    public void AddLinkLocal(SimulatedLink link)
    {
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

    /// <summary>Adds a global IPv6 address; its prefix leads to the link by way of the link-local address.</summary>
    public void AddInet6Address(SimulatedLink link, string address, int prefixLength)
    {
        var own = PlugInet6(link, address, prefixLength, link.IsEthernet ? null : []);
        AnnounceInet6(own);
        JoinGroup(link, SolicitedNode(own));
        var local =
            link.Addresses.Find(other => other.Address is [_, DarwinFamily.Inet6, _, _, _, _, _, _, 0xfe, ..]) ?? own;
        var prefix = Masked(own.Address, Sockaddr.MaskKey(DarwinFamily.Inet6, own.Netmask, 0));
        var gateway = link.IsEthernet ? Sockaddr.Link(link.Index, link.Type) : local.Address;
        Put(prefix, prefixLength, gateway, PrefixFlags(link), local, link);
    }

    public void RemoveInet6Address(SimulatedLink link, string address) =>
        RemoveAddress(link.Addresses.First(own => Sockaddr.Same(own.Address, Sockaddr.Inet(address))));

    public void AddInetAddress(SimulatedLink link, string address, string netmask, string? peer)
    {
        var mask = Sockaddr.Inet(netmask);
        var length = mask.AsSpan(4, 4).LastIndexOfAnyExcept((byte)0) + 5;
        var own = new SimulatedAddress
        {
            Link = link,
            Address = Sockaddr.Inet(address),
            Netmask = [(byte)length, DarwinFamily.Inet, .. mask.AsSpan(2, length - 2)],
            Peer = peer is null ? null : Sockaddr.Inet(peer),
            Flags = link.IsPointToPoint ? RouteFlags.None : RouteFlags.Cloning,
        };

        link.Addresses.Add(own);
        Announce(own);
        if (Group(link, "224.0.0.1") is null)
        {
            JoinGroup(link, "224.0.0.1");
        }
    }

    public void RemoveInetAddress(SimulatedLink link, string address)
    {
        var own = link.Addresses.First(own => Sockaddr.Same(own.Address, Sockaddr.Inet(address)));
        RemoveAddress(own);
        if (
            !link.Addresses.Exists(other => other.Address[1] == DarwinFamily.Inet)
            && Group(link, "224.0.0.1") is { } group
        )
        {
            LeaveGroup(link, group);
        }
    }

    public void SetUp(SimulatedLink link, bool isUp)
    {
        if (isUp == ((link.Flags & LinkFlags.Up) != LinkFlags.None))
        {
            return;
        }

        link.Flags = (link.Flags ^ LinkFlags.Up) & (isUp && link.IsEthernet ? ~LinkFlags.Running : ~LinkFlags.None);
        foreach (var own in link.Addresses.Where(own => own.Address[1] == DarwinFamily.Inet).ToArray())
        {
            if (isUp)
            {
                Announce(own);
            }
            else
            {
                Retract(own);
            }
        }

        if (!isUp)
        {
            RemoveWhere(_inet, entry => entry.InterfaceAddress?.Link == link);
        }

        // The driver runs only after the flags were told.
        Announce(link, link.Index);
        link.Flags =
            isUp ? link.Flags | LinkFlags.Running
            : link.IsEthernet ? link.Flags & ~LinkFlags.Running
            : link.Flags;
    }

    /// <summary>A datagram is sent: its route is cloned, used, and let go.</summary>
    public void Send(string address, int scope = 0)
    {
        var entry = Allocate(Sockaddr.Inet(address), mayClone: true, RouteFlags.None, scope);
        Release(entry);
    }

    /// <summary>A frame comes in. Only what an ARP answer does to its neighbour's entry is played.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        const int senderMacAt = 22;
        const int senderAddressAt = 28;
        var address = Sockaddr.Inet(new System.Net.IPAddress(frame.Slice(senderAddressAt, 4)).ToString());
        foreach (
            var entry in _inet.Entries.Where(entry =>
                entry.IsHost && (entry.Flags & RouteFlags.LinkLayer) != RouteFlags.None
            )
        )
        {
            if (Sockaddr.Same(Sockaddr.Bare(entry.Destination), address))
            {
                var link = entry.Link!;
                entry.Gateway = Sockaddr.Link(
                    link.Index,
                    link.Type,
                    string.Empty,
                    frame.Slice(senderMacAt, 6).ToArray()
                );
                SetExpire(entry, UptimeSeconds + NeighbourLifeSeconds);
            }
        }
    }

    /// <summary>Time passes; clones and neighbours that nobody leans on run out.</summary>
    public void Advance(int seconds)
    {
        UptimeSeconds += seconds;
        RemoveWhere(
            _inet,
            entry =>
                entry.Parent is not null
                && entry.Expire != 0
                && ReferencesTo(entry) == 0
                && UptimeSeconds >= entry.Expire + (IsUnresolved(entry) ? UnresolvedLifeSeconds : 0)
        );
    }

    // A neighbour that never answered: its gateway has no layer 2 address.
    private static bool IsUnresolved(SimulatedEntry entry) =>
        (entry.Flags & RouteFlags.LinkLayer) != RouteFlags.None
        && entry.Gateway is [_, DarwinFamily.Link, _, _, _, _, 0, ..];

    private void Announce(SimulatedLink link, int index) =>
        Broadcast(Compose(HeaderOf(link) with { Index = (ushort)index }, new byte[]?[8], isLastPadded: true), 0);

    // bsd/net/route.c:rtinit: the address's own route, then RTM_NEWADDR, RTM_ADD.
    private void Announce(SimulatedAddress own)
    {
        var isHost = own.Link.IsPointToPoint;
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

    // RTM_DELETE, RTM_DELADDR.
    private void Retract(SimulatedAddress own)
    {
        var isHost = own.Link.IsPointToPoint;
        byte[] key;
        if (own.Address[1] == DarwinFamily.Inet6)
        {
            var scope = 0;
            key = Sockaddr.Scoped(own.Address, ref scope);
        }
        else
        {
            key = isHost ? own.Peer! : Masked(own.Address, Sockaddr.MaskKey(own.Address[1], own.Netmask, 0));
        }

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

    private static RouteFlags PrefixFlags(SimulatedLink link) =>
        RouteFlags.Up | (link.IsEthernet ? RouteFlags.Cloning : RouteFlags.ProtocolCloning);

    private static string SolicitedNode(SimulatedAddress own) =>
        $"ff02:{own.Link.Index}::1:ff{own.Address[21]:x2}:{own.Address[22]:x2}{own.Address[23]:x2}";

    // ff02::1:ffXX:XXXX.
    private static bool IsSolicitedNode(SimulatedGroup group) =>
        group.Address is { Length: SocketAddress.Inet6Bytes } address && address[19] == 1 && address[20] == 0xff;

    private static SimulatedGroup? Group(SimulatedLink link, string address) =>
        link.Groups.Find(group => Sockaddr.Same(group.Address, Sockaddr.Inet(address)));
}
