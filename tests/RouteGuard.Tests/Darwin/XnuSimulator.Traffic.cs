using System.Net;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <content>Packets and time: what using a route, or not using it, does to the table.</content>
internal sealed partial class XnuSimulator
{
    private const int NeighbourLifeSeconds = 1200;

    /// <summary>How long ARP keeps asking (arpt_down).</summary>
    private const int UnresolvedLifeSeconds = 20;

    private const int SenderMacAt = 22;
    private const int SenderAddressAt = 28;
    private const int ArpFrameBytes = 42;

    /// <summary>A datagram is sent: its route is cloned, used, and let go.</summary>
    /// <returns>0, or what sendto(2) says: there is no route, or one that rejects
    /// (bsd/net/if_loop.c:lo_pre_output).</returns>
    public int Send(string address, int scope = 0)
    {
        var destination = Sockaddr.Inet(address);
        var entry = Allocate(destination, mayClone: true, RouteFlags.None, scope);
        if (entry is null)
        {
            return destination[1] == DarwinFamily.Inet ? DarwinErrno.NetworkUnreachable : DarwinErrno.HostUnreachable;
        }

        Release(entry);
        return (entry.Flags & RouteFlags.Reject) == RouteFlags.None ? DarwinErrno.None
            : entry.IsHost ? DarwinErrno.HostUnreachable
            : DarwinErrno.NetworkUnreachable;
    }

    /// <summary>A frame comes in. Only what an ARP answer does to its neighbour's entry is played.</summary>
    /// <returns>0, or EINVAL for what is too short to be one.</returns>
    public int Receive(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < ArpFrameBytes)
        {
            return DarwinErrno.Invalid;
        }

        var address = Sockaddr.Inet(new IPAddress(frame.Slice(SenderAddressAt, 4)).ToString());
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
                    frame.Slice(SenderMacAt, 6).ToArray()
                );
                SetExpire(entry, UptimeSeconds + NeighbourLifeSeconds);
            }
        }

        return DarwinErrno.None;
    }

    /// <summary>Time passes; clones and neighbours that nobody leans on run out.</summary>
    public void Advance(int seconds)
    {
        UptimeSeconds += seconds;
        RemoveWhere(_inet, IsOver);
        RemoveWhere(_inet6, IsOver);
    }

    private bool IsOver(SimulatedEntry entry) =>
        entry.Parent is not null
        && entry.Expire != 0
        && ReferencesTo(entry) == 0
        && UptimeSeconds >= entry.Expire + (IsUnresolved(entry) ? UnresolvedLifeSeconds : 0);

    // A neighbour that never answered: its gateway has no layer 2 address.
    private static bool IsUnresolved(SimulatedEntry entry) =>
        (entry.Flags & RouteFlags.LinkLayer) != RouteFlags.None
        && entry.Gateway is [_, DarwinFamily.Link, _, _, _, _, 0, ..];
}
