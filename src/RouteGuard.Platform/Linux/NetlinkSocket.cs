using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>One raw rtnetlink socket: datagrams to the kernel and from it, and from nobody else.</summary>
/// <remarks>
/// Blocking, and every receive has a bound. It belongs to the network namespace of the thread that opened it.
/// Sources: netlink(7); net/netlink/af_netlink.c:netlink_recvmsg.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class NetlinkSocket : IDisposable
{
    /// <summary>The kernel fills at most 32 KiB of a dump into a datagram (af_netlink.c:netlink_dump); twice that is
    /// room.</summary>
    public const int DatagramBytesMax = 64 * 1024;

    /// <summary>Answers to a whole batch must fit: about 1 KiB each, with the kernel's own bookkeeping.</summary>
    public const int AnswersBytesMax = 4 * 1024 * 1024;

    /// <summary>Holds a burst of some 80,000 events while the guard is busy.</summary>
    public const int EventsBytesMax = 64 * 1024 * 1024;

    /// <summary>Signals that may interrupt one call before it is given up: none is sent on purpose.</summary>
    private const int InterruptionsMax = 1000;

    /// <summary>Datagrams of other senders than the kernel that one receive throws away.</summary>
    private const int ForeignDatagramsMax = 1000;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(DatagramBytesMax, pinned: true);

    private NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>How long the kernel may take for the next datagram of an answer. It needs microseconds.</summary>
    public static TimeSpan AnswerWaitMax { get; } = TimeSpan.FromSeconds(5);

    /// <summary>For epoll.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>Opens a socket to ask the kernel: strict checking, extended acks, and answers bounded in
    /// time.</summary>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public static NetlinkSocket OpenForRequests()
    {
        var socket = Open();
        try
        {
            socket.SetReceiveBytes(AnswersBytesMax);
            socket.Set(Libc.Netlink.SOL_NETLINK, Libc.Netlink.NETLINK_EXT_ACK, 1);
            socket.Set(Libc.Netlink.SOL_NETLINK, Libc.Netlink.NETLINK_GET_STRICT_CHK, 1);
            var bound = new Libc.Netlink.TimeValue((long)AnswerWaitMax.TotalSeconds, 0);
            socket.Check(
                Libc.Netlink.setsockopt(
                    socket._handle,
                    Libc.Netlink.SOL_SOCKET,
                    Libc.Netlink.SO_RCVTIMEO,
                    &bound,
                    (uint)sizeof(Libc.Netlink.TimeValue)
                )
            );
            return socket;
        }
        catch (KernelRoutesException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a socket that only listens.</summary>
    /// <param name="groups">RTNLGRP numbers: see <see cref="NetlinkGroup"/>.</param>
    /// <param name="receiveBytes">What the kernel keeps for us; it doubles this for its own bookkeeping.</param>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public static NetlinkSocket OpenForEvents(ReadOnlySpan<int> groups, int receiveBytes)
    {
        var socket = Open();
        try
        {
            socket.SetReceiveBytes(receiveBytes);
            foreach (var group in groups)
            {
                socket.Set(Libc.Netlink.SOL_NETLINK, Libc.Netlink.NETLINK_ADD_MEMBERSHIP, group);
            }

            return socket;
        }
        catch (KernelRoutesException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends whole messages in one datagram. The kernel has worked through all of them when this
    /// returns.</summary>
    public LinuxErrno Send(ReadOnlySpan<byte> messages)
    {
        fixed (byte* bytes = messages)
        {
            for (var tries = 0; tries < InterruptionsMax; tries++)
            {
                if (Libc.Netlink.send(_handle, bytes, (nuint)messages.Length, 0) >= 0)
                {
                    return default;
                }

                if (LinuxErrno.Last.Number != LinuxErrno.EINTR)
                {
                    return LinuxErrno.Last;
                }
            }
        }

        return new(LinuxErrno.EINTR);
    }

    /// <summary>Takes the next datagram.</summary>
    /// <param name="datagram">Valid until the next receive; empty when there is an errno.</param>
    /// <param name="isWaiting">Wait for one, at most <see cref="AnswerWaitMax"/> on a socket for requests.</param>
    /// <returns>
    /// None; EAGAIN when nothing came; ENOBUFS when the kernel had to throw datagrams away (the socket stays good);
    /// EMSGSIZE when the datagram was larger than <see cref="DatagramBytesMax"/>.
    /// </returns>
    public LinuxErrno Receive(out ReadOnlySpan<byte> datagram, bool isWaiting = true)
    {
        datagram = default;
        var interruptions = 0;
        var foreigners = 0;
        while (interruptions < InterruptionsMax && foreigners < ForeignDatagramsMax)
        {
            var lengthBytes = ReceiveOnce(isWaiting, out var portId);
            if (lengthBytes >= 0 && portId == 0)
            {
                datagram = lengthBytes > DatagramBytesMax ? default : _buffer.AsSpan(0, (int)lengthBytes);
                return lengthBytes > DatagramBytesMax ? new(LinuxErrno.EMSGSIZE) : default;
            }

            if (lengthBytes >= 0)
            {
                foreigners++;
            }
            else if (LinuxErrno.Last.Number == LinuxErrno.EINTR)
            {
                interruptions++;
            }
            else
            {
                return LinuxErrno.Last;
            }
        }

        return new(LinuxErrno.EAGAIN);
    }

    public void Dispose() => _handle.Dispose();

    private nint ReceiveOnce(bool isWaiting, out uint portId)
    {
        Libc.Netlink.SocketAddress sender = default;
        var senderBytes = sizeof(Libc.Netlink.SocketAddress);
        fixed (byte* into = _buffer)
        {
            // MSG_TRUNC asks for the real length of a datagram that does not fit.
            var flags = Libc.Netlink.MSG_TRUNC | (isWaiting ? 0 : Libc.Netlink.MSG_DONTWAIT);
            var lengthBytes = Libc.Netlink.recvfrom(_handle, into, DatagramBytesMax, flags, &sender, &senderBytes);
            portId = sender.PortId;
            return lengthBytes;
        }
    }

    private static NetlinkSocket Open()
    {
        var socket = new NetlinkSocket(
            Libc.Netlink.socket(
                Libc.Netlink.AF_NETLINK,
                Libc.Netlink.SOCK_RAW | Libc.Netlink.SOCK_CLOEXEC,
                Libc.Netlink.NETLINK_ROUTE
            )
        );
        if (socket._handle.IsInvalid)
        {
            throw KernelRefusal.Of(KernelRefusal.OpenSocket, LinuxErrno.Last);
        }

        var any = new Libc.Netlink.SocketAddress(Libc.Netlink.AF_NETLINK, 0, 0, 0);
        socket.Check(Libc.Netlink.bind(socket._handle, any, sizeof(Libc.Netlink.SocketAddress)));
        return socket;
    }

    // SO_RCVBUF is cut to net.core.rmem_max; only root may force more.
    private void SetReceiveBytes(int bytes)
    {
        if (
            Libc.Netlink.setsockopt(_handle, Libc.Netlink.SOL_SOCKET, Libc.Netlink.SO_RCVBUFFORCE, &bytes, sizeof(int))
            != 0
        )
        {
            Set(Libc.Netlink.SOL_SOCKET, Libc.Netlink.SO_RCVBUF, bytes);
        }
    }

    private void Set(int level, int name, int value) =>
        Check(Libc.Netlink.setsockopt(_handle, level, name, &value, sizeof(int)));

    private void Check(int result)
    {
        if (result != 0)
        {
            var errno = LinuxErrno.Last;
            Dispose();
            throw KernelRefusal.Of(KernelRefusal.OpenSocket, errno);
        }
    }
}

/// <summary>RTNLGRP_*: what an event socket listens to (linux/rtnetlink.h).</summary>
internal static class NetlinkGroup
{
    public const int Link = 1;
    public const int AddressV4 = 5;
    public const int RouteV4 = 7;
    public const int RuleV4 = 8;
    public const int AddressV6 = 9;
    public const int RouteV6 = 11;
    public const int RuleV6 = 19;
    public const int NextHop = 32;

    /// <summary>Everything that a table is made of.</summary>
    public static ReadOnlySpan<int> All => [Link, AddressV4, AddressV6, RouteV4, RouteV6, RuleV4, RuleV6, NextHop];
}
