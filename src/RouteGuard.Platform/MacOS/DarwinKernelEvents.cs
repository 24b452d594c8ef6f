using System.Globalization;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.MacOS;

/// <summary>Waits on one kqueue for a routing socket, for processes, for configd, and for a nudge.</summary>
/// <remarks>
/// A routing socket is a poor witness: it loses messages without a word when its buffer is full, and never tells what
/// went with an interface, what a router advertised, or who answered an ARP request. So whatever it says about an
/// interface or a route means only "look", and the guard's audit covers the rest.
/// </remarks>
public sealed class DarwinKernelEvents : IKernelEvents
{
    /// <summary>Buffers to ask for, best first: more than the limit is refused and not clamped (8 MiB
    /// is).</summary>
    private static readonly int[] BufferBytes = [7_000_000, 4 << 20, 1 << 20];

    /// <summary>Messages that one wait takes in; the rest waits for the next.</summary>
    private const int MessagesPerWaitMax = 4096;

    private readonly IKernelQueue _queue;
    private readonly IDarwinSystem _system;
    private readonly IRoutingSocket _socket;
    private readonly DarwinTableReader _reader;
    private readonly int _processId;
    private readonly byte[] _message = new byte[RoutingMessage.LengthBytesMax];
    private readonly Dictionary<int, ProcessIdentity> _watched = [];
    private readonly List<QueueSign> _signs = [];
    private readonly RouteDecoder _decoder = new(_ => 0);
    private Dictionary<InterfaceIndex, string> _names;
    private long _wakeTime;

    /// <exception cref="KernelRoutesException">No socket can be had, or its buffer is too small to be of
    /// use.</exception>
    internal DarwinKernelEvents(IRoutingKernel kernel, IKernelQueue queue, IDarwinSystem system, int processId)
    {
        _queue = queue;
        _system = system;
        _processId = processId;
        _reader = new(kernel);
        _socket = kernel.OpenRoutingSocket();
        var errno = BufferBytes
            .Select(_socket.SetReceiveBuffer)
            .FirstOrDefault(answer => answer == DarwinErrno.None, DarwinErrno.NoBuffers);
        if (errno != DarwinErrno.None)
        {
            _socket.Dispose();
            throw DarwinRefusal.Of(DarwinRefusal.OpenSocket, errno);
        }

        _names = ReadNames(_reader.ReadLinks());
        _wakeTime = system.WakeTimeMicroseconds;
        queue.WatchSocket(_socket);
    }

    public void Wait(TimeSpan timeout, List<KernelEvent> into)
    {
        _signs.Clear();
        _queue.Wait(timeout, _signs);
        foreach (var sign in _signs)
        {
            TakeIn(sign, into);
        }

        if (_system.WakeTimeMicroseconds is var wakeTime && wakeTime != _wakeTime)
        {
            // Everything may have changed while the machine slept.
            _wakeTime = wakeTime;
            into.Add(KernelEvent.Lost.Instance);
        }
    }

    public bool TryWatch(ProcessIdentity process)
    {
        if (_watched.TryGetValue(process.Pid, out var known) && known == process)
        {
            return IsAlive(process);
        }

        // First the watch, then the look: an exit between the two is told, and a number that changed hands is seen.
        if (_queue.WatchProcess(process.Pid) != DarwinErrno.None)
        {
            return false;
        }

        if (!IsAlive(process))
        {
            if (!_watched.ContainsKey(process.Pid))
            {
                _queue.UnwatchProcess(process.Pid);
            }

            return false;
        }

        _watched[process.Pid] = process;
        return true;
    }

    public void Unwatch(ProcessIdentity process)
    {
        if (_watched.TryGetValue(process.Pid, out var known) && known == process)
        {
            _watched.Remove(process.Pid);
            _queue.UnwatchProcess(process.Pid);
        }
    }

    public void Wake() => _queue.Wake();

    public void Dispose()
    {
        _socket.Dispose();
        _queue.Dispose();
    }

    private bool IsAlive(ProcessIdentity process) =>
        _system.FindProcess(process.Pid)?.StartMicroseconds == process.StartTime;

