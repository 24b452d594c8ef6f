using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RouteGuard.Platform.Native;

/// <summary>Starting a program so that it is known before its first instruction, and passing signals on to
/// it.</summary>
public static class ProcessControl
{
    /// <summary>How often a child that ought to stop itself is looked at.</summary>
    private static readonly TimeSpan HeldPoll = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Stops this process until it is told to go on, then becomes the program. Returns only when that fails.
    /// </summary>
    /// <returns>The errno of execvp(3).</returns>
    /// <remarks>The runtime ignores SIGPIPE, and an ignored signal stays ignored over execve(2): it is given back
    /// first.</remarks>
    public static int StopThenBecome(string file, IReadOnlyList<string> arguments)
    {
        Libc.Signals.kill(Environment.ProcessId, Libc.Signals.SIGSTOP);
        Libc.Signals.signal(Libc.Signals.SIGPIPE, 0);
        Libc.Signals.execvp(file, [file, .. arguments, null]);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>Waits until a child has stopped itself.</summary>
    /// <returns>False when it did not within the bound, or ended.</returns>
    public static bool WaitUntilStopped(int pid, TimeSpan waitMax, TimeProvider time)
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < waitMax)
        {
            if (StateOf(pid) is not ProcessState.Running and var state)
            {
                return state == ProcessState.Stopped;
            }

            Thread.Sleep(HeldPoll);
        }

        return false;
    }

    public static void Continue(int pid) => Libc.Signals.kill(pid, Libc.Signals.SIGCONT);

    /// <summary>Sends a signal by its number; a process that is gone is no error.</summary>
    public static void Signal(int pid, int signal) => Libc.Signals.kill(pid, signal);

    private static ProcessState StateOf(int pid) => OperatingSystem.IsMacOS() ? StateInKernel(pid) : StateInProc(pid);

    [SupportedOSPlatform("macos")]
    private static unsafe ProcessState StateInKernel(int pid)
    {
        // A zombie is refused like a process that is not there.
        var process = default(Darwin.Processes.BsdInformation);
        var lengthBytes = sizeof(Darwin.Processes.BsdInformation);
        var filled = Darwin.Processes.proc_pidinfo(pid, Darwin.Processes.PROC_PIDTBSDINFO, 0, &process, lengthBytes);
        return filled != lengthBytes ? ProcessState.Gone
            : process.Status == Darwin.Processes.Stopped ? ProcessState.Stopped
            : ProcessState.Running;
    }

    // proc(5): the state follows the command's name, which may itself hold blanks and parentheses.
    private static ProcessState StateInProc(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var end = stat.LastIndexOf(')');
            return end < 0 || end + 2 >= stat.Length ? ProcessState.Gone
                : stat[end + 2] is 'Z' ? ProcessState.Gone
                : stat[end + 2] is 'T' ? ProcessState.Stopped
                : ProcessState.Running;
        }
        catch (IOException)
        {
            return ProcessState.Gone;
        }
    }

    private enum ProcessState
    {
        Running,
        Stopped,
        Gone,
    }
}
