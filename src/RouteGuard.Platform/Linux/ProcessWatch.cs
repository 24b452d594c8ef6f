using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Descriptors of the processes that are watched. A descriptor becomes readable when its process has
/// ended.</summary>
/// <remarks>Source: pidfd_open(2); kernel/fork.c:pidfd_poll.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class ProcessWatch : IDisposable
{
    /// <summary>Each session has one owner; this leaves room for many times as many.</summary>
    public const int WatchedMax = 64;

    private readonly Dictionary<ProcessIdentity, Watched> _watched = [];
    private ulong _lastToken;

    /// <summary>Opens a descriptor of this very process, or looks again at the one that is open.</summary>
    /// <param name="process">Which.</param>
    /// <param name="isNew">It was not watched before, and is now.</param>
    /// <returns>False when it has ended; one that is watched stays so until that was told.</returns>
    /// <exception cref="KernelRoutesException">The kernel gives no descriptor.</exception>
    /// <exception cref="InvalidOperationException"><see cref="WatchedMax"/> are watched already.</exception>
    public bool TryAdd(ProcessIdentity process, out bool isNew)
    {
        isNew = false;
        if (_watched.TryGetValue(process, out var known))
        {
            return !HasEnded(known.Descriptor);
        }

        if (_watched.Count >= WatchedMax)
        {
            throw new InvalidOperationException(
                $"Cannot watch another process: {WatchedMax} are watched. End a session."
            );
        }

        // First the descriptor, then the question who it is: a process that ended and whose number was given to another
        // before
        // the first step has another start time, and one that ended after it shows as ended.
        var opened = Libc.Processes.pidfd_open(process.Pid);
        if (opened.IsInvalid)
        {
            var errno = LinuxErrno.Last;
            opened.Dispose();
            return errno.Number is LinuxErrno.ESRCH or LinuxErrno.EINVAL or LinuxErrno.ENOENT
                ? false
                : throw KernelRefusal.Of(KernelRefusal.WatchProcess, errno);
        }

        if (
            !ProcessStatus.TryReadStartTime(process.Pid, out var startTime)
            || startTime != process.StartTime
            || HasEnded(opened)
        )
        {
            opened.Dispose();
            return false;
        }

        isNew = true;
        _watched.Add(process, new(opened, ++_lastToken));
        return true;
    }

    /// <summary>A watched process's descriptor and the number that stands for it. No number is given twice.</summary>
    public Watched Of(ProcessIdentity process) => _watched[process];

    /// <summary>Which process a number stands for; null when it is no longer watched.</summary>
    public ProcessIdentity? Find(ulong token)
    {
        foreach (var (process, watched) in _watched)
        {
            if (watched.Token == token)
            {
                return process;
            }
        }

        return null;
    }

    /// <summary>Forgets a process. Closing its descriptor takes it out of epoll, too.</summary>
    public void Remove(ProcessIdentity process)
    {
        if (_watched.Remove(process, out var watched))
        {
            watched.Descriptor.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var watched in _watched.Values)
        {
            watched.Descriptor.Dispose();
        }

        _watched.Clear();
    }

    private static bool HasEnded(SafeFileHandle descriptor)
    {
        var question = new Libc.Processes.PollDescriptor(
            (int)descriptor.DangerousGetHandle(),
            Libc.Processes.POLLIN,
            0
        );
        return Libc.Processes.poll(ref question, 1, 0) != 0;
    }

    internal sealed record Watched(SafeFileHandle Descriptor, ulong Token);
}
