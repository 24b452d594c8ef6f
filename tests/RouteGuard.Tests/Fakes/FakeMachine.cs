using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Fakes;

/// <summary>Processes, events, files and the resolver in memory: what surrounds the engine.</summary>
internal sealed class FakeMachine : IMachine, IKernelEvents, IStateStore, IJournal, IDnsSettings
{
    private readonly List<KernelEvent> _pending = [];
    private readonly HashSet<ProcessIdentity> _watched = [];

    public string BootId { get; set; } = "boot-1";

    /// <summary>Live processes and the user that each runs as.</summary>
    public Dictionary<ProcessIdentity, uint> Processes { get; } = [];

    public Dictionary<SessionId, StoredSession> Stored { get; } = [];

    public List<SessionId> Closed { get; } = [];

    public List<JournalRecord> Records { get; } = [];

    public string? DiskProblem { get; set; }

    public ResolverSettings? Resolver { get; set; }

    /// <summary>Called when a wait would block: virtual time passes here.</summary>
    public Action<TimeSpan> OnWait { get; set; } = _ => { };

    public void Tell(KernelEvent happened) => _pending.Add(happened);

    /// <summary>The kernel's buffer was full: what was to be told is gone, and only that is told.</summary>
    public void LoseEvents()
    {
        _pending.Clear();
        _pending.Add(KernelEvent.Lost.Instance);
    }

    public void RepeatEvents() => _pending.AddRange(_pending.ToArray());

    /// <summary>Whoever listened is gone, and with it what it would have been told.</summary>
    public void Forget()
    {
        _pending.Clear();
        _watched.Clear();
    }

    public void Kill(ProcessIdentity process)
    {
        Processes.Remove(process);
        if (_watched.Remove(process))
        {
            Tell(new KernelEvent.ProcessExited(process));
        }
    }

    public ProcessIdentity? TryIdentify(int pid)
    {
        foreach (var process in Processes.Keys)
        {
            if (process.Pid == pid)
            {
                return process;
            }
        }

        return null;
    }

    public uint? TryOwnerOf(int pid) => TryIdentify(pid) is { } process ? Processes[process] : null;

    public void Wait(TimeSpan timeout, List<KernelEvent> into)
    {
        if (_pending.Count == 0)
        {
            OnWait(timeout);
        }

        into.AddRange(_pending);
        _pending.Clear();
    }

    public bool TryWatch(ProcessIdentity process)
    {
        if (!Processes.ContainsKey(process))
        {
            return false;
        }

        _watched.Add(process);
        return true;
    }

    public void Unwatch(ProcessIdentity process) => _watched.Remove(process);

    public void Wake() { }

    public StoredState Load() => new([.. Stored.Values], []);

    public void Create(Session session, Baseline baseline)
    {
        RefuseIfBroken();
        Stored.Add(session.Id, new(session, baseline));
    }

    public void Save(Session session)
    {
        RefuseIfBroken();
        Stored[session.Id] = Stored[session.Id] with { Session = session };
    }

    public void Move(Session session, Baseline baseline)
    {
        RefuseIfBroken();
        Stored[session.Id] = new(session, baseline);
    }

    public void Close(Session session)
    {
        RefuseIfBroken();
        Stored.Remove(session.Id);
        Closed.Add(session.Id);
    }

    public long Append(JournalRecord record)
    {
        RefuseIfBroken();
        Records.Add(record with { Number = Records.Count + 1 });
        return Records.Count;
    }

    public JournalTail ReadTail(int recordsMax) => new([.. Records.TakeLast(recordsMax)], []);

    public ResolverSettingsResult Read() => new(Resolver, null);

    public string? Write(ResolverSettings settings)
    {
        Resolver = settings;
        return null;
    }

    public void Dispose() { }

    private void RefuseIfBroken()
    {
        if (DiskProblem is not null)
        {
            throw new StateStoreException(DiskProblem);
        }
    }
}
