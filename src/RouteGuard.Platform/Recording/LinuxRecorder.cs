using System.Globalization;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Recording;

/// <summary>Records what the kernel of this network namespace says.</summary>
[SupportedOSPlatform("linux")]
public static class LinuxRecorder
{
    /// <summary>Readings until one is of a table that stood still.</summary>
    private const int ReadingsMax = 8;

    /// <summary>Nothing came: the next look is so much later.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads all lists, and then listens. What happens from the first moment on is kept.</summary>
    /// <param name="listenFor">At most <see cref="KernelTraffic.ListenMax"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends the listening early; what was heard is kept.</param>
    /// <exception cref="KernelRoutesException">The kernel refused, or never stood still.</exception>
    public static KernelTraffic Record(TimeSpan listenFor, TimeProvider time, CancellationToken stop)
    {
        using var events = NetlinkSocket.OpenForEvents(NetlinkGroup.All, KernelTraffic.EventBytesMax);
        using var kernel = new NetlinkConversation();
        var startedAt = time.GetTimestamp();
        List<string> leftOut = [];
        var (table, lists) = ReadLists(kernel, leftOut);
        var heard = Listen(events, listenFor, time, startedAt, leftOut, stop);
        return new(table, lists, heard, leftOut);
    }

    private static (RouteTable Table, IReadOnlyList<RecordedDatagram> Lists) ReadLists(
        NetlinkConversation kernel,
        List<string> leftOut
    )
    {
        for (var reading = 0; reading < ReadingsMax; reading++)
        {
            List<RecordedDatagram> lists = [];
            long lengthBytes = 0;
            void Take(TableList list, ReadOnlySpan<byte> datagram)
            {
                lengthBytes += datagram.Length;
                if (lengthBytes <= KernelTraffic.ListBytesMax)
                {
                    lists.Add(new(list, datagram.ToArray()));
                }
            }

            var whole = new TableReading(kernel, new(), 0, Take);
            if (!whole.TryRead())
            {
                continue;
            }

            leftOut.AddRange(whole.Faults);
            if (lengthBytes <= KernelTraffic.ListBytesMax)
            {
                return (whole.ToTableWithoutDoubles(), lists);
            }

            leftOut.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The kernel's lists are {lengthBytes} bytes long, more than the {KernelTraffic.ListBytesMax} of a record: there is only text."
                )
            );
            return (whole.ToTableWithoutDoubles(), []);
        }

        throw KernelRefusal.Of(KernelRefusal.ReadRoutes, new(LinuxErrno.EINTR));
    }

    private static List<RecordedEvent> Listen(
        NetlinkSocket events,
        TimeSpan listenFor,
        TimeProvider time,
        long startedAt,
        List<string> leftOut,
        CancellationToken stop
    )
    {
        List<RecordedEvent> heard = [];
        var lengthBytes = 0L;
        var wanted = listenFor < KernelTraffic.ListenMax ? listenFor : KernelTraffic.ListenMax;
        var listeningAt = time.GetTimestamp();
        while (true)
        {
            // Read first: what came while the lists were read is there already.
            var errno = events.Receive(out var datagram, isWaiting: false);
            var isEmpty = errno.Number == LinuxErrno.EAGAIN;
            if (errno.IsNone)
            {
                lengthBytes += datagram.Length;
                if (heard.Count == KernelTraffic.EventsMax || lengthBytes > KernelTraffic.EventBytesMax)
                {
                    leftOut.Add("More events came than a record takes; the later ones are left out.");
                    return heard;
                }

                heard.Add(new(time.GetElapsedTime(startedAt), datagram.ToArray()));
            }
            else if (!isEmpty)
            {
                leftOut.Add($"The kernel threw events away ({errno}).");
                return heard;
            }

            if (isEmpty && (time.GetElapsedTime(listeningAt) >= wanted || stop.WaitHandle.WaitOne(Pause)))
            {
                return heard;
            }
        }
    }
}
