using System.Globalization;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <content>Interfaces come, go and change. Most of what that does to routes is silent.</content>
internal sealed partial class XnuSimulator
{
    /// <summary>IF_MINMTU.</summary>
    private const int MtuBytesMin = 72;

    private const LinkFlags TunnelFlags =
        LinkFlags.Up | LinkFlags.PointToPoint | LinkFlags.Running | LinkFlags.Multicast;

    /// <summary>A VPN opens utunN.</summary>
    public SimulatedLink OpenTunnel(int number)
    {
        Assert.Equal(DarwinErrno.None, OpenTunnel(number, out var link));
        return link!;
    }

    /// <summary>The same; EBUSY when the number is taken.</summary>
    public int OpenTunnel(int number, out SimulatedLink? link)
    {
        link = null;
        var name = string.Create(CultureInfo.InvariantCulture, $"utun{number}");
        if (IndexOf(name) != 0)
        {
            return DarwinErrno.Busy;
        }

        // The first life of a name is announced before the interface has its number.
        var isFirst = !_indexByName.ContainsKey(name);
        link = Plug(IndexFor(name), name, 1, 1500, isFirst ? LinkFlags.Up : TunnelFlags, []);
        Announce(link, isFirst ? 0 : link.Index);
        link.Flags = TunnelFlags;
        return DarwinErrno.None;
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

    /// <summary>An Ethernet interface is plugged in; it is silent until it is up. EEXIST when the name is
    /// taken.</summary>
    public int Attach(string name, byte[] mac)
    {
        if (IndexOf(name) != 0)
        {
            return DarwinErrno.Exists;
        }

        Plug(IndexFor(name), name, 6, 1500, EthernetFlags & ~(LinkFlags.Up | LinkFlags.Running), mac);
        return DarwinErrno.None;
    }

    /// <summary>The interface is told, then the routes through it follow, but for those whose MTU is locked
    /// (bsd/net/if.c:ifioctl, route.c:if_rtmtu).</summary>
    /// <returns>0, or EINVAL outside of IF_MINMTU to IF_MAXMTU.</returns>
    public int SetMtu(SimulatedLink link, int bytes)
    {
        if (bytes is < MtuBytesMin or > ushort.MaxValue)
        {
            return DarwinErrno.Invalid;
        }

        link.Mtu = (uint)bytes;
        Announce(link, link.Index);
        foreach (var entry in _inet.Entries.Concat(_inet6.Entries).Where(entry => entry.Link == link))
        {
            var isOpen = (entry.Metrics.Locks & MetricBits.Mtu) == MetricBits.None && entry.Metrics.Mtu != 0;
            entry.Metrics.Mtu = isOpen ? link.Mtu : entry.Metrics.Mtu;
        }

        return DarwinErrno.None;
    }

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

    private void Announce(SimulatedLink link, int index) =>
        Broadcast(Compose(HeaderOf(link) with { Index = (ushort)index }, new byte[]?[8], isLastPadded: true), 0);

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
