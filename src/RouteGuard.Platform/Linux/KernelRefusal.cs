using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Puts an errno into words: what could not be done, what the kernel says, what to do.</summary>
[SupportedOSPlatform("linux")]
internal static class KernelRefusal
{
    public const string OpenSocket = "open a netlink socket";
    public const string ReadRoutes = "read routes";
    public const string ChangeRoutes = "change routes";
    public const string LookUp = "look a route up";
    public const string WatchProcess = "watch a process";
    public const string WaitForEvents = "wait for events";
    public const string SetUpLink = "set an interface up";

    public static KernelRoutesException Of(string operation, LinuxErrno errno, string? kernelMessage = null) =>
        new(operation, errno.Number, errno.Name, AdviceFor(errno.Number), kernelMessage);

    private static string AdviceFor(int errno) =>
        errno switch
        {
            LinuxErrno.EPERM or LinuxErrno.EACCES => "Run routeguard as root or with CAP_NET_ADMIN.",
            LinuxErrno.ETIMEDOUT =>
                $"It did not answer within {NetlinkSocket.AnswerWaitMax.TotalSeconds:0} s. Try again.",
            LinuxErrno.EINTR => "The table kept changing while it was read. Try again when it is quieter.",
            LinuxErrno.ENOBUFS => "Its answers did not fit the socket's buffer. Try again.",
            LinuxErrno.EBADMSG or LinuxErrno.EMSGSIZE => "Its answer could not be read. Report this with `uname -r`.",
            _ => string.Empty,
        };
}
