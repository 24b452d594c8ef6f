using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Adding, deleting, cloning entries (bsd/net/route.c:rtrequest_common_locked, rt_setgate,
/// rt_setif).</summary>
internal sealed partial class XnuSimulator
{
    private const int CloneLifeSeconds = 3600;

    private int Delete(byte[] destination, byte[]? netmask, RouteFlags flags, int scope, out SimulatedEntry? deleted)
    {
        deleted = null;
        var table = TableOf(destination[1]);
        if (table is null)
        {
            return DarwinErrno.NoSuchEntry;
        }

        var key = Sockaddr.Scoped(destination, ref scope);
        var mask =
            netmask is null || (flags & RouteFlags.Host) != RouteFlags.None
                ? null
                : Sockaddr.MaskKey(key[1], netmask, scope);
        deleted = table.Remove(key.AsSpan(Sockaddr.KeyAt(key[1]), Sockaddr.KeyBytes(key[1])), mask);
        if (deleted is null)
        {
            return DarwinErrno.NoSuchEntry;
        }

        Retire(deleted);
        return 0;
    }

    // What happens to an entry that has left the tree.
    private void Retire(SimulatedEntry entry)
    {
        entry.Flags = (entry.Flags & ~(RouteFlags.Up | RouteFlags.Router)) | RouteFlags.Condemned;
        if (entry.IsCloning && entry.Mask is not null)
        {
            foreach (
                var clone in TableOf(entry.Family)!
                    .Below(entry)
                    .Where(other => other.Parent == entry && !other.IsCloning)
            )
            {
                RemoveEntry(clone);
            }
        }

        var gateway = entry.GatewayEntry;
        entry.GatewayEntry = null;
        if (IsNeighbourFamily(entry.InterfaceAddress) && (entry.Flags & RouteFlags.Gateway) == RouteFlags.None)
        {
            entry.Flags &= ~RouteFlags.LinkLayer;
        }

        if (IsPrimaryDefault(entry))
        {
            SetPrimary(entry.Family, 0);
        }

        Release(gateway);
        Release(entry.Parent);
    }

    private void RemoveEntry(SimulatedEntry entry)
    {
        if (TableOf(entry.Family)!.Remove(entry.Key, entry.Mask) is not null)
        {
            Retire(entry);
        }
    }

    // A clone of traffic that nobody leans on any more gets a time to live (bsd/netinet/in_rmx.c:in_clsroute).
    private void Release(SimulatedEntry? entry)
    {
        const RouteFlags relevant = RouteFlags.Up | RouteFlags.LinkLayer | RouteFlags.Host | RouteFlags.Protocol3;
        if (
            entry is not null
            && (entry.Flags & relevant) == (RouteFlags.Up | RouteFlags.Host)
            && (entry.Flags & (RouteFlags.WasCloned | RouteFlags.Dynamic)) != RouteFlags.None
            && ReferencesTo(entry) == 0
        )
        {
            entry.Flags |= RouteFlags.Protocol3;
            SetExpire(entry, UptimeSeconds + CloneLifeSeconds);
        }
    }

    private void Hold(SimulatedEntry entry)
    {
        var isOurs =
            (entry.Flags & RouteFlags.Protocol3) != RouteFlags.None
            && (entry.Flags & RouteFlags.WasCloned) != RouteFlags.None;
        if (ReferencesTo(entry) == 0 && isOurs && entry.Parent is not null)
        {
            entry.Flags &= ~RouteFlags.Protocol3;
            SetExpire(entry, 0);
        }

        entry.Holders++;
    }

    private int Add(
        byte[] destination,
        byte[] gateway,
        byte[]? netmask,
        RouteFlags flags,
        int scope,
        out SimulatedEntry? added
    )
    {
        added = null;
        if (TableOf(destination[1]) is null)
        {
            return DarwinErrno.NoSuchEntry;
        }

        netmask = (flags & RouteFlags.Host) != RouteFlags.None ? null : netmask;
        var key = Sockaddr.Scoped(destination, ref scope);
        flags = scope != 0 ? flags | RouteFlags.InterfaceScope : flags & ~RouteFlags.InterfaceScope;
        var address = AddressForRoute(flags, destination, gateway, scope);
        if (address is null)
        {
            return DarwinErrno.NetworkUnreachable;
        }

        var mask = netmask is null ? null : Sockaddr.MaskKey(key[1], netmask, scope);
        return Make(key, gateway, mask, flags, address, null, out added);
    }

    // Use of a cloning entry makes a host entry in the scope of its interface (RTM_RESOLVE).
    private SimulatedEntry? Resolve(byte[] destination, SimulatedEntry parent)
    {
        if ((parent.Flags & RouteFlags.Reject) != RouteFlags.None)
        {
            return null;
        }

        var flags = parent.Flags & ~(RouteFlags.Cloning | RouteFlags.ProtocolCloning | RouteFlags.Static);
        flags |= RouteFlags.WasCloned | RouteFlags.Host;
        var isLinkLocal = destination[1] == DarwinFamily.Inet && destination[4] == 169 && destination[5] == 254;
        int scope;
        if (isLinkLocal || (parent.Flags & RouteFlags.Proxy) != RouteFlags.None)
        {
            scope = 0;
            flags = (flags & ~RouteFlags.InterfaceScope) | RouteFlags.NoInterfaceReference;
        }
        else
        {
            scope = parent.IsScoped ? Sockaddr.ScopeOf(parent.Destination) : parent.Link!.Index;
            flags |= RouteFlags.InterfaceScope;
        }

        var key = scope == 0 ? Sockaddr.Bare(destination) : Sockaddr.Scoped(destination, ref scope);
        return Make(key, parent.Gateway, null, flags, parent.InterfaceAddress!, parent, out var clone) == 0
            ? clone
            : null;
    }

    private int Make(
        byte[] key,
        byte[] gateway,
        byte[]? mask,
        RouteFlags flags,
        SimulatedAddress address,
        SimulatedEntry? parent,
        out SimulatedEntry? made
    )
    {
        made = null;
        var entry = new SimulatedEntry { Flags = RouteFlags.Up | flags, Destination = key };
        var errno = SetGateway(entry, key, gateway);
        if (errno != 0)
        {
            return errno;
        }

        entry.Mask = mask;
        entry.Destination = mask is null ? key : Masked(key, mask);
        entry.InterfaceAddress = address;
        entry.Link = address.Link;
        var table = TableOf(entry.Family)!;
        if (!TryInsert(table, entry) && !(RemoveCloneInTheWay(entry) && TryInsert(table, entry)))
        {
            Release(entry.GatewayEntry);
            return DarwinErrno.Exists;
        }

        if (parent is not null)
        {
            entry.Metrics = parent.Metrics;
            SetExpire(entry, parent.Expire);
            entry.Parent = parent.IsCloning ? parent : null;
        }

        AddressHook(entry, isResolve: parent is not null);
        if (IsPrimaryDefault(entry))
        {
            SetPrimary(entry.Family, entry.Link.Index);
        }

        if (parent is null && Sockaddr.IsDefault(entry.Destination) && !entry.IsHost)
        {
            entry.Flags |= RouteFlags.Global;
        }

        if (parent is null && entry.Mask is not null)
        {
            RemoveOutdatedClones(entry);
        }

        made = entry;
        return 0;
    }

    // bsd/netinet/in_rmx.c:in_addroute, bsd/netinet6/in6_rmx.c:in6_addroute.
    private bool TryInsert(SimulatedTable table, SimulatedEntry entry)
    {
        entry.Flags |= Sockaddr.IsMulticast(entry.Destination) ? RouteFlags.Multicast : RouteFlags.None;
        if ((entry.Flags & (RouteFlags.Host | RouteFlags.Cloning | RouteFlags.Multicast)) == RouteFlags.None)
        {
            entry.Flags |= RouteFlags.ProtocolCloning;
        }

        if (entry.IsHost)
        {
            entry.Flags |=
                IsBroadcast(entry.Destination, entry.Link!) ? RouteFlags.Broadcast
                : IsAddressOf(entry.Destination, entry.InterfaceAddress) ? RouteFlags.Local
                : RouteFlags.None;
        }

        if (entry.Metrics.Mtu == 0 && (entry.Metrics.Locks & MetricBits.Mtu) == MetricBits.None)
        {
            entry.Metrics.Mtu = entry.Link!.Mtu;
        }

        return table.TryAdd(entry);
    }

    // An ARP entry or a clone never stands in the way of a route that somebody asks for.
    private bool RemoveCloneInTheWay(SimulatedEntry entry)
    {
        var other = TableOf(entry.Family)!
            .Entries.FirstOrDefault(other => other.Key.SequenceEqual(entry.Key) && other.IsHost);
        var isNeighbour =
            other is not null
            && entry.IsHost
            && (other.Flags & RouteFlags.LinkLayer) != RouteFlags.None
            && Sockaddr.FamilyOf(other.Gateway) == DarwinFamily.Link;
        if (other is null || !(isNeighbour || other.Parent is not null))
        {
            return false;
        }

        RemoveEntry(other);
        return true;
    }

    private void RemoveOutdatedClones(SimulatedEntry above)
    {
        foreach (
            var clone in TableOf(above.Family)!
                .Below(above)
                .Where(other => other.Parent is not null && !other.IsCloning)
        )
        {
            var isFromThis = clone.Parent == above;
            if (isFromThis || IsRefined(clone.Parent!.Mask, above.Mask!))
            {
                RemoveEntry(clone);
            }
        }
    }

    private static bool IsRefined(byte[]? parent, byte[] mask) =>
        parent is null || !parent.Where((bits, at) => (bits & mask[at]) != bits).Any();

    // bsd/net/route.c:rt_setgate.
    private int SetGateway(SimulatedEntry entry, byte[] destination, byte[] gateway)
    {
        if ((entry.Flags & RouteFlags.Condemned) != RouteFlags.None)
        {
            return DarwinErrno.Busy;
        }

        if (
            (entry.Flags & RouteFlags.Gateway) != RouteFlags.None
            && SetPath(entry, destination, gateway) is var errno and not DarwinErrno.None
        )
        {
            return errno;
        }

        entry.Gateway = [.. gateway];
        if (entry.GatewayEntry is { IsScoped: true } via && Sockaddr.IsInet(gateway) && via.Family == gateway[1])
        {
            Sockaddr.SetScope(entry.Gateway, Sockaddr.ScopeOf(via.Destination));
        }

        if (!entry.IsHost && entry.Mask is not null)
        {
            RemoveOutdatedClones(entry);
        }

        return 0;
    }

    // The entry by which the gateway itself is reached, and the flags that follow from it.
    private int SetPath(SimulatedEntry entry, byte[] destination, byte[] gateway)
    {
        var isLoop =
            destination.Length == gateway.Length && Sockaddr.Same(Sockaddr.Bare(destination), Sockaddr.Bare(gateway));
        if (isLoop && (entry.Flags & RouteFlags.LinkLayer) == RouteFlags.None)
        {
            if (entry.IsHost && entry.Gateway.Length > 0)
            {
                RemoveEntry(entry);
            }

            return DarwinErrno.AddressNotAvailable;
        }

        var scope = Sockaddr.ScopeOf(destination);
        var path = Sockaddr.IsInet(gateway)
            ? Allocate(gateway, mayClone: true, RouteFlags.ProtocolCloning, scope)
            : null;
        if (path == entry)
        {
            return DarwinErrno.AddressInUse;
        }

        if (scope != 0 && entry.IsScoped && path is { Link: { } link } && link.Index != scope)
        {
            return entry.IsHost ? DarwinErrno.HostUnreachable : DarwinErrno.NetworkUnreachable;
        }

        var before = entry.GatewayEntry;
        entry.GatewayEntry = path;
        var isRouter =
            (entry.Flags & RouteFlags.WasCloned) != RouteFlags.None
                ? entry.Parent is { IsHost: false } parent && Sockaddr.IsDefault(parent.Destination)
                : Sockaddr.IsDefault(destination) && !entry.IsHost;
        if (isRouter && path is { IsHost: true })
        {
            path.Flags |= RouteFlags.Router;
        }

        Release(before);
        if (Sockaddr.IsDefault(destination) && !entry.IsScoped && entry.Link is not null)
        {
            SetPrimary(entry.Family, entry.Link.Index);
        }

        return DarwinErrno.None;
    }

    private static byte[] Masked(byte[] key, byte[] mask)
    {
        var masked = new byte[key.Length];
        (masked[0], masked[1]) = (key[0], key[1]);
        var at = Sockaddr.KeyAt(key[1]);
        for (var part = 0; part < mask.Length; part++)
        {
            masked[at + part] = (byte)(key[at + part] & mask[part]);
        }

        return masked;
    }
}
