using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Something of the kernel that the guard relies on.</summary>
/// <param name="Name">A short one: the doctor has a column for it.</param>
/// <param name="Problem">What goes wrong without it; null when it is there.</param>
/// <param name="Since">The first kernel that has it; empty where a setting decides.</param>
public sealed record KernelFeature(string Name, string? Problem, string Since);

/// <summary>Tries what the guard relies on, harmlessly.</summary>
[SupportedOSPlatform("linux")]
public static class KernelFeatures
{
    private const string Ipv6Switch = "/proc/sys/net/ipv6/conf/all/disable_ipv6";

    public static IReadOnlyList<KernelFeature> Probe() =>
        [
            // NETLINK_GET_STRICT_CHK and NETLINK_EXT_ACK: the socket asks for both.
            new("netlink", TryNetlink(), "4.20"),
            new("pidfd_open", TryProcess(), "5.3"),
            new("IPv6", IsOn(Ipv6Switch) ? null : "it is switched off here, so only IPv4 is guarded", string.Empty),
        ];

    private static string? TryNetlink()
    {
        try
        {
            using var socket = NetlinkSocket.OpenForRequests();
            return null;
        }
        catch (KernelRoutesException refused)
        {
            return $"the table cannot be read: {refused.ErrnoName} ({refused.Errno})";
        }
    }

    private static string? TryProcess()
    {
        using var self = Libc.Processes.pidfd_open(Environment.ProcessId);
        return self.IsInvalid ? $"no process can be watched for its end: {LinuxErrno.Last}" : null;
    }

    private static bool IsOn(string offSwitch) => File.Exists(offSwitch) && File.ReadAllText(offSwitch).Trim() == "0";
}
