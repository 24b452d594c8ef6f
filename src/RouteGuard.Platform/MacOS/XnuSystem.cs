using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.MacOS;

/// <summary>The real kernel behind <see cref="IDarwinSystem"/>.</summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe class XnuSystem : IDarwinSystem
{
    /// <summary>A UUID has 36 letters and a closing zero.</summary>
    private const int BootSessionBytesMax = 64;

    private string? _bootSessionId;

    /// <inheritdoc/>
    /// <exception cref="Core.Ports.KernelRoutesException">The kernel does not tell: without it a reboot could not be
    /// told from a restart of ours.</exception>
    public string BootSessionId => _bootSessionId ??= ReadBootSessionId();

    /// <inheritdoc/>
    public long WakeTimeMicroseconds
    {
        get
        {
            var wake = default(Darwin.Sysctl.TimeValue);
            var length = (nuint)sizeof(Darwin.Sysctl.TimeValue);
            return Darwin.Sysctl.sysctlbyname("kern.waketime", &wake, &length, null, 0) == 0
                ? (wake.Seconds * 1_000_000) + wake.Microseconds
                : 0;
        }
    }

    /// <inheritdoc/>
    public ProcessFacts? FindProcess(int pid) =>
        TryDescribe(pid, out var process)
            ? new((process.StartSeconds * 1_000_000) + process.StartMicroseconds, process.Uid)
            : null;

    /// <inheritdoc/>
    public string? PathOf(int pid)
    {
        var path = stackalloc byte[Darwin.Processes.PathBytesMax];
        var length = Darwin.Processes.proc_pidpath(pid, path, Darwin.Processes.PathBytesMax);
        return length is > 0 and <= Darwin.Processes.PathBytesMax ? Encoding.UTF8.GetString(path, length) : null;
    }

    /// <summary>False for a process that is gone, also for one that only its parent still asks about.</summary>
    private static bool TryDescribe(int pid, out Darwin.Processes.BsdInformation process)
    {
        var described = default(Darwin.Processes.BsdInformation);
        var lengthBytes = sizeof(Darwin.Processes.BsdInformation);
        var filled = Darwin.Processes.proc_pidinfo(pid, Darwin.Processes.PROC_PIDTBSDINFO, 0, &described, lengthBytes);
        process = described;
        return filled == lengthBytes && described.Pid == pid;
    }

    private static string ReadBootSessionId()
    {
        var text = stackalloc byte[BootSessionBytesMax];
        nuint length = BootSessionBytesMax;
        if (Darwin.Sysctl.sysctlbyname("kern.bootsessionuuid", text, &length, null, 0) != 0)
        {
            throw DarwinRefusal.Of("tell one boot from the next", Marshal.GetLastPInvokeError());
        }

        return Encoding.ASCII.GetString(text, (int)length).TrimEnd('\0');
    }
}
