using System.Globalization;
using RouteGuard.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Story;

/// <summary>Blame and watch in words.</summary>
internal static class StoryText
{
    private const string TimeFormat = "HH:mm:ss.fff";

    public static IRenderable Print(BlameView view) =>
        new Rows([
            Paint.Bold(view.Prefix),
            new Listing(null, [.. Now(view)]),
            view.Events.Count == 0
                ? Paint.Say("The journal says nothing of it: it was not touched while a session was open.")
                : new Listing(null, [.. view.Events.SelectMany(entry => HistoryText.RowsOf(entry, int.MaxValue))]),
            .. view.Faults.Select(Paint.Yellow),
        ]);

    public static Phrase Print(WatchView change)
    {
        var (sign, paint) = change.Change switch
        {
            "added" or "ruleAdded" or "linkUp" => ("+", (Func<string, Phrase>)Paint.Green),
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
        return Paint.Dim(change.At.ToString(TimeFormat, CultureInfo.InvariantCulture))
            + "  "
            + paint($"{sign} {what}")
            + (change.Before is { } was ? $" (was {was})" : "")
            + (change.Writer is { } by ? Paint.Cyan($"  by {by}") : Phrase.Empty);
    }

    private static IEnumerable<Row> Now(BlameView view) =>
        view.Now.Count == 0
            ? [new("now", "no such route")]
            : view.Now.Select(row => new Row("now", $"{row.Route}  (" + TableText.Owner(row) + ")"));
}
