using System.Globalization;
using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Story;

/// <summary>Blame and watch in words.</summary>
internal static class StoryText
{
    private const string TimeFormat = "HH:mm:ss.fff";

    public static string Print(BlameView view, Screen screen)
    {
        List<string> lines =
        [
            Paint.Bold(view.Prefix),
            .. view.Now.Count == 0
                ? ["  now: no such route"]
                : view.Now.Select(row => Columns.Wrap($"  now: {row.Route}  ({OwnerOf(row)})", 0, screen.Width)),
        ];
        var day = string.Empty;
        foreach (var entry in view.Events)
        {
            var today = string.Create(CultureInfo.InvariantCulture, $"{entry.At:yyyy-MM-dd} UTC");
            lines.AddRange(today == day ? [] : [Paint.Dim(today)]);
            day = today;
            lines.AddRange(Print(entry, screen));
        }

        if (view.Events.Count == 0)
        {
            lines.Add("  The journal says nothing of it: it was not touched while a session was open.");
        }

        lines.AddRange(view.Faults.Select(fault => Paint.Yellow(Paint.Foreign(fault))));
        return string.Join('\n', lines);
    }

    public static string Print(WatchView change, Screen screen)
    {
        var (sign, paint) = change.Change switch
        {
            "added" or "ruleAdded" or "linkUp" => ("+", (Func<string, string>)Paint.Green),
            "removed" or "ruleRemoved" or "linkDown" or "linkGone" => ("-", Paint.Red),
            "changed" => ("~", Paint.Yellow),
            _ => ("!", Paint.Yellow),
        };
        var what = change.Change switch
        {
            "ruleAdded" or "ruleRemoved" => $"rule {change.What}",
            "linkUp" => $"link {change.What} is up",
            "linkDown" => $"link {change.What} is down",
            "linkGone" => $"link {change.What} is gone",
            _ => change.What,
        };
        var before = change.Before is { } was ? $" (was {was})" : "";
        var writer = change.Writer is { } by ? Paint.Cyan($"  by {Paint.Foreign(by)}") : "";
        var time = change.At.ToString(TimeFormat, CultureInfo.InvariantCulture);
        return Columns.Wrap($"{Paint.Dim(time)}  {paint($"{sign} {what}")}{before}{writer}", 0, screen.Width);
    }

    private static IEnumerable<string> Print(HistoryRecordView entry, Screen screen)
    {
        const int Indent = 14;
        var (word, paint) = WordOf(entry.Kind);
        var time = entry.At.ToString(TimeFormat, CultureInfo.InvariantCulture);
        var whose = entry.Session is { } id ? $"{id}: " : string.Empty;
        yield return $"{Paint.Dim(time)}  "
            + Columns.Wrap(paint($"{whose}{word}{Paint.Foreign(entry.Text)}"), Indent, screen.Width);
        foreach (var line in entry.Lines)
        {
            yield return $"{new string(' ', Indent + 2)}{Columns.Wrap(Paint.Foreign(line), Indent + 2, screen.Width)}";
        }
    }

    private static (string Word, Func<string, string> Paint) WordOf(string kind) =>
        kind switch
        {
            "sessionBegun" => ("begins. ", Paint.Bold),
            "sessionUp" => ("is up: ", text => text),
            "armed" => ("is ready: ", Paint.Dim),
            "death" => ("died: ", Paint.Red),
            "intent" => ("is about to ", text => text),
            "outcome" => ("done: ", Paint.Green),
            "sessionClosed" => ("is closed: ", Paint.Bold),
            "baselineMoved" => ("moved: ", Paint.Yellow),
            "drift" => ("drift: ", Paint.Yellow),
            "leakWindow" => ("leak: ", Paint.Red),
            _ => (string.Empty, text => text),
        };

    private static string OwnerOf(OwnedRouteView row) =>
        row.Session is { } id ? $"session {id}"
        : row.Writer is { } writer ? $"{row.Owner}, {Paint.Foreign(writer)}"
        : row.Owner;
}
