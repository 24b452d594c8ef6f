using System.Runtime.InteropServices;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Routing sockets: what a request does and who hears of it (bsd/net/rtsock.c:route_output,
/// raw_usrreq.c:raw_input).</summary>
internal sealed partial class XnuSimulator
{
    private const int StorageBytes = 128;

    private readonly List<SimulatedSocket> _sockets = [];

    public IRoutingSocket OpenRoutingSocket() => Open(protocol: 0);

    /// <summary>Opens a socket that hears only messages of one family, or of all with 0.</summary>
    public SimulatedSocket Open(byte protocol)
    {
        var socket = new SimulatedSocket(this, protocol);
        _sockets.Add(socket);
        return socket;
    }

    internal void Close(SimulatedSocket socket) => _sockets.Remove(socket);

    /// <summary>Handles one request, as write() does.</summary>
    internal int Handle(SimulatedSocket sender, ReadOnlySpan<byte> request)
    {
        if (request.IsEmpty)
        {
            return DarwinErrno.Invalid;
        }

        var message = request.ToArray();
        if (Refuses?.Invoke(message) == true)
        {
            return DarwinErrno.Busy;
        }

        byte family = 0;
        var isSilent = false;
        var errno =
            request.Length < Marshal.SizeOf<RouteHeader>() || BitConverter.ToUInt16(request) != request.Length
                ? DarwinErrno.Invalid
                : Answer(sender, ref message, ref family, ref isSilent);
        if (isSilent)
        {
            sender.Deliver(message, isFromUser: true);
            return 0;
        }

        if (!sender.HearsItself && _sockets.Count <= 1)
        {
            return errno;
        }

        foreach (var socket in _sockets.Where(socket => socket.Protocol == 0 || socket.Protocol == family))
        {
            if (sender.HearsItself || socket != sender)
            {
                socket.Deliver(message, isFromUser: true);
            }
        }

        return errno;
    }

    private int Answer(SimulatedSocket sender, ref byte[] message, ref byte family, ref bool isSilent)
    {
        var errno = Judge(sender, ref message, ref family, ref isSilent);
        ref var header = ref MemoryMarshal.AsRef<RouteHeader>(message.AsSpan());
        if (errno != 0)
        {
            header.Errno = errno;
        }
        else
        {
            header.Flags |= RouteFlags.Done;
        }

        return errno;
    }

    private int Judge(SimulatedSocket sender, ref byte[] message, ref byte family, ref bool isSilent)
    {
        ref var header = ref MemoryMarshal.AsRef<RouteHeader>(message.AsSpan());
        if (header.Start.Version != RoutingMessage.Version)
        {
            return DarwinErrno.ProtocolNotSupported;
        }

        if (header.Start.Type == RoutingMessageType.GetSilent)
        {
            if (!sender.HearsItself)
            {
                return DarwinErrno.Invalid;
            }

            isSilent = true;
            header.Start = header.Start with { Type = RoutingMessageType.Get };
        }

        if (header.Start.Type != RoutingMessageType.Get && !sender.IsRoot)
        {
            return DarwinErrno.Permission;
        }

        header.ProcessId = sender.ProcessId;
        var addresses = new byte[8][];
        if (
            !TryReadAddresses(message, header.Addresses, addresses, out var offsets)
            || addresses[0] is not { } destination
            || !IsWhole(ref addresses[0], ref family, isDestination: true)
            || (addresses[1] is not null && !IsWhole(ref addresses[1], ref family, isDestination: false))
        )
        {
            return DarwinErrno.Invalid;
        }

        if (addresses[3] is not null)
        {
            return DarwinErrno.NoBuffers;
        }

        var isScoped = (header.Flags & RouteFlags.InterfaceScope) != RouteFlags.None;
        if ((isScoped && !Sockaddr.IsInet(addresses[0])) || (header.Flags & RouteFlags.Proxy) != RouteFlags.None)
        {
            return DarwinErrno.Invalid;
        }

        ClearScopes(message, addresses, offsets);
        return Perform(ref message, addresses, isScoped ? header.Index : 0, ref family);
    }

    // The kernel clears the scope inside the request itself, so the echo has none.
    private static void ClearScopes(byte[] message, byte[][] addresses, int[] offsets)
    {
        for (var slot = 0; slot < 2; slot++)
        {
            if (addresses[slot] is { } inet && Sockaddr.FamilyOf(inet) == DarwinFamily.Inet)
            {
                Sockaddr.SetScope(inet, 0);
                if (message[offsets[slot]] == SocketAddress.InetBytes)
                {
                    message.AsSpan(offsets[slot] + 8, 4).Clear();
                }
            }
        }
    }

    private int Perform(ref byte[] message, byte[][] addresses, int scope, ref byte family)
    {
        var header = MemoryMarshal.Read<RouteHeader>(message);
        var (destination, gateway, netmask) = (addresses[0], addresses[1], addresses[2]);
        switch (header.Start.Type)
        {
            case RoutingMessageType.Add when gateway is null:
                return DarwinErrno.Invalid;
            case RoutingMessageType.Add:
            {
                var errno = Add(destination, gateway, netmask, header.Flags, scope, out var added);
                if (added is not null)
                {
                    SetInterface(added, addresses[4], addresses[5], gateway, scope);
                    SetMetrics(added, header);
                }

                return errno;
            }

            case RoutingMessageType.Delete:
            {
                var errno = Delete(destination, netmask, header.Flags, scope, out var deleted);
                if (deleted is not null)
                {
                    message = Report(message, deleted, ref family);
                }

                return errno;
            }

            case RoutingMessageType.Get
            or RoutingMessageType.Change
            or RoutingMessageType.Lock:
                if (TableOf(destination[1]) is null)
                {
                    return DarwinErrno.FamilyNotSupported;
                }

                if (Lookup(destination, netmask, scope) is not { } found)
                {
                    return DarwinErrno.NoSuchEntry;
                }

                if (header.Start.Type == RoutingMessageType.Get)
                {
                    // Looking at a clone holds it for the moment, and it begins its life anew (in_validate).
                    Hold(found);
                    message = Report(message, found, ref family);
                    found.Holders--;
                    Release(found);
                    return 0;
                }

                return Change(found, header, addresses, scope);
            default:
                return DarwinErrno.NotSupported;
        }
    }

    private int Change(SimulatedEntry entry, RouteHeader header, byte[][] addresses, int scope)
    {
        if (header.Start.Type == RoutingMessageType.Change)
        {
            var errno = addresses[1] is null ? 0 : SetGateway(entry, entry.Destination, addresses[1]);
            if (errno != 0)
            {
                return errno;
            }

            var gateway =
                addresses[1] ?? ((entry.Flags & RouteFlags.Gateway) != RouteFlags.None ? entry.Gateway : null);
            SetInterface(entry, addresses[4], addresses[5], gateway, scope);
            SetMetrics(entry, header);
        }

        entry.Metrics.Locks = (entry.Metrics.Locks & ~header.Inits) | (header.Inits & header.Metrics.Locks);
        return 0;
    }

    private void SetMetrics(SimulatedEntry entry, RouteHeader header)
    {
        void Take(MetricBits bit, ref uint to, uint from) => to = (header.Inits & bit) != MetricBits.None ? from : to;
        Take(MetricBits.ReceivePipe, ref entry.Metrics.ReceivePipe, header.Metrics.ReceivePipe);
        Take(MetricBits.SendPipe, ref entry.Metrics.SendPipe, header.Metrics.SendPipe);
        Take(MetricBits.SlowStartThreshold, ref entry.Metrics.SlowStartThreshold, header.Metrics.SlowStartThreshold);
        Take(MetricBits.RoundTrip, ref entry.Metrics.RoundTrip, header.Metrics.RoundTrip);
        Take(MetricBits.RoundTripVariance, ref entry.Metrics.RoundTripVariance, header.Metrics.RoundTripVariance);
        Take(MetricBits.HopCount, ref entry.Metrics.HopCount, header.Metrics.HopCount);
        Take(MetricBits.Mtu, ref entry.Metrics.Mtu, header.Metrics.Mtu);
        var expire =
            (header.Inits & MetricBits.Expire) != MetricBits.None ? header.Metrics.Expire : entry.Metrics.Expire;
        SetExpire(entry, expire > 0 ? expire - BootSeconds : 0);
        entry.Metrics.Locks = (entry.Metrics.Locks & ~header.Inits) | (header.Inits & header.Metrics.Locks);
    }

    // The answer to RTM_GET and RTM_DELETE shows the entry itself.
    private byte[] Report(byte[] request, SimulatedEntry entry, ref byte family)
    {
        var header = MemoryMarshal.Read<RouteHeader>(request);
        var hasInterface =
            (header.Addresses & (AddressBits.Interface | AddressBits.InterfaceAddress)) != AddressBits.None;
        family = entry.Family;
        header.Index = (ushort)entry.Link!.Index;
        header.Flags = FlagsShown(entry);
        header.Metrics = entry.Metrics;
        var parts = new byte[]?[8];
        FillRoute(parts, entry, header.Start.Type);
        parts[(int)AddressSlot.Interface] = hasInterface ? entry.Link.Address : null;
        parts[(int)AddressSlot.InterfaceAddress] = hasInterface ? entry.InterfaceAddress!.Address : null;
        header.Addresses = Bits(parts);
        return Compose(header, parts, isLastPadded: true);
    }

    // bsd/net/rtsock.c:rt_xaddrs. An address of length 0 ends the list, and counts as an empty one.
    private static bool TryReadAddresses(byte[] message, AddressBits named, byte[][] addresses, out int[] offsets)
    {
        offsets = new int[8];
        var at = Marshal.SizeOf<RouteHeader>();
        for (var slot = 0; slot < 8 && at < message.Length; slot++)
        {
            if (((uint)named & (1u << slot)) == 0)
            {
                continue;
            }

            int length = message[at];
            if (at + length > message.Length || length > StorageBytes || length == 1)
            {
                return false;
            }

            offsets[slot] = at;
            if (length == 0)
            {
                addresses[slot] = [SocketAddress.InetBytes, DarwinFamily.Inet, .. new byte[14]];
                return true;
            }

            addresses[slot] = message.AsSpan(at, length).ToArray();
            at += SocketAddress.StepBytes(length);
        }

        return true;
    }

    private static bool IsWhole(ref byte[] address, ref byte family, bool isDestination)
    {
        if (address[1] >= DarwinFamily.Count)
        {
            return false;
        }

        if (address[1] == DarwinFamily.Inet && address.Length != SocketAddress.InetBytes)
        {
            if (address.Length < 8)
            {
                return false;
            }

            var whole = new byte[SocketAddress.InetBytes];
            address.AsSpan(0, 8).CopyTo(whole);
            whole[0] = SocketAddress.InetBytes;
            address = whole;
            family = isDestination ? DarwinFamily.Inet : family;
        }

        return address[1] != DarwinFamily.Inet6 || address.Length >= SocketAddress.Inet6Bytes;
    }

    /// <summary>Tells all who listen for the family.</summary>
    private void Broadcast(byte[] message, byte family)
    {
        foreach (var socket in _sockets.Where(socket => socket.Protocol == 0 || socket.Protocol == family))
        {
            socket.Deliver(message, isFromUser: false);
        }
    }
}
