using System.Globalization;
using System.Runtime.InteropServices;

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
            switch (StateOf(pid))
            {
                case 'T':
                    return true;
                case null or 'Z':
                    return false;
                default:
                    Thread.Sleep(HeldPoll);
                    break;
            }
        }

        return false;
    }

    public static void Continue(int pid) => Libc.Signals.kill(pid, Libc.Signals.SIGCONT);

    /// <summary>Sends a signal by its number; a process that is gone is no error.</summary>
    public static void Signal(int pid, int signal) => Libc.Signals.kill(pid, signal);

    // proc(5): the state follows the command's name, which may itself hold blanks and parentheses.
    private static char? StateOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var end = stat.LastIndexOf(')');
            return end >= 0 && end + 2 < stat.Length ? stat[end + 2] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
