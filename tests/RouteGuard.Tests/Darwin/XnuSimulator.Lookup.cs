using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Finding entries and interface addresses.</summary>
internal sealed partial class XnuSimulator
{
    // An unscoped match gives its interface, and then a scoped entry of that interface is preferred
    // (bsd/net/route.c:rt_lookup_common).
    private SimulatedEntry? Lookup(byte[] destination, byte[]? netmask, int scope)
    {
        var family = destination[1];
        var table = TableOf(family);
        if (table is null)
        {
            return null;
        }

        destination = Sockaddr.Scoped(destination, ref scope);
        var anyScope = scope == 0;
        var unscoped = Node(table, destination, netmask, 0);
        var found = unscoped;
        scope = anyScope ? PrimaryOf(family) : scope;
        if (found is { Link: { } link } && (!link.IsLoopback || (found.Flags & RouteFlags.Gateway) != RouteFlags.None))
        {
            if (link.Index != scope)
            {
                var isOwn = scope == _links[0].Index && IsAddressOf(destination, found.InterfaceAddress);
                found = null;
                scope = anyScope ? link.Index : scope;
                unscoped = anyScope || isOwn ? unscoped : null;
            }
            else if (!found.IsScoped)
            {
                found = null;
            }
        }

        found ??= Node(table, destination, netmask, scope);
        if (
            found is null
            || (
                unscoped is not null
                && (
                    (Sockaddr.IsDefault(found.Destination) && !Sockaddr.IsDefault(unscoped.Destination))
                    || (!found.IsHost && unscoped.IsHost)
                )
            )
        )
        {
            found = unscoped;
        }

        if (
            found is null
            && Node(table, new byte[Sockaddr.SizeOf(family)], family, null, 0) is { } fallback
            && fallback.Link!.Index == scope
        )
        {
            found = fallback;
        }

        return found is not null && (found.Flags & (RouteFlags.Up | RouteFlags.Condemned)) == RouteFlags.Up
            ? found
            : null;
    }

    private static SimulatedEntry? Node(SimulatedTable table, byte[] destination, byte[]? netmask, int scope) =>
        Node(table, destination, destination[1], netmask, scope);

    private static SimulatedEntry? Node(
        SimulatedTable table,
        byte[] destination,
        byte family,
        byte[]? netmask,
        int scope
    )
    {
        var key = destination.AsSpan(Sockaddr.KeyAt(family), Sockaddr.KeyBytes(family)).ToArray();
        BitConverter.TryWriteBytes(key.AsSpan(key.Length - 4), scope);
        if (scope != 0 && family == DarwinFamily.Inet6 && Sockaddr.HasEmbeddedScope(key))
        {
            key[2] = (byte)(scope >> 8);
            key[3] = (byte)scope;
        }

        return table.Match(key, netmask is null ? null : Sockaddr.MaskKey(family, netmask, scope), scope);
    }

    /// <summary>As <see cref="Lookup"/>, and with <paramref name="mayClone"/> use makes the host entry that it asks
    /// for.</summary>
    private SimulatedEntry? Allocate(byte[] destination, bool mayClone, RouteFlags ignored, int scope)
    {
        var entry = Lookup(destination, null, scope);
        if (
            entry is null
            || !mayClone
            || (entry.Flags & ~ignored & (RouteFlags.Cloning | RouteFlags.ProtocolCloning)) == RouteFlags.None
        )
        {
            return entry;
        }

        if (Resolve(destination, entry) is not { } clone)
        {
            return entry;
        }

        const RouteFlags neighbour = RouteFlags.Host | RouteFlags.LinkLayer;
        if ((clone.Flags & neighbour) == neighbour)
        {
            var any = new byte[Sockaddr.SizeOf(clone.Family)];
            (any[0], any[1]) = ((byte)any.Length, clone.Family);
            var router = Lookup(any, null, clone.Link!.Index);
            clone.Flags |=
                router is not null && Sockaddr.Same(clone.Destination, router.Gateway)
                    ? RouteFlags.Router
                    : RouteFlags.None;
        }

        return clone;
    }

    private static bool IsAddressOf(byte[] destination, SimulatedAddress? address) =>
        address is not null && Sockaddr.Same(Sockaddr.Bare(destination), Sockaddr.Bare(address.Address));

    private SimulatedAddress? WithAddress(byte[] address, int scope) =>
        Addresses(scope)
            .FirstOrDefault(own =>
                Sockaddr.Same(address, own.Address)
                || ((own.Link.Flags & LinkFlags.HasBroadcast) != LinkFlags.None && Sockaddr.Same(address, own.Peer))
            );

