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
    /// <summary>Closed sessions that can still be told from unknown ones.</summary>
    private const int ClosedRememberedMax = 64;

    private GuardOptions _options = options;
    private readonly List<GuardedSession> _sessions = [];
    private readonly List<string> _startFaults = [];
    private readonly List<KernelEvent> _events = [];
    private readonly Queue<(SessionId Id, string Why)> _closed = [];
    private readonly LeakWatch _leaks = new(time);
    private readonly PathWatch _paths = new();
    private RouteTable? _observed;
    private DateTimeOffset? _lastPassAt;

    /// <summary>When the guard last looked for itself: whoever asks for the table often must not put that
    /// off.</summary>
    private DateTimeOffset? _auditedAt;
    private DateTimeOffset? _firstHintAt;
    private DateTimeOffset? _lastHintAt;
    private RestoreReport? _lastRestore;
    private GuardMeter _meter = new();
    private string? _storageProblem;
    private string? _kernelProblem;
    private volatile RestoreProgress? _progress;
    private volatile bool _isStopping;

    /// <summary>The kernel dropped events, and nothing was read since.</summary>
    private bool _hasLostEvents;

    public IReadOnlyList<Session> Sessions => [.. _sessions.Select(guarded => guarded.Session)];

    public RestoreProgress? Progress => _progress;

    public void Stop() => _isStopping = true;

    public void SetPeriods(GuardPeriods periods) =>
        _options = _options with
        {
            AuditEvery = periods.AuditEvery,
            UpAfterQuiet = periods.UpAfterQuiet,
            BaselineGrace = periods.BaselineGrace,
        };

    public Session Begin(BeginRequest request)
    {
        var owner = RequestCheck.Begin(request, ports.Machine);
        if (_sessions.Count >= _options.SessionsMax)
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot begin a session: {_sessions.Count} are open already. End one with routeguard session end ID."
            );
        }

        _aftercare = null;
        BuryTheDead();
        RestoreWhatIsBroken();
        _auditedAt = time.GetUtcNow();
        var table = Observe();
        RefuseBesideAnother(table);
        var baseline = TakeBaseline(table);
        if (_sessions.FindLast(IsBroken) is { } broken)
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
            OnDrift = request.OnDrift,
            Lease = request.Lease,
            Probe = RequestCheck.Probe(request, ports.Probes),
            BegunAt = time.GetUtcNow(),
            BootId = ports.Machine.BootId,
        };
        var guarded = new GuardedSession(session, baseline) { IsWatched = true };
        Store(guarded);
        if (owner is { } process && !ports.Events.TryWatch(process))
        {
            ports.Store.Close(session with { Phase = SessionPhase.Closed });
            throw new GuardException(
                GuardRefusal.Invalid,
                $"Cannot begin a session: process {process.Pid} ended just now."
            );
        }

        Renew(guarded);
        _sessions.Add(guarded);
        Note(JournalKind.SessionBegun, session.Id, Describe(session));
        return session;
    }

    public Session Up(SessionId id, UpRequest request)
    {
        RequestCheck.Up(request);
        var guarded = Find(id);
        if (IsBroken(guarded))
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot take session {id} up: it is being restored. Begin a new one."
            );
        }

        _auditedAt = time.GetUtcNow();
        var table = Observe();
        guarded.Session = guarded.Session with { Tunnel = request.Tunnel ?? guarded.Session.Tunnel };
        if (guarded.Session.Phase == SessionPhase.Up)
        {
            // Said once more: what came since is not all the session's.
            LearnMore(guarded, table);
        }
        else
        {
            LearnAll(guarded, table);
        }

        // What it wrote until now is learned; what goes from now on is judged by who took it.
        guarded.WroteItself.Clear();
        if (request.Routes is { } lines)
        {
            Declare(guarded, RequestCheck.Routes(lines, table.Names), table);
        }

        guarded.Session = guarded.Session with
        {
            Phase = SessionPhase.Up,
            ConfirmBy = request.ConfirmWithin is { } wait ? time.GetUtcNow() + wait : null,
        };
        Renew(guarded);
        Save(guarded);
        Note(JournalKind.SessionUp, id, "the VPN says that its routes are in", OverlayLines(guarded, table));
        Announce(guarded, table);
        foreach (var one in _sessions)
        {
            Arm(one, table);
        }

        return guarded.Session;
    }

    public Session Confirm(SessionId id)
    {
        var guarded = Find(id);
        if (guarded.Session.ConfirmBy is not null)
        {
            guarded.Session = guarded.Session with { ConfirmBy = null };
            Save(guarded);
            Note(JournalKind.Note, id, "its overlay was confirmed");
        }

        return guarded.Session;
    }

    public Session Heartbeat(SessionId id)
    {
        var guarded = Find(id);
        if (guarded.Session.Lease is null)
        {
            throw new GuardException(
                GuardRefusal.Conflict,
                $"Cannot renew the lease of session {id}: it was begun without one. Begin one with a lease."
            );
        }

        Renew(guarded);
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

        var ended = Find(id);
        BuryTheDead(ended);
        return Restore([ended], "the session was ended", isDryRun: false, isAsked: true);
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
            _meter = _meter with { Passes = _meter.Passes + 1, Resyncs = _meter.Resyncs + (_hasLostEvents ? 1 : 0) };
            _hasLostEvents = false;
            _paths.Keep(_observed, _lastPassAt.Value, _sessions.Count > 0);
            WatchLeaks(_observed);
            return _observed;
        }
        catch (KernelRoutesException refused)
        {
            _kernelProblem = refused.Message;
            throw new GuardException(GuardRefusal.Kernel, refused.Message, refused);
        }
    }

    public void Dispose()
    {
        ports.Kernel.Dispose();
        ports.Events.Dispose();
        ports.Probes?.Dispose();
        foreach (var one in owned ?? [])
        {
            one.Dispose();
        }
    }

    // Of two that change the table at once nobody could tell whose a change is.
    private void RefuseBesideAnother(RouteTable table)
    {
        foreach (var guarded in _sessions.Where(IsLearner).ToArray())
        {
            Learn(guarded, table);
            if (guarded.Session is { Phase: SessionPhase.Begun, Overlay.IsEmpty: false })
            {
                throw new GuardException(
                    GuardRefusal.Conflict,
                    $"Cannot begin a session: {guarded.Session.Id} is changing routes, and two at once look alike. Try again in {_options.UpAfterQuiet.TotalSeconds:0.#} s, or say session up for it."
                );
            }
        }
    }

    private void Store(GuardedSession guarded)
    {
        try
        {
            ports.Store.Create(guarded.Session, guarded.Baseline);
        }
        catch (StateStoreException refused)
        {
            throw new GuardException(GuardRefusal.Storage, refused.Message, refused);
        }
    }

    private static bool IsBroken(GuardedSession guarded) =>
        guarded.Session.Phase is SessionPhase.Restoring or SessionPhase.Holding;

    private void Renew(GuardedSession guarded) => guarded.LeaseUntil = time.GetUtcNow() + guarded.Session.Lease;

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
            Truth = ports.Truth.Read(),
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
}
