namespace RouteGuard.Core.Api;

/// <summary>A session as the API shows it. Routes and rules are in the words of <c>ip</c>.</summary>
/// <param name="Id">Lower-case letters, digits and hyphens, at most 64.</param>
/// <param name="Label">What the user calls the VPN; may be empty.</param>
/// <param name="Phase">begun, up, restoring, holding or closed.</param>
/// <param name="OnDeath">restore, hold or keep.</param>
/// <param name="OwnerPid">The VPN's process; absent when none is watched.</param>
/// <param name="BegunByUid">The user that may take it up, give its signs of life and end it.</param>
/// <param name="Tunnel">The tunnel's interface; absent while it is not known.</param>
/// <param name="BegunAt">When its baseline was taken.</param>
/// <param name="OwnedRoutes">What it made.</param>
/// <param name="TakenRoutes">What it took away or replaced.</param>
/// <param name="OwnedRules">Policy rules that it made.</param>
/// <param name="TakenRules">Policy rules that it took away.</param>
public sealed record SessionView(
    string Id,
    string Label,
    string Phase,
    string OnDeath,
    int? OwnerPid,
    uint BegunByUid,
    string? Tunnel,
    DateTimeOffset BegunAt,
    IReadOnlyList<string> OwnedRoutes,
    IReadOnlyList<string> TakenRoutes,
    IReadOnlyList<string> OwnedRules,
    IReadOnlyList<string> TakenRules
)
{
    /// <summary>reassert, report or restore.</summary>
    public required string OnDrift { get; init; }

    /// <summary>Without a sign of life for this long it is dead; absent when it promised none.</summary>
    public double? LeaseSeconds { get; init; }

    /// <summary>Who is asked through the tunnel; absent when nobody is.</summary>
    public string? Probe { get; init; }

    /// <summary>Without a confirmation until then its overlay is rolled back; absent when none is awaited.</summary>
    public DateTimeOffset? ConfirmBy { get; init; }
}

/// <summary>Counts since the guard was started.</summary>
/// <param name="Reasserts">Steps that put a live session's routes back.</param>
/// <param name="Drifts">Differences that somebody else made.</param>
/// <param name="LeakedSeconds">For how long a default was missing or wrong, both families together.</param>
public sealed record MeterView(long Reasserts, long Drifts, double LeakedSeconds);

/// <summary>One event of GET /v1/events.</summary>
/// <param name="At">When the guard noticed it.</param>
/// <param name="Kind">session, restore, problem, drift, contest, verdict or lost.</param>
/// <param name="Text">What happened; a sentence or a word.</param>
/// <param name="Session">Whose it is, if it is one session's.</param>
public sealed record EventView(DateTimeOffset At, string Kind, string Text, string? Session);

/// <summary>GET /healthz.</summary>
/// <param name="Alive">The guard's loop turned within its bound.</param>
/// <param name="LastTurnAgeSeconds">How long ago it turned.</param>
public sealed record AliveView(bool Alive, double LastTurnAgeSeconds);

/// <summary>GET /health.</summary>
/// <param name="Verdict">ok, guarding, restoring, drift, contested or degraded.</param>
/// <param name="Problems">What is wrong and what to do; sentences.</param>
/// <param name="Drift">Differences from baseline and overlay.</param>
/// <param name="Sessions">How many are open.</param>
/// <param name="LastPassAt">When the kernel was last read.</param>
/// <param name="LastPassAgeSeconds">How long ago that is.</param>
public sealed record HealthView(
    string Verdict,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Drift,
    int Sessions,
    DateTimeOffset? LastPassAt,
    double? LastPassAgeSeconds
)
{
    /// <summary>The guard's loop turned within its bound.</summary>
    public required bool IsAlive { get; init; }

    /// <summary>How each family fares, IPv4 first; empty before the first look.</summary>
    public required IReadOnlyList<FamilyView> Families { get; init; }

    /// <summary>What is contested, until when it is left, and who else writes it, if that is known.</summary>
    public required IReadOnlyList<string> Contests { get; init; }

    /// <summary>Counts since the guard was started.</summary>
    public required MeterView Meter { get; init; }
}

/// <summary>GET /v1/status.</summary>
/// <param name="Version">The daemon's.</param>
/// <param name="Verdict">ok, guarding, restoring, drift, contested or degraded.</param>
/// <param name="Problems">What is wrong and what to do; sentences.</param>
/// <param name="Drift">Differences from baseline and overlay.</param>
/// <param name="Sessions">Those that are open, oldest first.</param>
/// <param name="LastPassAt">When the kernel was last read; absent before the first time.</param>
/// <param name="LastRestore">The last one of this run of the daemon; absent when there was none.</param>
public sealed record StatusView(
    string Version,
    string Verdict,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Drift,
    IReadOnlyList<SessionView> Sessions,
    DateTimeOffset? LastPassAt,
    ReportView? LastRestore
)
{
    /// <summary>How each family fares, IPv4 first; empty before the first look.</summary>
    public required IReadOnlyList<FamilyView> Families { get; init; }

    /// <summary>What is contested, until when it is left, and who else writes it, if that is known.</summary>
    public required IReadOnlyList<string> Contests { get; init; }

    /// <summary>Counts since the guard was started.</summary>
    public required MeterView Meter { get; init; }
}

/// <summary>What a restore did or would do.</summary>
/// <param name="Result">nothingToDo, planned, restored, partlyRestored or failed.</param>
/// <param name="At">When it ended.</param>
/// <param name="TookMilliseconds">From the sign of death, or the request, to the verified table.</param>
/// <param name="Cause">Why it was done.</param>
/// <param name="Sessions">Whose baseline it was.</param>
/// <param name="Steps">In the order in which they were done; the first ones and those that were refused.</param>
/// <param name="StepsTotal">How many there were.</param>
/// <param name="LeftAlone">What is not as wanted and was not written.</param>
/// <param name="Problems">What went wrong beside the routes.</param>
public sealed record ReportView(
    string Result,
    DateTimeOffset At,
    double TookMilliseconds,
    string Cause,
    IReadOnlyList<string> Sessions,
    IReadOnlyList<StepView> Steps,
    int StepsTotal,
    IReadOnlyList<LeftAloneView> LeftAlone,
    IReadOnlyList<string> Problems
);

/// <summary>One step.</summary>
/// <param name="Step">In the words of <c>ip</c>.</param>
/// <param name="Reason">Completes "because it …".</param>
/// <param name="Outcome">The kernel's answer; absent when the step was only planned.</param>
public sealed record StepView(string Step, string Reason, string? Outcome);

/// <summary>Something that was not written.</summary>
/// <param name="What">The entry in the words of <c>ip</c>.</param>
/// <param name="Why">A sentence.</param>
/// <param name="IsLoss">True when the baseline wanted it: the restore is then only partly done.</param>
public sealed record LeftAloneView(string What, string Why, bool IsLoss);

/// <summary>GET /v1/routes and POST /v1/snapshot: a table in the words of <c>ip</c>.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Routes">Of all tables and both families.</param>
/// <param name="Rules">Policy rules; empty where the system has none.</param>
/// <param name="Interfaces">Number, name, up, down or no-carrier, and addresses.</param>
public sealed record TableView(
    DateTimeOffset At,
    IReadOnlyList<string> Routes,
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> Interfaces
);

/// <summary>RFC 9457.</summary>
/// <param name="Type">about:blank: the status says it all.</param>
/// <param name="Title">The refusal in one word.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">A sentence: Cannot X: Y. Do Z.</param>
public sealed record ProblemView(string Type, string Title, int Status, string Detail);
