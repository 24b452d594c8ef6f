using RouteGuard.Core.Journal;

namespace RouteGuard.Report;

/// <summary>A step, why it was planned, and what became of it.</summary>
internal sealed record StepRow(string Step, string Reason, string Outcome)
{
    public bool IsRefused => Outcome.StartsWith("Refused", StringComparison.Ordinal);
}

/// <summary>The last restore of a story: its intents, each with the outcome that the journal has of it. Pure.</summary>
/// <param name="Began">When its first step was written down or sent; null when nothing was restored.</param>
/// <param name="Ended">When its last outcome was written down.</param>
/// <param name="Steps">In the order in which they were done.</param>
/// <param name="Closed">How the session ended; null while it is open.</param>
internal sealed record RestoreStory(
    DateTimeOffset? Began,
    DateTimeOffset? Ended,
    IReadOnlyList<StepRow> Steps,
    string? Closed
)
{
    /// <summary>The word of an intent that is a restore's.</summary>
    private const string Restore = "restore";

    private const string Because = " because it ";
    private const string NoOutcome = "no outcome is written down: RouteGuard was stopped between the two";
    private const string ArmedReason = "was armed for the death of the tunnel";

    public static RestoreStory Of(JournalExcerpt journal)
    {
        var records = journal.Story;
        var death = records.LastOrDefault(record =>
            record.Kind == JournalKind.Death && record.Session == journal.Focus
        );
        JournalRecord[] after =
        [
            .. records.Where(record => record.Session == journal.Focus && record.Number >= (death?.Number ?? 0)),
        ];
        var outcomes = records
            .Where(record => record is { Kind: JournalKind.Outcome, Concludes: > 0 })
            .GroupBy(record => record.Concludes)
            .ToDictionary(of => of.Key, of => of.Last());
        JournalRecord[] intents = [.. after.Where(record => record is { Kind: JournalKind.Intent, Text: Restore })];
        StepRow[] rows =
        [
            .. (death?.Lines ?? []).Select(Fired),
            .. intents.SelectMany(intent => Rows(intent, outcomes.GetValueOrDefault(intent.Number))),
        ];
        var times = intents
            .Select(intent => outcomes.GetValueOrDefault(intent.Number)?.At)
            .OfType<DateTimeOffset>()
            .ToArray();
        var closed = after.LastOrDefault(record => record.Kind == JournalKind.SessionClosed);
        return new(
            rows.Length == 0 ? null : death?.At ?? intents[0].At,
            times.Length == 0 ? (rows.Length == 0 ? null : death?.At) : times.Max(),
            rows,
            closed?.Text
        );
    }

    private static StepRow Fired(string line)
    {
        var end = line.LastIndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? new(line, ArmedReason, string.Empty) : new(line[..end], ArmedReason, line[(end + 2)..]);
    }

    private static IEnumerable<StepRow> Rows(JournalRecord intent, JournalRecord? outcome)
    {
        for (var at = 0; at < intent.Lines.Count; at++)
        {
            var line = intent.Lines[at];
            var because = line.LastIndexOf(Because, StringComparison.Ordinal);
            yield return new(
                because < 0 ? line : line[..because],
                because < 0 ? string.Empty : line[(because + Because.Length)..],
                outcome is null ? NoOutcome
                    : at < outcome.Lines.Count ? outcome.Lines[at]
                    : outcome.Text
            );
        }
    }
}
