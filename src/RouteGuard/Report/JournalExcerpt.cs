using RouteGuard.Core.Journal;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Report;

/// <summary>What of a journal goes into a report: what befell one session, and the last records. Bounded.</summary>
/// <param name="Total">Records that were read.</param>
/// <param name="Focus">The session that died last, or else began last; null when the journal names none.</param>
/// <param name="Story">From its beginning to its end, whatever else happened then too; oldest first.</param>
/// <param name="StoryTotal">How many there are of them, with those that are left out.</param>
/// <param name="IsOver">Its session is closed.</param>
/// <param name="Tail">The last records, oldest first.</param>
internal sealed record JournalExcerpt(
    int Total,
    SessionId? Focus,
    IReadOnlyList<JournalRecord> Story,
    int StoryTotal,
    bool IsOver,
    IReadOnlyList<JournalRecord> Tail
)
{
    /// <summary>Records of a story; of a longer one the first and the last are kept.</summary>
    public const int StoryMax = 2000;

    /// <summary>Of a longer story: the records from its beginning.</summary>
    private const int StoryHead = 200;

    public const int TailMax = 200;

    /// <summary>What concerns the machine and comes so soon after the session's last record belongs to it.</summary>
    private static readonly TimeSpan AftermathMax = TimeSpan.FromMinutes(1);

    public static JournalExcerpt Of(IReadOnlyList<JournalRecord> records)
    {
        var tail = records.Skip(records.Count - TailMax).ToArray();
        var focus = (
            records.LastOrDefault(record => record is { Kind: JournalKind.Death, Session: not null })
            ?? records.LastOrDefault(record => record is { Kind: JournalKind.SessionBegun, Session: not null })
            ?? records.LastOrDefault(record => record.Session is not null)
        )?.Session;
        if (focus is not { } id)
        {
            return new(records.Count, null, [], 0, true, tail);
        }

        var first = 0;
        while (records[first].Session != id)
        {
            first++;
        }

        var last = records.Count - 1;
        while (records[last].Session != id)
        {
            last--;
        }

        var isOver = records[last].Kind == JournalKind.SessionClosed;
        var ended = records[last].At;
        while (
            last + 1 < records.Count
            && (!isOver || (records[last + 1].Session is null && records[last + 1].At - ended <= AftermathMax))
        )
        {
            last++;
        }

        var story = records.Skip(first).Take(last - first + 1).ToArray();
        return new(
            records.Count,
            focus,
            story.Length <= StoryMax ? story : [.. story.Take(StoryHead), .. story.TakeLast(StoryMax - StoryHead)],
            story.Length,
            isOver,
            tail
        );
    }
}
