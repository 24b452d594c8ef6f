using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>The machine of the captures as it stands after boot: lo0, stf0, en0 (192.168.1.50/24), en1
/// (10.0.5.20/24).</summary>
internal sealed partial class XnuSimulator
{
    private const LinkFlags EthernetFlags =
        LinkFlags.Up | LinkFlags.HasBroadcast | LinkFlags.Running | LinkFlags.Simplex | LinkFlags.Multicast;

    /// <summary>What the route of the loopback address starts with, as captured.</summary>
    private const uint LoopbackPipe = 0xc000;

    private void Boot()
    {
        var lo0 = Plug(
            1,
            "lo0",
            24,
            16384,
            LinkFlags.Up | LinkFlags.Loopback | LinkFlags.Running | LinkFlags.Multicast,
            []
        );
        Plug(2, "stf0", 57, 1280, LinkFlags.None, []);
        var en0 = Plug(3, "en0", 6, 1500, EthernetFlags, [2, 0, 0, 0, 0, 0x10]);
        var en1 = Plug(4, "en1", 6, 1500, EthernetFlags, [2, 0, 0, 0, 0, 0x11]);

        lo0.Addresses.Add(
            Own(lo0, "127.0.0.1", [5, DarwinFamily.Inet, 0, 0, 0xff], Sockaddr.Inet("127.0.0.1"), RouteFlags.Up)
        );
        PlugInet6(lo0, "::1", 128, Sockaddr.Inet("::1")).Flags = RouteFlags.Up;
        PlugInet6(lo0, "fe80:1::1", 64, []);
        JoinGroup(lo0, "224.0.0.1");
        JoinOwnGroups(lo0, "00:1");
        PlugInet6(en0, "fe80:3::ff:fe00:10", 64, null);
        JoinOwnGroups(en0, "00:10");
        AddInetAddress(en0, "192.168.1.50", "255.255.255.0", "192.168.1.255");
        PlugInet6(en0, "2001:db8:1::50", 64, null);
        JoinGroup(en0, "ff02:3::1:ff00:50");
        PlugInet6(en1, "fe80:4::ff:fe00:11", 64, null);
        JoinOwnGroups(en1, "00:11");
        AddInetAddress(en1, "10.0.5.20", "255.255.255.0", "10.0.5.255");
        Put("127.0.0.1", null, "127.0.0.1", RouteFlags.Up | RouteFlags.Host | RouteFlags.Local, lo0.Addresses[0]);
        var own = _inet.Entries.First(entry => entry.IsHost);
        (own.Metrics.ReceivePipe, own.Metrics.SendPipe) = (LoopbackPipe, LoopbackPipe);
        BootInet6(lo0, en0, en1);
        UptimeSeconds = 5;
    }

    // What neighbour discovery and multicast set up for IPv6.
    private void BootInet6(SimulatedLink lo0, SimulatedLink en0, SimulatedLink en1)
    {
        const RouteFlags own = RouteFlags.Up | RouteFlags.Host | RouteFlags.LinkLayer | RouteFlags.Local;
        Put("::1", null, "::1", own, lo0.Addresses[1]);
        Put("fe80:1::", 64, "fe80:1::1", RouteFlags.Up | RouteFlags.ProtocolCloning, lo0.Addresses[2]);
        Put("fe80:1::1", null, Sockaddr.Link(1, 24), own, lo0.Addresses[2], lo0);
        foreach (var link in new[] { en0, en1 })
        {
            var local = link.Addresses[0];
            Put($"fe80:{link.Index}::", 64, Sockaddr.Link(link.Index, 6), RouteFlags.Up | RouteFlags.Cloning, local);
            PutOwn(local, lo0);
        }

        Put("2001:db8:1::", 64, Sockaddr.Link(3, 6), RouteFlags.Up | RouteFlags.Cloning, en0.Addresses[0]);
        PutOwn(en0.Addresses[2], lo0);
        foreach (var link in new[] { lo0, en0, en1 })
        {
            var address = link == lo0 ? lo0.Addresses[1] : link.Addresses[0];
            PutGroups(address, link == lo0 ? Sockaddr.Inet("::1") : Sockaddr.Link(link.Index, 6));
        }
    }