    private SimulatedAddress? WithPeer(byte[] address) =>
        Addresses(0)
            .FirstOrDefault(own =>
                own.Link.IsPointToPoint && own.Address[1] == address[1] && Sockaddr.Same(address, own.Peer)
            );

    // The interface address whose network holds an address; of several, the first with the longest mask.
    private SimulatedAddress? WithNetwork(byte[] address, int scope)
    {
        if (Sockaddr.FamilyOf(address) == DarwinFamily.Link)
        {
            return LinkOf(address) is { } link ? LinkLevel(link) : null;
        }

        SimulatedAddress? best = null;
        foreach (var own in Addresses(Sockaddr.IsInet(address) ? scope : 0))
        {
            if (
                own.Address[1] == address[1]
                && IsWithin(address, own)
                && (best is null || IsLonger(own.Netmask, best.Netmask))
            )
            {
                best = own;
            }
        }

        return best;
    }

    /// <summary>The address of an interface that fits a destination best (<c>ifaof_ifpforaddr</c>).</summary>
    private static SimulatedAddress? OnLink(byte[] address, SimulatedLink link)
    {
        SimulatedAddress? any = null;
        SimulatedAddress? better = null;
        foreach (var own in link.Addresses.Where(own => own.Address[1] == Sockaddr.FamilyOf(address)))
        {
            any ??= own;
            if (Sockaddr.Same(address, link.IsPointToPoint ? own.Peer : own.Address))
            {
                return own;
            }

            better ??= !link.IsPointToPoint && IsWithin(address, own) ? own : null;
        }

        return better ?? any;
    }

    // By number, else by the name: the kernel compares name bytes only, wherever nlen says that they end.
    private SimulatedLink? LinkOf(byte[] address)
    {
        int index = BitConverter.ToUInt16(address, 2);
        if (index != 0 && index <= _links.Max(link => link.Index))
        {
            return _links.Find(link => link.Index == index);
        }

        return index != 0
            ? null
            : _links
                .Where(link =>
                    address.Length >= 8 + link.Name.Length
                    && address.AsSpan(8, link.Name.Length).SequenceEqual(System.Text.Encoding.ASCII.GetBytes(link.Name))
                )
                .MaxBy(link => link.Name.Length);
    }

    // The link address counts as an interface address too, of family AF_LINK.
    private static SimulatedAddress LinkLevel(SimulatedLink link) =>
        new()
        {
            Link = link,
            Address = link.Address,
            Netmask = [],
        };

    private IEnumerable<SimulatedAddress> Addresses(int scope) =>
        _links.Where(link => scope == 0 || link.Index == scope).SelectMany(link => link.Addresses);

    private static bool IsWithin(byte[] address, SimulatedAddress own)
    {
        for (var at = 2; at < own.Netmask.Length; at++)
        {
            if (((address[at] ^ own.Address[at]) & own.Netmask[at]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLonger(byte[] mask, byte[] other) => mask.AsSpan(2).SequenceCompareTo(other.AsSpan(2)) > 0;

    // Which address of this machine serves a route (bsd/net/route.c:ifa_ifwithroute_common_locked).
    private SimulatedAddress? AddressForRoute(RouteFlags flags, byte[] destination, byte[] gateway, int scope)
    {
        var (bareDestination, bareGateway) = (Sockaddr.Bare(destination), Sockaddr.Bare(gateway));
        SimulatedAddress? found;
        if ((flags & RouteFlags.Gateway) != RouteFlags.None)
        {
            found = WithPeer(bareGateway);
        }
        else
        {
            found = (flags & RouteFlags.Host) != RouteFlags.None ? WithPeer(bareDestination) : null;
            found ??= WithAddress(bareGateway, scope);
        }

        found ??=
            WithNetwork(bareGateway, scope)
            ?? Allocate(bareDestination, mayClone: false, RouteFlags.None, scope)?.InterfaceAddress;
        if (found is not null && found.Address[1] != bareDestination[1])
        {
            found = OnLink(bareDestination, found.Link) ?? found;
        }

        if (
            (found is null || !Sockaddr.Same(found.Address, bareGateway))
            && Sockaddr.IsInet(bareGateway)
            && Allocate(bareGateway, mayClone: false, RouteFlags.None, scope) is { } path
        )
        {
            found = path.InterfaceAddress;
        }

        var isElsewhere = scope != 0 && found is not null && found.Link.Index != scope;
        return isElsewhere || (found is not null && found.Address[1] != bareDestination[1]) ? null : found;
    }
}
