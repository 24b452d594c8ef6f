using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>What a restore changed.</summary>
/// <param name="Ways">How packets left before and leave now.</param>
/// <param name="Difference">Every route and rule that is another now; null when they are too many to list.</param>
/// <param name="Leaks">For how long a default was missing or wrong, as the journal says.</param>
internal sealed record RestoreChanges(IReadOnlyList<WayChange> Ways, DiffView? Difference, IReadOnlyList<string> Leaks);

/// <summary>How packets of one family leave, in the words of <c>ip route</c>; null where they do not.</summary>
internal sealed record WayChange(string Family, string? Before, string? Now);

/// <summary>A restore that was done: what it did, what is another now, and the proof.</summary>
internal static class RestoreText
{
    private const int ChangesOnTerminalMax = 40;

    /// <param name="report">What was done.</param>
    /// <param name="changes">What is another now; null when it could not be looked at.</param>
    /// <param name="areStepsKnown">They were shown as a plan just now: only those that were refused are shown
    /// again.</param>
    public static IRenderable Print(ReportView report, RestoreChanges? changes, bool areStepsKnown)
    {
        if (report.Result == "nothingToDo" || changes is null)
        {
            return ReportText.Print(report);
        }

        return new Rows([
            ReportText.Headline(report),
            ReportText.Steps(report, areStepsKnown),
            ReportText.Aside(report),
            new Listing(null, [.. changes.Ways.GroupBy(way => way.Family, StringComparer.Ordinal).SelectMany(Ways)]),
            new Listing(null, [.. changes.Difference is { } difference ? TableText.Changes(difference) : []])
            {
                OnTerminalMax = ChangesOnTerminalMax,
            },
            new Listing(null, [.. changes.Leaks.Select(leak => new Row(Paint.Red("leak"), leak))]),
            .. ReportText.Verified(report),
        ]);
    }

    // A family has two halves, which often leave in the same way.
    private static IEnumerable<Row> Ways(IGrouping<string, WayChange> family)
    {
        var name = Paint.Bold(family.Key);
        string?[] before = [.. family.Select(way => way.Before).Distinct()];
        string?[] now = [.. family.Select(way => way.Now).Distinct()];
        return before.SequenceEqual(now)
            ? now.Select(way => new Row(name, "as before", way ?? "nothing leaves"))
            :
            [
                .. before.Select(way => new Row(name, "before", Paint.Red(way ?? "nothing left"))),
                .. now.Select(way => new Row(
                    name,
                    "now",
                    way is null ? Paint.Red("nothing leaves") : Paint.Green(way)
                )),
            ];
    }
}