    private void TakeIn(QueueSign sign, List<KernelEvent> into)
    {
        switch (sign)
        {
            case QueueSign.SocketReadable:
                ReadSocket(into);
                break;
            case QueueSign.ProcessExited exited when _watched.Remove(exited.Pid, out var process):
                into.Add(new KernelEvent.ProcessExited(process));
                break;
            case QueueSign.NetworkChanged:
                into.Add(KernelEvent.TableChanged.Instance);
                break;
            default:
                // A nudge says nothing by itself, nor does the exit of a process that is watched no more.
                break;
        }
    }

    private void ReadSocket(List<KernelEvent> into)
    {
        var heard = new Heard();
        for (var read = 0; read < MessagesPerWaitMax && _socket.TryRead(_message, out var lengthBytes); read++)
        {
            // Anybody can make the kernel repeat garbage on this socket; what is no message says nothing.
            if (RoutingMessage.TryDecode(_message.AsSpan(0, lengthBytes), out var message, out _))
            {
                Hear(message, heard);
            }
        }

        if (heard.Links.Count > 0)
        {
            TellLinks(heard, into);
        }

        if (heard.IsTableChanged)
        {
            into.Add(KernelEvent.TableChanged.Instance);
        }

        into.AddRange(
            heard.Writers.Select(wrote => new KernelEvent.RouteWritten(wrote.Key, NameWriter(wrote.Value), wrote.Value))
        );
    }

    private void Hear(in RoutingMessage message, Heard heard)
    {
        switch (message.Type)
        {
            case RoutingMessageType.Add or RoutingMessageType.Delete or RoutingMessageType.Change:
                HearRoute(message, heard);
                break;
            case RoutingMessageType.Interface:
                heard.Links.Add(new(message.Header<LinkHeader>().Index));
                break;
            case RoutingMessageType.NewAddress or RoutingMessageType.DeleteAddress:
                heard.Links.Add(new(message.Header<AddressHeader>().Index));
                break;
            default:
                // RTM_MISS comes in floods on macOS 26 and says nothing; nor do lookups and memberships.
                break;
        }
    }

    private void HearRoute(in RoutingMessage message, Heard heard)
    {
        var header = message.Header<RouteHeader>();
        if (header.Errno != DarwinErrno.None || header.ProcessId == _processId)
        {
            return;
        }

        heard.IsTableChanged = true;
        if (header.ProcessId != 0 && _decoder.TryRead(message, out var entry, out _))
        {
            heard.Wrote(entry.Route.Destination, header.ProcessId);
        }
    }

    private string NameWriter(int pid) =>
        string.Create(CultureInfo.InvariantCulture, $"{_system.PathOf(pid) ?? "a program"} (pid {pid})");

    // Anybody can make the kernel repeat a message that says that an interface went down: the list says what is true.
    private void TellLinks(Heard heard, List<KernelEvent> into)
    {
        heard.IsTableChanged = true;
        var links = _reader.ReadLinks();
        foreach (var index in heard.Links)
        {
            var link = links.FirstOrDefault(one => one.Index == index);
            into.Add(
                new KernelEvent.LinkChanged(
                    index,
                    link?.Name ?? _names.GetValueOrDefault(index, index.ToString()),
                    IsUsable: link is { IsUsable: true },
                    IsGone: link is null
                )
            );
        }

        _names = ReadNames(links);
    }

    private static Dictionary<InterfaceIndex, string> ReadNames(IReadOnlyList<NetworkLink> links) =>
        links.DistinctBy(link => link.Index).ToDictionary(link => link.Index, link => link.Name);

    /// <summary>What one wait heard, each thing once.</summary>
    private sealed class Heard
    {
        /// <summary>Writers beyond this are not named; nobody would read them.</summary>
        private const int WritersMax = 64;

        public bool IsTableChanged { get; set; }

        public HashSet<InterfaceIndex> Links { get; } = [];

        public Dictionary<Prefix, int> Writers { get; } = [];

        public void Wrote(Prefix destination, int writer)
        {
            if (Writers.Count < WritersMax)
            {
                Writers[destination] = writer;
            }
        }
    }
}
