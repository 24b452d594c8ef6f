using System.Globalization;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Facts from <c>/proc</c>: random(4), proc_pid_stat(5).</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxMachine : IMachine
{
    /// <summary>A random number that the kernel makes at each boot, as a UUID.</summary>
    public string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    public ProcessIdentity? TryIdentify(int pid) =>
        pid > 0 && ProcessStatus.TryReadStartTime(pid, out var startTime) ? new(pid, startTime) : null;

    /// <inheritdoc/>
    /// <remarks>
    /// The owner of <c>/proc/PID</c> is the effective user, but root for a process that hides its memory (prctl(2),
    /// PR_SET_DUMPABLE), such as one that gave up privileges: the answer errs to the careful side.
    /// </remarks>
    public uint? TryOwnerOf(int pid) =>
        pid > 0
        && Libc.Folders.statx(
            Libc.Folders.AT_FDCWD,
            string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}"),
            Libc.Folders.AT_SYMLINK_NOFOLLOW,
            Libc.Folders.STATX_BASIC_STATS,
            out var status
        ) == 0
            ? status.Uid
            : null;
}
