using System.Globalization;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Something that the guard cannot finish within a second, because its disk is slow.</summary>
internal static class LongOperation
{
    /// <summary>Longer than any handler waits, shorter than any client.</summary>
    private static readonly TimeSpan DiskDelay = TimeSpan.FromSeconds(2.5);

    /// <summary>Begins a session as somebody, while the disk is slow once; returns when it is done.</summary>
    /// <returns>The id of the operation.</returns>
    public static string Begin(DaemonLab daemon, Person who)
    {
        var delay = ((long)DiskDelay.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        var strace = daemon.Lab.Host.Start(
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-p",
            daemon.Guard.DaemonPid.ToString(CultureInfo.InvariantCulture),
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            $"inject=fsync,fdatasync:delay_enter={delay}:when=1"
        );
        Eventually.Holds(
            "strace holds the daemon",
            () => strace.Errors.Contains("attached", StringComparison.Ordinal),
            strace.ToString
        );
        var begun = daemon.Ask(who, "POST", "/v1/sessions", """{"label":"slow"}""");
        Assert.True(begun.Status == 202, $"The slow disk was not noticed: {begun}\n{strace}");
        var running = daemon.Ask(who, "GET", begun.Location);
        Eventually.Holds(
            "the operation is done",
            () => (running = daemon.Ask(who, "GET", begun.Location)).Status != 202,
            () => $"{running}\n{daemon.Guard.DaemonLog}"
        );
        daemon.Lab.Host.Signal(strace.Pid, "INT");
        strace.WaitForExit();
        return begun.Location.Split('/')[^1];
    }
}
