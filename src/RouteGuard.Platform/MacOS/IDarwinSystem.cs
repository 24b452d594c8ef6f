namespace RouteGuard.Platform.MacOS;

/// <summary>Facts about processes and about the machine's boots and sleeps.</summary>
internal interface IDarwinSystem
{
    /// <summary>sysctl <c>kern.bootsessionuuid</c>: another one after each boot.</summary>
    string BootSessionId { get; }

    /// <summary>sysctl <c>kern.waketime</c> in microseconds since 1970; 0 before the first sleep.</summary>
    long WakeTimeMicroseconds { get; }

    /// <summary>proc_pidinfo(PROC_PIDTBSDINFO); null when there is no such process.</summary>
    ProcessFacts? FindProcess(int pid);

    /// <summary>proc_pidpath: the program's file; null when there is no such process or it may not be asked.</summary>
    string? PathOf(int pid);
}

/// <summary>A process as the kernel describes it (sys/proc_info.h, struct proc_bsdinfo).</summary>
/// <param name="StartMicroseconds">When it began, in microseconds since 1970.</param>
/// <param name="Uid">The effective user.</param>
internal readonly record struct ProcessFacts(ulong StartMicroseconds, uint Uid);
