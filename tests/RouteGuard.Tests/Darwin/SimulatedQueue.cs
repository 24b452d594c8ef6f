using Microsoft.Extensions.Time.Testing;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>A kqueue over simulated sockets. Time passes only while somebody waits here.</summary>
/// <param name="time">The clock that a wait moves.</param>
/// <param name="system">Whose processes it watches.</param>
internal sealed class SimulatedQueue(FakeTimeProvider time, SimulatedSystem system) : IKernelQueue
{
    private readonly List<SimulatedSocket> _sockets = [];
    private readonly HashSet<int> _watched = [];
    private readonly List<QueueSign> _told = [];
    private readonly PriorityQueue<Action, DateTimeOffset> _plans = new();

    /// <summary>Plays something after this much time, in the midst of a wait.</summary>
    public void Later(TimeSpan after, Action happens) => _plans.Enqueue(happens, time.GetUtcNow() + after);

    /// <summary>configd says that something about networks changed.</summary>
    public void TellNetworkChanged() => _told.Add(QueueSign.NetworkChanged.Instance);

    /// <summary>The process ends; whoever watches it is told.</summary>
    public void Exit(int pid)
    {
        system.Processes.Remove(pid);
        if (_watched.Remove(pid))
        {
            _told.Add(new QueueSign.ProcessExited(pid));
        }
    }

    public void WatchSocket(IRoutingSocket socket) => _sockets.Add((SimulatedSocket)socket);

    public int WatchProcess(int pid)
    {
        if (!system.Processes.ContainsKey(pid))
        {
            return DarwinErrno.NoSuchEntry;
        }

        _watched.Add(pid);
        return DarwinErrno.None;
    }

    public void UnwatchProcess(int pid) => _watched.Remove(pid);

    public void Wait(TimeSpan timeout, List<QueueSign> into)
    {
        var end = time.GetUtcNow() + timeout;
        while (!Take(into))
        {
            if (_plans.TryPeek(out _, out var at) && at <= end)
            {
                time.Advance(at > time.GetUtcNow() ? at - time.GetUtcNow() : TimeSpan.Zero);
                _plans.Dequeue()();
                continue;
            }

            if (end > time.GetUtcNow())
            {
                time.Advance(end - time.GetUtcNow());
            }

            return;
        }
    }

    public void Wake() => _told.Add(QueueSign.Woken.Instance);

    public void Dispose() => _sockets.Clear();

    private bool Take(List<QueueSign> into)
    {
        into.AddRange(_told);
        _told.Clear();
        if (_sockets.Exists(socket => socket.Waiting > 0))
        {
            into.Add(QueueSign.SocketReadable.Instance);
        }

        return into.Count > 0;
    }
}
