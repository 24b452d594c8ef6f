using System.Diagnostics;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin.Conformance;

/// <summary>A Darwin kernel behind a socket.</summary>
/// <param name="path">Where its service listens.</param>
/// <param name="service">Disposed with the lab, if this lab has started it.</param>
internal sealed class SocketLab(string path, IDisposable? service = null) : IDarwinLab, IRoutingKernel
{
    private readonly XnuSocketConnection _commands = Deaf(path);
    private readonly List<XnuSocketConnection> _open = [];
    private readonly List<XnuSocketConnection> _ours = [];

    public IRoutingKernel Kernel => this;

    public int ProcessId => XnuSimulator.UsualProcessId;

    public IRoutingSocket OpenRoutingSocket()
    {
        var connection = new XnuSocketConnection(path);
        _open.Add(connection);
        _ours.Add(connection);
        return connection;
    }

    public int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes) =>
        _commands.Sysctl(name, into, out lengthBytes);

    public int IndexOf(string interfaceName) =>
        _commands.Command($"index {interfaceName}") is var (errno, text)
        && errno == 0
        && int.TryParse(text, out var index)
            ? index
            : 0;

    public IKernelQueue NewQueue() => new PollingQueue();

    public IRoutingSocket OpenAs(int processId)
    {
        var connection = new XnuSocketConnection(path);
        _open.Add(connection);
        Assert.Equal(0, connection.Command($"pid {processId}").Errno);
        return connection;
    }

    public void Pause() => _ours.ForEach(connection => Assert.Equal(0, connection.Command("pause").Errno));

    public void Resume() => _ours.ForEach(connection => Assert.Equal(0, connection.Command("resume").Errno));

    public string Command(string text)
    {
        var (errno, answer) = _commands.Command(text);
        return errno == 0
            ? answer
            : throw new InvalidOperationException($"{text}: {DarwinErrno.NameOf(errno)} {answer}");
    }

    public void Dispose()
    {
        _open.ForEach(connection => connection.Dispose());
        _commands.Dispose();
        service?.Dispose();
    }

    // Nobody reads what this one hears, and a service that cannot push on would stand still.
    private static XnuSocketConnection Deaf(string path)
    {
        var connection = new XnuSocketConnection(path);
        Assert.Equal(0, connection.Command("pause").Errno);
        return connection;
    }

    /// <summary>Waits in real time for connections; watches no processes.</summary>
    private sealed class PollingQueue : IKernelQueue
    {
        private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(5);

        private readonly List<XnuSocketConnection> _watched = [];

        public void WatchSocket(IRoutingSocket socket) => _watched.Add((XnuSocketConnection)socket);

        public int WatchProcess(int pid) => DarwinErrno.NoSuchEntry;

        public void UnwatchProcess(int pid) { }

        public void Wait(TimeSpan timeout, List<QueueSign> into)
        {
            var clock = Stopwatch.StartNew();
            do
            {
                if (_watched.Exists(connection => connection.WaitReadable(TimeSpan.Zero)))
                {
                    into.Add(QueueSign.SocketReadable.Instance);
                    return;
                }

                _watched.ForEach(connection => connection.WaitReadable(Slice));
            } while (clock.Elapsed < timeout);
        }

        public void Wake() { }

        public void Dispose() => _watched.Clear();
    }
}
