using System.Globalization;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Linux;

/// <summary>Says who wrote a route, from the notification that tells of it.</summary>
/// <remarks>
/// nlmsg_pid of a notification is the socket that asked (net/netlink/af_netlink.c:nlmsg_notify), and the first one of a
/// program has its pid as number (netlink_autobind). A second one has a number that no process has, and says nothing.
/// So this names, and proves nothing.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class RouteWriters
{
    /// <summary>Writers that one wait names; in a storm nobody reads more.</summary>
    public const int PerWaitMax = 32;

    private readonly RouteDecoder _decoder = new();
    private readonly uint _ownPid = (uint)Environment.ProcessId;

    /// <summary>The event, or null when the notification names nobody else.</summary>
    public KernelEvent.RouteWritten? Name(in NetlinkMessage message)
    {
        var asker = message.PortId;
        if (
            asker == 0
            || asker == _ownPid
            || asker > int.MaxValue
            || !_decoder.TryDecode(message.Body, out var route, out var isCloned, out _)
            || isCloned
        )
        {
            return null;
        }

        var pid = (int)asker;
        var name = NameOf(pid) ?? RouteProtocol.NameOf(route.Attributes.Protocol);
        return new(route.Destination, string.Create(CultureInfo.InvariantCulture, $"{name} (pid {pid})"), pid);
    }

    // A program such as ip(8) is gone before its name can be read.
    private static string? NameOf(int pid)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm");
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
