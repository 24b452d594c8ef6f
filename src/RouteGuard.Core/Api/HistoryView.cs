using RouteGuard.Core.Journal;

namespace RouteGuard.Core.Api;

/// <summary>A part of the journal. Printed by <c>routeguard history --json</c>.</summary>
/// <param name="Records">Oldest first.</param>
/// <param name="Faults">What could not be read; sentences.</param>
public sealed record HistoryView(IReadOnlyList<HistoryRecordView> Records, IReadOnlyList<string> Faults)
{
    public static HistoryView Of(IEnumerable<JournalRecord> records, IReadOnlyList<string> faults) =>
        new([.. records.Select(HistoryRecordView.Of)], faults);
}

/// <summary>One record of the journal.</summary>
/// <param name="Number">Ascending; gaps are records that were filtered out or damaged.</param>
/// <param name="At">When it was written.</param>
/// <param name="Kind">As <see cref="JournalKind"/>, in lower camel case.</param>
/// <param name="Session">Whose; null for what concerns the machine.</param>
/// <param name="Text">What happened.</param>
/// <param name="Lines">Steps, outcomes or routes, in the words of <c>ip</c>.</param>
/// <param name="Concludes">The number of the intent that an outcome settles; null for the others.</param>
public sealed record HistoryRecordView(
    long Number,
    DateTimeOffset At,
    string Kind,
    string? Session,
    string Text,
    IReadOnlyList<string> Lines,
    long? Concludes
)
{
    public static HistoryRecordView Of(JournalRecord record)
    {
        var kind = record.Kind.ToString();
        return new(
            record.Number,
            record.At,
            char.ToLowerInvariant(kind[0]) + kind[1..],
            record.Session?.Value,
            record.Text,
            record.Lines,
            record.Concludes == 0 ? null : record.Concludes
        );
    }
}
