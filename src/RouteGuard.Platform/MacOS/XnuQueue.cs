using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.MacOS;

/// <summary>The real kqueue behind <see cref="IKernelQueue"/>.</summary>
/// <remarks>
/// What can be read is told again by every wait until it has been read, so a reader that stops early loses nothing.
/// Sources: kqueue(2); bsd/kern/kern_event.c:filt_procattach.
/// </remarks>
[SupportedOSPlatform("macos")]
internal sealed unsafe class XnuQueue : IKernelQueue
{
    private const string WaitForEvents = "wait for events";

    /// <summary>What does not fit waits for the next wait.</summary>
    private const int EventsPerWaitMax = 64;

    private const nuint WakeSubject = 1;

    private readonly SafeFileHandle _queue;
    private readonly XnuNotices _notices;

    /// <exception cref="Core.Ports.KernelRoutesException">The kernel refused.</exception>
    public XnuQueue()
    {
        _queue = Darwin.Kqueue.kqueue();
        if (_queue.IsInvalid)
        {
            throw DarwinRefusal.Of(WaitForEvents, Marshal.GetLastPInvokeError());
        }

        _notices = new(_queue);
        try
        {
            Require(
                Change(_queue, WakeSubject, Darwin.Kqueue.EVFILT_USER, Darwin.Kqueue.EV_ADD | Darwin.Kqueue.EV_CLEAR)
            );
            _notices.Open();
        }
        catch (Core.Ports.KernelRoutesException)
        {
            _queue.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Not a socket of <see cref="XnuKernel"/>.</exception>
    public void WatchSocket(IRoutingSocket socket)
    {
        var handle =
            (socket as XnuRoutingSocket)?.Handle ?? throw new ArgumentException("is of another kernel", nameof(socket));
        Require(WatchReadable(_queue, handle));
    }

    /// <inheritdoc/>
    public int WatchProcess(int pid)
    {
        const ushort addOnce = Darwin.Kqueue.EV_ADD | Darwin.Kqueue.EV_ONESHOT;
        var errno = Change(_queue, (nuint)pid, Darwin.Kqueue.EVFILT_PROC, addOnce, Darwin.Kqueue.NOTE_EXIT);
        if (errno is not (DarwinErrno.None or DarwinErrno.NoSuchEntry))
        {
            throw DarwinRefusal.Of("watch a process", errno);
        }

        return errno;
    }

    /// <inheritdoc/>
    public void UnwatchProcess(int pid) =>
        // ENOENT: it has been told already. ESRCH: it is gone. Nothing is left to be forgotten then.
        Change(_queue, (nuint)pid, Darwin.Kqueue.EVFILT_PROC, Darwin.Kqueue.EV_DELETE);

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout, List<QueueSign> into)
    {
        var events = stackalloc Darwin.Kqueue.Record[EventsPerWaitMax];
        var count = WaitReady(events, timeout);
        for (var at = 0; at < count; at++)
        {
            if (SignOf(events[at]) is { } sign)
            {
                into.Add(sign);
            }
        }
    }

    /// <inheritdoc/>
    public void Wake() => Change(_queue, WakeSubject, Darwin.Kqueue.EVFILT_USER, 0, Darwin.Kqueue.NOTE_TRIGGER);

    public void Dispose()
    {
        _notices.Dispose();
        _queue.Dispose();
    }

    /// <summary>Tells when a descriptor can be read.</summary>
    /// <returns>0, or why not.</returns>
    internal static int WatchReadable(SafeFileHandle queue, SafeFileHandle descriptor) =>
        Change(queue, (nuint)descriptor.DangerousGetHandle(), Darwin.Kqueue.EVFILT_READ, Darwin.Kqueue.EV_ADD);

    /// <summary>Turns what the kernel told into a sign; null for what is nobody's concern.</summary>
    private QueueSign? SignOf(Darwin.Kqueue.Record told) =>
        told.Filter switch
        {
            Darwin.Kqueue.EVFILT_READ when _notices.Owns(told.Subject) => _notices.Take(told),
            Darwin.Kqueue.EVFILT_READ => QueueSign.SocketReadable.Instance,
            Darwin.Kqueue.EVFILT_PROC => new QueueSign.ProcessExited((int)told.Subject),
            Darwin.Kqueue.EVFILT_USER => QueueSign.Woken.Instance,
            _ => null,
        };

    private int WaitReady(Darwin.Kqueue.Record* events, TimeSpan timeout)
    {
        var waitMilliseconds = (long)Math.Ceiling(Math.Clamp(timeout.TotalMilliseconds, 0, int.MaxValue));
        var deadline = Environment.TickCount64 + waitMilliseconds;
        var interrupts = 0;
        int count;
        int errno;
        do
        {
            var left = Math.Max(0, Math.Min(waitMilliseconds, deadline - Environment.TickCount64));
            var wait = new Darwin.Kqueue.TimeSpec(left / 1000, left % 1000 * 1_000_000);
            count = Darwin.Kqueue.kevent(_queue, null, 0, events, EventsPerWaitMax, &wait);
        } while (XnuCalls.IsInterrupted(count, ref interrupts, out errno));

        // Interrupted more often than the bound: an early return, which is a wait that found nothing.
        return errno switch
        {
            DarwinErrno.None => count,
            DarwinErrno.Interrupted => 0,
            _ => throw DarwinRefusal.Of(WaitForEvents, errno),
        };
    }

    /// <summary>Makes one change and takes its receipt, so that no event is fetched by the way.</summary>
    /// <returns>0, or why it was refused.</returns>
    private static int Change(SafeFileHandle queue, nuint subject, short filter, ushort flags, uint filterFlags = 0)
    {
        var change = new Darwin.Kqueue.Record
        {
            Subject = subject,
            Filter = filter,
            Flags = (ushort)(flags | Darwin.Kqueue.EV_RECEIPT),
            FilterFlags = filterFlags,
        };
        var receipt = default(Darwin.Kqueue.Record);
        var atOnce = default(Darwin.Kqueue.TimeSpec);
        var interrupts = 0;
        int errno;
        int count;
        do
        {
            count = Darwin.Kqueue.kevent(queue, &change, 1, &receipt, 1, &atOnce);
        } while (XnuCalls.IsInterrupted(count, ref interrupts, out errno));

        return errno != DarwinErrno.None || count == 0 ? errno : (int)receipt.Data;
    }

    private static void Require(int errno)
    {
        if (errno != DarwinErrno.None)
        {
            throw DarwinRefusal.Of(WaitForEvents, errno);
        }
    }
}
