using System.Globalization;
using RouteGuard.Core.Api;

namespace RouteGuard.Rendering;

/// <summary>The journal in words.</summary>
internal static class HistoryText
{
    /// <summary>A restore may have a thousand steps; the others are in the JSON.</summary>
    private const int LinesShownMax = 12;

    public static string Print(HistoryView history) =>
        history.Records.Count == 0 && history.Faults.Count == 0
            ? "Nothing happened."
            : string.Join('\n', history.Faults.Concat(history.Records.SelectMany(Lines)).Select(Paint.Foreign));

    private static IEnumerable<string> Lines(HistoryRecordView record)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{record.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}  {Name(record.Kind)} {record.Text}{(record.Session is { } id ? $"  ({id})" : "")}"
        );
        foreach (var line in record.Lines.Take(LinesShownMax))
        {
            yield return $"    {line}";
        }

        if (record.Lines.Count > LinesShownMax)
        {
            yield return $"    … and {record.Lines.Count - LinesShownMax} more";
        }
    }

    private static string Name(string kind) =>
        kind switch
        {
            "sessionBegun" => "begun  ",
            "sessionUp" => "up     ",
            "sessionClosed" => "closed ",
            "armed" => "ready  ",
            "death" => "death  ",
            "intent" => "will   ",
            "outcome" => "did    ",
            "baselineMoved" => "moved  ",
            "drift" => "drift  ",
            "leakWindow" => "leak   ",
            _ => "note   ",
        };
}
