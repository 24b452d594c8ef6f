using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RouteGuard.Benchmarks;

/// <summary>The few calls of libc that the harness measures with, apart from RouteGuard's own code.</summary>
internal static partial class Kernel
{
    public const int SigKill = 9;

    private const int AddressFamilyNetlink = 16;
    private const int SocketRaw = 3;
    private const int SocketCloseOnExec = 0x80000;
    private const int NetlinkRoute = 0;
    private const int SolSocket = 1;
    private const int ReceiveTimeout = 20;
    private const int SocketAddressBytes = 12;

    // asm/unistd_64.h and asm-generic/unistd.h: the wrapper of libc would change every thread's user (nptl(7)).
    private static readonly nint SetResUid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;

    /// <summary>A netlink socket that hears these groups (RTMGRP_…); a receive gives up after the bound.</summary>
    public static int OpenNetlink(uint groups, TimeSpan bound)
    {
        var socket = Checked(OpenSocket(AddressFamilyNetlink, SocketRaw | SocketCloseOnExec, NetlinkRoute), "socket");
        Span<byte> address = stackalloc byte[SocketAddressBytes];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)AddressFamilyNetlink);
        MemoryMarshal.Write(address[8..], groups);
        Checked(Bind(socket, address, SocketAddressBytes), "bind");
        ReadOnlySpan<long> time = [(long)bound.TotalSeconds, 0];
        Checked(
            SetOption(socket, SolSocket, ReceiveTimeout, MemoryMarshal.AsBytes(time), 2 * sizeof(long)),
            "setsockopt"
        );
        return socket;
    }

    /// <summary>Receives one datagram.</summary>
    /// <returns>Its bytes; 0 after the bound.</returns>
    public static int Receive(int socket, Span<byte> buffer) =>
        Math.Max(0, (int)Receive(socket, buffer, (nuint)buffer.Length, 0));

    /// <summary>Sends one message; the kernel has done what it asks for when this returns.</summary>
    public static void Send(int socket, ReadOnlySpan<byte> message) =>
        Checked((int)Send(socket, message, (nuint)message.Length, 0), "send");

    public static void Kill(int pid) => Checked(Kill(pid, SigKill), "kill");

    /// <summary>Connects to a Unix socket as another user, which the connection stays for its peer.</summary>
    public static Socket ConnectAs(uint uid, string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var thread = new Thread(() =>
        {
            Checked((int)SystemCall(SetResUid, (nint)uid, (nint)uid, (nint)uid), "setresuid");
            socket.Connect(new UnixDomainSocketEndPoint(path));
        });
        thread.Start();
        thread.Join();
        return socket;
    }

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} was refused");

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int name, ReadOnlySpan<byte> value, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, ReadOnlySpan<byte> message, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
