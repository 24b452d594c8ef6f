using System.Globalization;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>The guarding engine: sessions, passes, restores. One thread owns it, and with it the routes.</summary>
/// <remarks>
/// It never acts on what an event says, with one exception: when the tunnel's own link goes down, additions that were
/// planned and journaled while it lived are sent at once. They are exclusive additions of baseline routes, so they can
/// add what is missing and can harm nothing that is there; the full read follows and decides the rest.
/// </remarks>
/// <param name="ports">Everything outside.</param>
/// <param name="options">Bounds and periods.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Tells session ids apart; nothing is decided by it.</param>
/// <param name="owned">Disposed with the guard, in this order.</param>
public sealed partial class Guard(
    GuardPorts ports,
    GuardOptions options,
    TimeProvider time,
    Random chance,
    IReadOnlyList<IDisposable>? owned = null
) : IGuardEngine
{
    /// <summary>IFNAMSIZ less the terminating zero.</summary>
    private const int InterfaceNameLengthMax = 15;

    /// <summary>Closed sessions that can still be told from unknown ones.</summary>
    private const int ClosedRememberedMax = 64;

    private readonly List<GuardedSession> _sessions = [];
    private readonly List<string> _startFaults = [];
    private readonly List<KernelEvent> _events = [];
    private readonly Queue<(SessionId Id, string Why)> _closed = [];
    private RouteTable? _observed;
    private DateTimeOffset? _lastPassAt;
    private DateTimeOffset? _firstHintAt;
    private DateTimeOffset? _lastHintAt;
    private RestoreReport? _lastRestore;
    private string? _storageProblem;
    private string? _kernelProblem;

    public IReadOnlyList<Session> Sessions => [.. _sessions.Select(guarded => guarded.Session)];

    public Session Begin(BeginRequest request)
    {
        var owner = CheckBegin(request);
        RetryPending();
        var baseline = TakeBaseline(Observe());
        if (_sessions.FindLast(guarded => guarded.Session.Phase == SessionPhase.Restoring) is { } broken)
        {
            // What a crash left behind is no baseline: the one that could not be restored yet is handed on.
            baseline = broken.Baseline;
            Close(broken, "its baseline is handed on to a new session");
        }

        var session = new Session
        {
            Id = NewId(),
            Label = request.Label,
            Owner = owner,
            BegunByUid = request.Uid,
            Tunnel = request.Tunnel,
            OnDeath = request.OnDeath,
            BegunAt = time.GetUtcNow(),
            BootId = ports.Machine.BootId,
        };
        var guarded = new GuardedSession(session, baseline) { IsWatched = true };
        try
        {
            ports.Store.Create(session, guarded.Baseline);
        }
        catch (StateStoreException refused)
        {
            throw new GuardException(GuardRefusal.Storage, refused.Message, refused);
        }

        if (owner is { } process && !ports.Events.TryWatch(process))
        {
            ports.Store.Close(session with { Phase = SessionPhase.Closed });
            throw new GuardException(
                GuardRefusal.Invalid,
                $"Cannot begin a session: process {process.Pid} ended just now."
            );
        }

        _sessions.Add(guarded);
        Note(JournalKind.SessionBegun, session.Id, Describe(session));
        return session;
    }

    public Session Up(SessionId id, string? tunnel)
    {
        var guarded = Find(id);
        if (guarded.Session.Phase is SessionPhase.Restoring)
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot take session {id} up: it is being restored. Begin a new one."
            );
        }

        if (tunnel is not null)
        {
            CheckInterfaceName(tunnel);
            guarded.Session = guarded.Session with { Tunnel = tunnel };
        }

        var table = Observe();
        LearnAll(guarded, table);
        guarded.Session = guarded.Session with { Phase = SessionPhase.Up };
        Save(guarded);
        Note(JournalKind.SessionUp, id, "the VPN says that its routes are in", OverlayLines(guarded, table));
        Arm(guarded, table);
        return guarded.Session;
    }

    public RestoreReport End(SessionId id)
    {
        if (_closed.LastOrDefault(closed => closed.Id == id) is { Why: { } why })
        {
            return new()
            {
                Result = RestoreResult.NothingToDo,
                At = time.GetUtcNow(),
                Cause = $"it was closed already: {why}",
                Sessions = [id],
            };
        }

        return Restore([Find(id)], "the session was ended", isDryRun: false, isAsked: true);
    }

    public RestoreReport Restore(SessionId? id, bool isDryRun)
    {
        var asked = id is { } one ? [Find(one)] : Enumerable.Reverse(_sessions).ToList();
        return Restore(asked, "a restore was asked for", isDryRun, isAsked: true);
    }

    public Baseline Snapshot() => TakeBaseline(Observe());

    public RouteTable Observe()
    {
        try
        {
            _observed = ports.Kernel.Read();
            _lastPassAt = time.GetUtcNow();
            _kernelProblem = null;
            return _observed;
        }
        catch (KernelRoutesException refused)
        {
            _kernelProblem = refused.Message;
            throw new GuardException(GuardRefusal.Kernel, refused.Message, refused);
        }
    }

    public GuardStatus Status()
    {
        List<string> problems = [.. _startFaults];
        problems.AddRange(new[] { _storageProblem, _kernelProblem }.OfType<string>());
        problems.AddRange(_sessions.SelectMany(guarded => guarded.Losses));
        string[] drift = [.. _sessions.SelectMany(guarded => guarded.Drift)];
        var verdict =
            problems.Count > 0 ? Verdict.Degraded
            : _sessions.Exists(guarded => guarded.Session.Phase == SessionPhase.Restoring) ? Verdict.Restoring
            : drift.Length > 0 ? Verdict.Drift
            : _sessions.Count > 0 ? Verdict.Guarding
            : Verdict.Ok;
        return new(verdict, problems, drift, Sessions, _lastPassAt, _lastRestore);
    }

    public void Dispose()
    {
        ports.Kernel.Dispose();
        ports.Events.Dispose();
        foreach (var one in owned ?? [])
        {
            one.Dispose();
        }
    }

    private ProcessIdentity? CheckBegin(BeginRequest request)
    {
        if (request.Label.Length > Session.LabelLengthMax || request.Label.Any(char.IsControl))
        {
            throw Invalid(
                $"the label is not printable text of at most {Session.LabelLengthMax} characters. Choose a shorter one."
            );
        }

        if (_sessions.Count >= options.SessionsMax)
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot begin a session: {_sessions.Count} are open already. End one with routeguard session end ID."
            );
        }

        if (request.Tunnel is not null)
        {
            CheckInterfaceName(request.Tunnel);
        }

        if (request.OwnerPid is not { } pid)
        {
            return null;
        }

        var owner =
            ports.Machine.TryIdentify(pid) ?? throw Invalid($"process {pid} does not run. Give the pid of the VPN.");
        return request.Uid == 0 || ports.Machine.TryOwnerOf(pid) == request.Uid
            ? owner
            : throw new GuardException(
                GuardRefusal.NotPermitted,
                $"Cannot begin a session: process {pid} belongs to another user. Begin it as that user or as root."
            );
    }

    private static void CheckInterfaceName(string name)
    {
        if (
            name.Length is 0 or > InterfaceNameLengthMax
            || name.Any(letter => letter is '/' or ':' || letter <= ' ' || letter > '~')
        )
        {
            throw Invalid(
                $"the tunnel's name is not one of an interface (1 to {InterfaceNameLengthMax} characters, no blank, '/' or ':')."
            );
        }
    }

    private static GuardException Invalid(string what) => new(GuardRefusal.Invalid, $"Cannot begin a session: {what}");

    private GuardedSession Find(SessionId id) =>
        _sessions.Find(guarded => guarded.Session.Id == id)
        ?? throw new GuardException(
            GuardRefusal.NotFound,
            $"Cannot find session {id}: no open session has this id. See routeguard session list."
        );

    // The machine without any VPN: what live sessions changed is taken off, newest first.
    private Baseline TakeBaseline(RouteTable table)
    {
        var resolver = ports.Dns.Read().Settings;
        foreach (var guarded in Enumerable.Reverse(_sessions))
        {
            table = guarded.Session.Overlay.TakenOff(table);
            resolver =
                resolver is not null && resolver == guarded.Session.Overlay.Resolver
                    ? guarded.Baseline.Resolver
                    : resolver;
        }

        return new()
        {
            TakenAt = time.GetUtcNow(),
            BootId = ports.Machine.BootId,
            Table = table,
            Resolver = resolver,
        };
    }

    private SessionId NewId() =>
        SessionId.Parse(
            string.Create(
                CultureInfo.InvariantCulture,
                $"s{time.GetUtcNow():yyyyMMdd-HHmmss}-{chance.Next(0x10000):x4}{chance.Next(0x10000):x4}"
            )
        );

    private static string Describe(Session session) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"label '{session.Label}', owner {session.Owner?.Pid.ToString(CultureInfo.InvariantCulture) ?? "none"}, tunnel {session.Tunnel ?? "to be learned"}"
        );

    // A disk that refuses must not stop a restore: the refusal becomes the verdict.
    private long Note(
        JournalKind kind,
        SessionId? session,
        string text,
        IReadOnlyList<string>? lines = null,
        long concludes = 0
    )
    {
        try
        {
            var number = ports.Journal.Append(
                new()
                {
                    At = time.GetUtcNow(),
                    Kind = kind,
                    Session = session,
                    Text = text,
                    Concludes = concludes,
                    Lines = lines ?? [],
                }
            );
            _storageProblem = null;
            return number;
        }
        catch (StateStoreException refused)
        {
            _storageProblem = refused.Message;
            return 0;
        }
    }

    // Bounded before a word is printed: a plan may have a hundred thousand steps.
    private static string[] Cut<T>(IReadOnlyCollection<T> items, Func<T, string> print) =>
        items.Count <= JournalRecord.LinesMax
            ? [.. items.Select(print)]
            :
            [
                .. items.Take(JournalRecord.LinesMax).Select(print),
                $"… and {items.Count - JournalRecord.LinesMax} more",
            ];

    private void Save(GuardedSession guarded)
    {
        try
        {
            ports.Store.Save(guarded.Session);
            _storageProblem = null;
        }
        catch (StateStoreException refused)
        {
            _storageProblem = refused.Message;
        }
    }
}
