using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Journal;

/// <summary>Whose a family's default path is. Names are part of the file format.</summary>
public enum PathOwner
{
    /// <summary>The machine's own, as it was before the VPN.</summary>
    Baseline,

    /// <summary>A session's tunnel.</summary>
    Session,

    /// <summary>A session made it, and it leads past its tunnel.</summary>
    Beside,

    /// <summary>Neither: somebody wrote it while a session was open.</summary>
    Foreign,

    /// <summary>A dead session holds it: nothing leaves.</summary>
    Held,

    /// <summary>A route or a rule of somebody else refuses packets.</summary>
    Refused,

    /// <summary>No route leads out.</summary>
    None,

    /// <summary>One part of the addresses goes another way than the rest.</summary>
    Mixed,

    /// <summary>Not looked for: the table is too long.</summary>
    Unknown,
}

/// <summary>From when on a family's default path was as it is told here.</summary>
/// <param name="At">When a look found it so.</param>
/// <param name="Family">Which.</param>
/// <param name="Owner">Whose it was, told by what was known when the record was written.</param>
/// <param name="Session">Whose tunnel, or who holds it; null for the others.</param>
/// <param name="Device">The interface; empty when it is none or several.</param>
/// <param name="Route">The route, or the two that share the addresses, in the words of <c>ip</c>; empty when there is
/// none.</param>
/// <param name="IsAfterGap">Nobody looked between the mark before and this one: what was then is not known.</param>
public sealed record PathMark(
    DateTimeOffset At,
    IpFamily Family,
    PathOwner Owner,
    string? Session,
    string Device,
    string Route,
    bool IsAfterGap
);
