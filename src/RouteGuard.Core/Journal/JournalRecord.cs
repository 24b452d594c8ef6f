using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Journal;

/// <summary>What a record of the journal is about. Names are part of the file format.</summary>
public enum JournalKind
{
    SessionBegun,
    SessionUp,

    /// <summary>Steps that will be sent the moment the tunnel dies, written while it still lives.</summary>
    Armed,

    /// <summary>Death noticed: <see cref="JournalRecord.Text"/> says by which sign.</summary>
    Death,

    /// <summary>Steps about to be done.</summary>
    Intent,

    /// <summary>What became of the intent whose number is <see cref="JournalRecord.Concludes"/>.</summary>
    Outcome,

    SessionClosed,

    /// <summary>The machine came to another network: lines say what the baseline was and is.</summary>
    BaselineMoved,

    /// <summary>Somebody changed what a live session relies on; lines say what and, if known, who.</summary>
    Drift,

    /// <summary>For how long a family's default was missing or wrong.</summary>
    LeakWindow,
    Note,
}

/// <summary>One entry of the journal.</summary>
public sealed record JournalRecord
{
    /// <summary>More lines than this are cut and counted in a last line.</summary>
    public const int LinesMax = 200;

    /// <summary>Changes of default paths in one record.</summary>
    public const int PathsMax = 64;

    /// <summary>Ascending from 1; given by the journal.</summary>
    public long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required JournalKind Kind { get; init; }

    public SessionId? Session { get; init; }

    /// <summary>The intent that an outcome settles; 0 for the others.</summary>
    public long Concludes { get; init; }

    public string Text { get; init; } = string.Empty;

    /// <summary>Steps or outcomes, a line each, in the words of <c>ip</c>.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Changes of the default paths that were seen since the record before, oldest first.</summary>
    public IReadOnlyList<PathMark> Paths { get; init; } = [];
}
