using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.MacOS;

/// <summary>Puts an errno of Darwin into words: what could not be done, what the kernel says, what to do.</summary>
internal static class DarwinRefusal
{
    public const string OpenSocket = "open a routing socket";
    public const string ReadRoutes = "read routes";
    public const string ReadLinks = "read interfaces";
    public const string ChangeRoutes = "change routes";

    public static KernelRoutesException Of(string operation, int errno, string? fact = null) =>
        new(operation, errno, DarwinErrno.NameOf(errno), AdviceFor(errno), fact);

    /// <summary>A step that was not done.</summary>
    public static StepOutcome Outcome(int errno, string? fact = null) =>
        new(StepResult.Refused, errno, DarwinErrno.NameOf(errno), fact);

    private static string AdviceFor(int errno) =>
        errno switch
        {
            DarwinErrno.Permission => "Run routeguard as root.",
            DarwinErrno.NoMemory or DarwinErrno.Busy =>
                "The table kept changing while it was read. Try again when it is quieter.",
            DarwinErrno.Invalid => "Its answer could not be read. Report this with `uname -r`.",
            _ => string.Empty,
        };
}
