using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>The journal in words.</summary>
internal static class HistoryText
{
    /// <summary>A restore may have a thousand steps; the others are in the JSON.</summary>
    private const int LinesShownMax = 12;

    public static IRenderable Print(HistoryView history) =>
        history.Records.Count == 0 && history.Faults.Count == 0
            ? Paint.Say("Nothing happened.")
            : new Rows([
                .. history.Faults.Select(Paint.Yellow),
                new Listing(null, [.. history.Records.SelectMany(record => RowsOf(record))]),
            ]);

    /// <summary>A record and its lines, in the columns when, what and more.</summary>
    /// <param name="record">Of the journal.</param>
    /// <param name="linesMax">So many lines are shown; the others are counted.</param>
    public static IEnumerable<Row> RowsOf(HistoryRecordView record, int linesMax = LinesShownMax)
    {
        var (word, paint) = Name(record.Kind);
        var whose = record.Session is { } id ? Paint.Dim($"  ({id})") : Phrase.Empty;
        Phrase when = Paint.Dim(Spoken.Moment(record.At));
        yield return new(when, paint(word), Paint.Say(record.Text) + whose);
        foreach (var line in record.Lines.Take(linesMax))
        {
            yield return new(when, word, line) { IsMore = true };
        }

        if (record.Lines.Count > linesMax)
        {
            yield return new(when, word, Paint.Dim($"… and {record.Lines.Count - linesMax} more")) { IsMore = true };
        }
    }

    private static (string Word, Func<string, Phrase> Paint) Name(string kind) =>
        kind switch
        {
            "sessionBegun" => ("begun", Paint.Bold),
            "sessionUp" => ("up", Paint.Bold),
            "sessionClosed" => ("closed", Paint.Bold),
            "armed" => ("ready", Paint.Dim),
            "death" => ("death", Paint.Red),
            "intent" => ("will", Paint.Say),
            "outcome" => ("did", Paint.Green),
            "baselineMoved" => ("moved", Paint.Yellow),
            "drift" => ("drift", Paint.Yellow),
            "leakWindow" => ("leak", Paint.Red),
            _ => ("note", Paint.Dim),
        };
}
