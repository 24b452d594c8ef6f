using System.Runtime.InteropServices;

namespace RouteGuard.Platform.MacOS;

/// <summary>What all calls into XNU share: a signal is no answer.</summary>
internal static class XnuCalls
{
    /// <summary>Signals come singly; a call that is interrupted more often is refused with EINTR.</summary>
    public const int InterruptsMax = 100;

    /// <summary>Reads the outcome of a system call, directly after it.</summary>
    /// <param name="result">What it returned: less than 0 with errno when it was refused.</param>
    /// <param name="interrupts">How often it was interrupted; begins at 0.</param>
    /// <param name="errno">0, or why it was refused.</param>
    /// <returns>True when a signal interrupted it and it is to be done again.</returns>
    public static bool IsInterrupted(nint result, ref int interrupts, out int errno)
    {
        errno = result < 0 ? Marshal.GetLastPInvokeError() : DarwinErrno.None;
        return errno == DarwinErrno.Interrupted && ++interrupts <= InterruptsMax;
    }
}
