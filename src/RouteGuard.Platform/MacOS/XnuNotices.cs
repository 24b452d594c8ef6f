using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.MacOS;

/// <summary>configd's notices that something about networks changed, as a descriptor in the queue: notify(3).</summary>
/// <remarks>They are a hint among others: without them routes are still watched by the routing socket and the audit
/// timer.</remarks>
[SupportedOSPlatform("macos")]
internal sealed unsafe class XnuNotices(SafeFileHandle queue) : IDisposable
{
    /// <summary>notifyd is restarted rarely; whoever ends it more often than this does without notices.</summary>
    private const int OpensMax = 8;

    /// <summary>One read takes this many notices; the rest is told by the next wait.</summary>
    private const int NoticesPerReadMax = 64;

    private SafeFileHandle? _notices;
    private int _token;
    private int _opens;

    /// <summary>Registers. Where notifyd refuses there are no notices.</summary>
    public void Open()
    {
        while (_notices is null && _opens < OpensMax)
        {
            _opens++;
            var status = Darwin.Notify.notify_register_file_descriptor(
                Darwin.Notify.NetworkChange,
                out var notices,
                out var token
            );
            if (status != Darwin.Notify.NOTIFY_STATUS_OK)
            {
                return;
            }

            (_notices, _token) = (notices, token);
            if (Darwin.CloseOnExec(notices) != 0 || XnuQueue.WatchReadable(queue, notices) != DarwinErrno.None)
            {
                Close();
            }
        }
    }

    public bool Owns(nuint descriptor) => _notices is { } notices && (nuint)notices.DangerousGetHandle() == descriptor;

    /// <summary>Reads what is there, never waiting for more, since the kernel says how much there is.</summary>
    public QueueSign? Take(Darwin.Kqueue.Record told)
    {
        const int roomBytes = NoticesPerReadMax * Darwin.Notify.NoticeBytes;
        var there = (int)nint.Clamp(told.Data, 0, roomBytes);
        if (there > 0)
        {
            var room = stackalloc byte[roomBytes];
            var interrupts = 0;
            nint read;
            do
            {
                read = Darwin.Sockets.read(_notices!, room, (nuint)there);
            } while (XnuCalls.IsInterrupted(read, ref interrupts, out _));

            return QueueSign.NetworkChanged.Instance;
        }

        if ((told.Flags & Darwin.Kqueue.EV_EOF) == 0)
        {
            return null;
        }

        // notifyd is gone, and with it whatever it would have told: look, and register with the next one.
        Close();
        Open();
        return QueueSign.NetworkChanged.Instance;
    }

    public void Dispose() => Close();

    private void Close()
    {
        if (_notices is { } notices)
        {
            // The descriptor is the library's, which closes it; closing takes it out of the queue.
            _notices = null;
            notices.Dispose();
            _ = Darwin.Notify.notify_cancel(_token);
        }
    }
}