    private void PutGroups(SimulatedAddress address, byte[] gateway)
    {
        const RouteFlags group = RouteFlags.Up | RouteFlags.Cloning | RouteFlags.Multicast;
        var index = address.Link.Index;
        Put("ff00::", 8, gateway, group, address, scope: index);
        Put($"ff01:{index}::", 32, gateway, group, address, scope: index);
        Put($"ff02:{index}::", 32, gateway, group, address, scope: index);
    }

    private SimulatedLink Plug(int index, string name, byte type, uint mtu, LinkFlags flags, byte[] mac)
    {
        var link = new SimulatedLink
        {
            Index = index,
            Name = name,
            Type = type,
            Mtu = mtu,
            Mac = mac,
            Flags = flags,
        };
        _links.Add(link);
        _indexByName[name] = index;
        return link;
    }

    private static SimulatedAddress Own(
        SimulatedLink link,
        string address,
        byte[] netmask,
        byte[]? peer,
        RouteFlags flags
    ) =>
        new()
        {
            Link = link,
            Address = Sockaddr.Inet(address),
            Netmask = netmask,
            Peer = peer,
            Flags = flags,
        };

    private static SimulatedAddress PlugInet6(SimulatedLink link, string address, int prefixLength, byte[]? peer)
    {
        var mask = new byte[28];
        (mask[0], mask[1]) = (28, DarwinFamily.Inet6);
        FillBits(mask.AsSpan(8), prefixLength);
        var own = Own(link, address, mask, peer, RouteFlags.Cloning);
        link.Addresses.Add(own);
        return own;
    }

    private SimulatedEntry PutOwn(SimulatedAddress own, SimulatedLink lo0)
    {
        const RouteFlags flags = RouteFlags.Up | RouteFlags.Host | RouteFlags.LinkLayer | RouteFlags.Local;
        return Put(
            own.Address,
            null,
            Sockaddr.Link(own.Link.Index, own.Link.Type, string.Empty, own.Link.Mac),
            flags,
            own,
            lo0
        );
    }

    private SimulatedEntry Put(
        string destination,
        int? prefixLength,
        string gateway,
        RouteFlags flags,
        SimulatedAddress address
    ) => Put(Sockaddr.Inet(destination), prefixLength, Sockaddr.Inet(gateway), flags, address, address.Link);

    private SimulatedEntry Put(
        string destination,
        int? prefixLength,
        byte[] gateway,
        RouteFlags flags,
        SimulatedAddress address,
        SimulatedLink? link = null,
        int scope = 0
    ) => Put(Sockaddr.Inet(destination), prefixLength, gateway, flags, address, link ?? address.Link, scope);

    private SimulatedEntry Put(
        byte[] destination,
        int? prefixLength,
        byte[] gateway,
        RouteFlags flags,
        SimulatedAddress address,
        SimulatedLink link,
        int scope = 0
    )
    {
        var key = Sockaddr.Scoped(destination, ref scope);
        var mask = prefixLength is { } length ? Sockaddr.MaskKey(key[1], MaskOf(key[1], length), scope) : null;
        var entry = new SimulatedEntry
        {
            Destination = key,
            Mask = mask,
            Gateway = gateway,
            Flags = scope == 0 ? flags : flags | RouteFlags.InterfaceScope,
            InterfaceAddress = address,
            Link = link,
        };
        entry.Metrics.Mtu = link.Mtu;
        entry.Holders = mask is not null && (flags & RouteFlags.Multicast) == RouteFlags.None ? 1 : 0;
        TableOf(key[1])!.TryAdd(entry);
        return entry;
    }

    private static byte[] MaskOf(byte family, int prefixLength)
    {
        var mask = new byte[Sockaddr.SizeOf(family)];
        mask[0] = (byte)mask.Length;
        FillBits(mask.AsSpan(Sockaddr.KeyAt(family)), prefixLength);
        return mask;
    }

    private static void FillBits(Span<byte> bytes, int count)
    {
        bytes[..(count / 8)].Fill(0xff);
        if (count % 8 != 0)
        {
            bytes[count / 8] = (byte)(0xff << (8 - (count % 8)));
        }
    }
}
