using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.MacOS;

/// <summary>Reads the whole table and all interfaces by sysctl(3). This is the truth; a routing socket only
/// hints.</summary>
/// <remarks>
/// One dump is of one moment (bsd/net/rtsock.c:sysctl_rtsock holds rnh_lock), but interfaces and routes are two dumps:
/// when an interface changed between them, both are read again.
/// </remarks>
internal sealed class DarwinTableReader(IRoutingKernel kernel)
{
    /// <summary>Readings before a machine whose interfaces never rest is given up on.</summary>
    private const int ReadingsMax = 8;

    /// <summary>Times that a dump may outgrow the room made for it, as netstat(1) does it.</summary>
    private const int GrowthsMax = 10;

    private const int FirstRoomBytes = 1 << 16;

    /// <summary>No dump of a real machine comes near; what would need more is refused, not read in part.</summary>
    private const int RoomBytesMax = 1 << 28;

    private byte[] _room = new byte[FirstRoomBytes];

    /// <exception cref="KernelRoutesException">The kernel refused, or its interfaces kept changing.</exception>
    public RouteTable Read()
    {
        var links = ReadLinks();
        for (var reading = 0; reading < ReadingsMax; reading++)
        {
            var routes = ReadRoutes(links);
            var linksAfter = ReadLinks();
            if (links.SequenceEqual(linksAfter))
            {
                return RouteTable.FromDump(routes, links: links);
            }

            links = linksAfter;
        }

        throw DarwinRefusal.Of(DarwinRefusal.ReadRoutes, DarwinErrno.Busy);
    }

    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public IReadOnlyList<NetworkLink> ReadLinks()
    {
        var list = Dump(RoutingSysctl.Interfaces(), DarwinRefusal.ReadLinks);
        return LinkDecoder.TryRead(list, out var links, out var fault)
            ? links
            : throw Unreadable(DarwinRefusal.ReadLinks, fault);
    }

    private List<Route> ReadRoutes(IReadOnlyList<NetworkLink> links)
    {
        var mtus = links.DistinctBy(link => link.Index).ToDictionary(link => link.Index, link => link.Mtu);
        var decoder = new RouteDecoder(index => mtus.GetValueOrDefault(index));
        var dump = Dump(RoutingSysctl.Table(DarwinFamily.Unspecified), DarwinRefusal.ReadRoutes);
        List<Route> routes = [];
        WireFault fault;
        while (RoutingMessage.TryNext(ref dump, out var message, out fault))
        {
            // An entry that no prefix can say is left alone: nothing that we know of is ever mistaken for it.
            if (decoder.TryRead(message, out var entry, out _) && !EntryKinds.IsPassing(entry.Kind))
            {
                routes.Add(entry.Route);
            }
        }

        return fault.IsNone ? routes : throw Unreadable(DarwinRefusal.ReadRoutes, fault);
    }

    private ReadOnlySpan<byte> Dump(int[] name, string operation)
    {
        for (var growth = 0; growth <= GrowthsMax; growth++)
        {
            var errno = kernel.Sysctl(name, _room, out var lengthBytes);
            if (errno == DarwinErrno.None)
            {
                return _room.AsSpan(0, lengthBytes);
            }

            if (errno != DarwinErrno.NoMemory)
            {
                throw DarwinRefusal.Of(operation, errno);
            }

            // The length that it names holds no reserve, and the table may grow meanwhile.
            var wanted = Math.Max((long)lengthBytes + (lengthBytes / 2), (long)_room.Length * 2);
            if (wanted > RoomBytesMax)
            {
                break;
            }

            _room = new byte[wanted];
        }

        throw DarwinRefusal.Of(operation, DarwinErrno.NoMemory);
    }

    private static KernelRoutesException Unreadable(string operation, WireFault fault) =>
        DarwinRefusal.Of(operation, DarwinErrno.Invalid, fault.ToString());
}
