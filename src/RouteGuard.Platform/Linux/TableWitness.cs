using System.Runtime.Versioning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Linux;

/// <summary>Tells whether anything changed while a table was read.</summary>
/// <remarks>
/// The kernel marks interrupted dumps of links, addresses, rules and next-hop objects, but not of routes, and never
/// tells that
/// two dumps in a row saw two tables (net/ipv4/fib_frontend.c:inet_dump_fib and net/ipv6/ip6_fib.c:inet6_dump_fib call
/// no
/// nl_dump_check_consistent). So this socket listens to all changes, and keeps only one.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class TableWitness : IDisposable
{
    /// <summary>The kernel raises this to its minimum, which holds a message or a few.</summary>
    private const int ReceiveBytes = 1;

    /// <summary>More datagrams than that buffer can hold.</summary>
    private const int DatagramsMax = 1024;

    private readonly NetlinkSocket _socket = NetlinkSocket.OpenForEvents(NetlinkGroup.All, ReceiveBytes);

    /// <summary>Forgets what changed until now.</summary>
    /// <exception cref="KernelRoutesException">The socket is no longer good.</exception>
    public void Forget()
    {
        for (var taken = 0; taken < DatagramsMax && HasSeenChange(); taken++) { }
    }

    /// <summary>True when something changed since <see cref="Forget"/>; true for a change that did not fit the buffer,
    /// too.</summary>
    public bool HasSeenChange() => _socket.Receive(out _, isWaiting: false).Number != Native.LinuxErrno.EAGAIN;

    public void Dispose() => _socket.Dispose();
}
