using RouteGuard.Core.Baselines;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>What can be asked of the guard, by the API, by the command line without a daemon, and by tests.</summary>
/// <remarks>Not thread-safe: every call is made on the thread that owns the routes.</remarks>
public interface IGuard
{
    /// <summary>Takes the baseline, stores it, and starts watching. Answers only when it is on disk.</summary>
    /// <exception cref="GuardException">Invalid request, dead process, storage, or kernel refusal: nothing was
    /// begun.</exception>
    Session Begin(BeginRequest request);

    /// <summary>The VPN says that its routes are in: learns the overlay, or takes the declared one.</summary>
    Session Up(SessionId id, UpRequest request);

    /// <summary>Somebody found that the machine still works: the overlay stays.</summary>
    Session Confirm(SessionId id);

    /// <summary>The VPN's sign of life within its lease.</summary>
    Session Heartbeat(SessionId id);

    /// <summary>A clean stop: removes what the VPN left and puts back what it took.</summary>
    RestoreReport End(SessionId id);

    /// <summary>Puts the baseline back: of one session, or of all open ones, newest first.</summary>
    RestoreReport Restore(SessionId? id, bool isDryRun);

    /// <summary>Puts a stored baseline back that belongs to no session; deletes nothing.</summary>
    RestoreReport RestoreTo(Baseline baseline, bool isDryRun);

    /// <summary>Takes a baseline without a session.</summary>
    Baseline Snapshot();

    /// <summary>A fresh read of the kernel.</summary>
    RouteTable Observe();

    /// <summary>Open sessions, oldest first.</summary>
    IReadOnlyList<Session> Sessions { get; }

    GuardStatus Status();
}

/// <summary>How a session is begun.</summary>
/// <param name="Label">What the user calls the VPN: printable, at most <see cref="Session.LabelLengthMax"/>
/// characters.</param>
/// <param name="OwnerPid">The VPN's process, or null when only the tunnel tells.</param>
/// <param name="Tunnel">The tunnel's name, if known before.</param>
/// <param name="OnDeath">What to do when it dies.</param>
/// <param name="Uid">Who asks. Unless root, the owner must be a process of the same user.</param>
public sealed record BeginRequest(string Label, int? OwnerPid, string? Tunnel, DeathPolicy OnDeath, uint Uid)
{
    /// <summary>What to do when somebody moves its routes.</summary>
    public DriftPolicy OnDrift { get; init; } = DriftPolicy.Reassert;

    /// <summary>How long it may be silent: 5 s to 1 h; null when it will give no signs of life.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>An address that answers an echo request only through the tunnel; null when there is none to
    /// ask.</summary>
    public string? Probe { get; init; }
}

/// <summary>What a VPN says when its routes are in.</summary>
/// <param name="Tunnel">The tunnel's name, if it is known now.</param>
public sealed record UpRequest(string? Tunnel)
{
    /// <summary>More than this is a mistake or an attack.</summary>
    public const int RoutesMax = 10_000;

    /// <summary>Its routes in the words of <c>ip route</c>; null lets the guard find out.</summary>
    public IReadOnlyList<string>? Routes { get; init; }

    /// <summary>Without a confirmation within this the overlay is rolled back; null needs none.</summary>
    public TimeSpan? ConfirmWithin { get; init; }
}

/// <summary>One word of health.</summary>
public enum Verdict
{
    /// <summary>No session; nothing to guard.</summary>
    Ok,
    Guarding,
    Restoring,

    /// <summary>The table is not what baseline and overlay say.</summary>
    Drift,

    /// <summary>Somebody keeps undoing what we write, and for a while we let them.</summary>
    Contested,

    /// <summary>Something wanted cannot be had; <see cref="GuardStatus.Problems"/> says what.</summary>
    Degraded,
}

