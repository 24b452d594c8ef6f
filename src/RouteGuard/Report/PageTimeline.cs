using System.Globalization;
using System.Text;
using RouteGuard.Core.Journal;

namespace RouteGuard.Report;

/// <summary>The timeline of a page: both drawings, each wide and narrow, their legend, and the same in tables.
/// Pure.</summary>
internal static class PageTimeline
{
    private static readonly PathOwner[] Legend =
    [
        PathOwner.Baseline,
        PathOwner.Session,
        PathOwner.Beside,
        PathOwner.Foreign,
        PathOwner.None,
        PathOwner.Held,
        PathOwner.Mixed,
        PathOwner.Unknown,
    ];

    public static string Draw(IncidentStory story, ReportFacts facts)
    {
        if (story.IsEmpty)
        {
            return "<p class=\"soft\">The journal names no session, so there is nothing to draw.</p>";
        }

        var html = new StringBuilder();
        html.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"small soft\">Times are UTC, {Html.DayAndTime(story.From)[..10]}. {(facts.Journal.IsOver ? "" : "The session is open; the picture ends when the report was made.")}</p>"
        );
        AppendFigure(
            html,
            "The whole story. What stands in the dashed frame is drawn again below, closer.",
            TimelineDrawing.DrawWhole(story, "whole", TimelineDrawing.Wide),
            TimelineDrawing.DrawWhole(story, "whole-narrow", TimelineDrawing.Narrow)
        );
        if (TimelineDrawing.DrawCloseUp(story, "close", TimelineDrawing.Wide) is { } wide)
        {
            AppendFigure(
                html,
                $"Around the death at {Html.Time(story.Death!.At)}.",
                wide,
                TimelineDrawing.DrawCloseUp(story, "close-narrow", TimelineDrawing.Narrow)!
            );
        }

        html.Append("<ul class=\"legend\">");
        foreach (var owner in Legend)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<li><svg viewBox=\"0 0 22 12\" aria-hidden=\"true\"><rect class=\"{OwnerWords.ClassOf(owner)}\" width=\"22\" height=\"12\"/>{LegendHatch(owner)}</svg>{OwnerWords.NameOf(owner)}</li>"
            );
        }

        html.Append(
            "<li><svg viewBox=\"0 0 22 12\" aria-hidden=\"true\"><rect class=\"leak\" width=\"22\" height=\"12\"/></svg>leak: the default was missing or wrong</li></ul>"
        );
        html.Append(PathTable(story)).Append(EventTable(story));
        foreach (var left in story.LeftOut)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"small soft\">{Html.Text(left)}</p>");
        }

        return html.ToString();
    }

    private static string LegendHatch(PathOwner owner)
    {
        var name = OwnerWords.ClassOf(owner);
        var path = name switch
        {
            "unknown" => "M0 8L8 0M4 12L16 0M12 12L22 2",
            "beside" => "M0 6H22",
            "foreign" => "M0 3H22M0 6H22M0 9H22",
            "held" => "M4 0V12M8 0V12M12 0V12M16 0V12",
            "none" => "M0 0L12 12M10 0L22 12M12 0L0 12M22 0L10 12",
            _ => null,
        };
        return path is null ? string.Empty : $"<path class=\"hatch-{name}\" d=\"{path}\"/>";
    }

    private static void AppendFigure(StringBuilder html, string caption, string wide, string narrow) =>
        html.Append(
            CultureInfo.InvariantCulture,
            $"<figure><figcaption>{caption}</figcaption><div class=\"wide\">{wide}</div><div class=\"narrow\">{narrow}</div></figure>\n"
        );

    private static string PathTable(IncidentStory story) =>
        Html.Table(
            "The default path of each family, as in the picture",
            ["From", "For", "Family", "Whose", "Route"],
            story
                .Paths.OrderBy(span => span.From)
                .Take(ReportPage.RowsMax)
                .Select(span =>
                    new[]
                    {
                        $"<span class=\"nowrap\">{Html.Time(span.From)}</span>",
                        $"<span class=\"nowrap\">{Html.Length(span.To - span.From)}</span>",
                        OwnerWords.NameOf(span.Family),
                        Html.Text(
                            span.Mark.Session is { } session
                                ? $"{OwnerWords.NameOf(span.Mark.Owner)} ({session})"
                                : OwnerWords.NameOf(span.Mark.Owner)
                        ),
                        span.WhyNot.Length > 0 ? Html.Text(span.WhyNot) : $"<code>{Html.Text(span.Mark.Route)}</code>",
                    }
                )
        );

    private static string EventTable(IncidentStory story) =>
        Html.Table(
            "Events, numbered as in the picture",
            ["No.", "Time", "What", "Session", "How"],
            story.Events.Select(one =>
                new[]
                {
                    one.Number.ToString(CultureInfo.InvariantCulture),
                    $"<span class=\"nowrap\">{Html.Time(one.Record.At)}</span>",
                    $"<span class=\"{OwnerWords.ClassOf(one.Record.Kind)}\">{OwnerWords.NameOf(one.Record.Kind)}</span>",
                    Html.Text(one.Record.Session?.Value ?? "the machine"),
                    Html.Text(one.Record.Text) + DriftLines(one.Record),
                }
            )
        )
        + (
            story.Leaks.Count == 0
                ? string.Empty
                : Html.Table(
                    "Leaks",
                    ["From", "For", "Family", "What"],
                    story.Leaks.Select(leak =>
                        new[]
                        {
                            $"<span class=\"nowrap\">{Html.Time(leak.From)}</span>",
                            Html.Length(leak.To - leak.From),
                            OwnerWords.NameOf(leak.Family),
                            Html.Text(leak.What),
                        }
                    )
                )
        );

    // Who made it stands in the lines.
    private static string DriftLines(JournalRecord record) =>
        record.Kind is JournalKind.Drift or JournalKind.BaselineMoved
            ? string.Concat(
                record.Lines.Take(ReportPage.RecordLinesMax).Select(line => $"<br><code>{Html.Text(line)}</code>")
            )
            : string.Empty;
}