/// <summary>The guard at one moment.</summary>
/// <param name="Verdict">One word.</param>
/// <param name="Problems">Sentences: what is wrong and what to do. Empty when all is well.</param>
/// <param name="Drift">Differences from baseline and overlay while a session lives, in the words of <c>ip</c>.</param>
/// <param name="Sessions">Open sessions.</param>
/// <param name="LastPassAt">When the kernel was last read.</param>
/// <param name="LastRestore">The last restore of this run of the daemon.</param>
public sealed record GuardStatus(
    Verdict Verdict,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Drift,
    IReadOnlyList<Session> Sessions,
    DateTimeOffset? LastPassAt,
    RestoreReport? LastRestore
)
{
    /// <summary>What is contested, until when we leave it, and who else writes it, if that is known.</summary>
    public IReadOnlyList<string> Contests { get; init; } = [];

    /// <summary>How each family fares, IPv4 first; empty before the first look.</summary>
    public IReadOnlyList<FamilyHealth> Families { get; init; } = [];

    public GuardMeter Meter { get; init; } = new();
}

/// <summary>Counts since the guard was started.</summary>
public sealed record GuardMeter
{
    /// <summary>Full reads of the table.</summary>
    public long Passes { get; init; }

    /// <summary>Times that the kernel dropped events.</summary>
    public long EventsLost { get; init; }

    /// <summary>Full reads that lost events made necessary.</summary>
    public long Resyncs { get; init; }

    /// <summary>Differences that somebody else made.</summary>
    public long Drifts { get; init; }

    /// <summary>The same, told apart by family, kind and actor.</summary>
    public IReadOnlyList<DriftCount> DriftCounts { get; init; } = [];

    /// <summary>Steps that put a live session's routes back.</summary>
    public long Reasserts { get; init; }

    public long Restores { get; init; }

    /// <summary>How long the last ones took, newest last, at most <see cref="RestoreTimesMax"/>.</summary>
    public IReadOnlyList<TimeSpan> RestoreTimes { get; init; } = [];

    /// <summary>More restores than these end in no one turn of the guard.</summary>
    public const int RestoreTimesMax = 64;

    /// <summary>For how long a default was missing or wrong, both families together.</summary>
    public TimeSpan Leaked { get; init; }

    /// <summary>For how long something was contested.</summary>
    public TimeSpan Contested { get; init; }
}

/// <summary>How a restore went.</summary>
public enum RestoreResult
{
    NothingToDo,

    /// <summary>A dry run: steps were planned, none was done.</summary>
    Planned,
    Restored,

    /// <summary>Something of the baseline could not be had.</summary>
    PartlyRestored,

    /// <summary>The table is not as planned, and further passes did not help.</summary>
    Failed,
}

/// <summary>What a restore did.</summary>
public sealed record RestoreReport
{
    /// <summary>More steps than anybody reads; the rest is counted.</summary>
    public const int StepsMax = 1000;

    public required RestoreResult Result { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>From the sign of death, or the request, to the verified table.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Why it was done: the sign of death or who asked.</summary>
    public string Cause { get; init; } = string.Empty;

    public IReadOnlyList<SessionId> Sessions { get; init; } = [];

    /// <summary>The first steps and those that were refused, at most <see cref="StepsMax"/>.</summary>
    public IReadOnlyList<ReportedStep> Steps { get; init; } = [];

    /// <summary>All steps, the ones that are not listed included.</summary>
    public int StepsTotal { get; init; }

    public IReadOnlyList<LeftAlone> LeftAlone { get; init; } = [];

    /// <summary>What went wrong beside the routes (journal, resolver); sentences.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>A step in words.</summary>
/// <param name="Step">What, in the words of <c>ip</c>.</param>
/// <param name="Reason">Completes "because it …".</param>
/// <param name="Outcome">What became of it; null in a dry run.</param>
public sealed record ReportedStep(string Step, string Reason, string? Outcome);

/// <summary>Why the guard said no.</summary>
public enum GuardRefusal
{
    /// <summary>The request makes no sense.</summary>
    Invalid,

    /// <summary>No such session.</summary>
    NotFound,

    /// <summary>The caller may not.</summary>
    NotPermitted,

    /// <summary>Not in this state.</summary>
    Conflict,

    /// <summary>The disk refused.</summary>
    Storage,

    /// <summary>The kernel refused.</summary>
    Kernel,
}

/// <summary>The guard said no; nothing was changed. The message has the form of the CLI: Cannot X: Y. Do Z.</summary>
public sealed class GuardException(GuardRefusal refusal, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public GuardRefusal Refusal { get; } = refusal;
}
