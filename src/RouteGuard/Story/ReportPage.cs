using System.Globalization;
using System.Net;
using System.Text;
using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Story;

/// <summary>What a report shows.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Version">Of RouteGuard.</param>
/// <param name="Kernel">Of the machine.</param>
/// <param name="Difference">From the baseline to now; null when no session is open.</param>
/// <param name="Tables">A title and the lines of a table, in the order in which they were.</param>
/// <param name="Plan">What a restore would do now; null when it could not be asked.</param>
/// <param name="History">Records of the journal, oldest first.</param>
/// <param name="Notes">What is missing from the report, and why.</param>
internal sealed record ReportFacts(
    DateTimeOffset At,
    string Version,
    string Kernel,
    DiffView? Difference,
    IReadOnlyList<(string Title, IReadOnlyList<string> Lines)> Tables,
    ReportView? Plan,
    IReadOnlyList<HistoryRecordView> History,
    IReadOnlyList<string> Notes
);

/// <summary>One page for a support ticket: HTML without script, pictures or fonts of its own. Pure.</summary>
/// <remarks>Everything that is not ours is encoded; the page has a policy that loads nothing whatever it
/// holds.</remarks>
internal static class ReportPage
{
    /// <summary>Records that are drawn; a picture of more shows nothing.</summary>
    private const int DrawnMax = 400;

    private const string Style = """
        :root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--page:#fff;--box:#f6f8fa;
        --good:#1a7f37;--bad:#cf222e;--warn:#9a6700}
        @media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--page:#0d1117;
        --box:#161b22;        --good:#3fb950;--bad:#f85149;--warn:#d29922}}
        body{margin:2rem auto;max-width:70rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);
        background:var(--page)}
        h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid var(--line)}
        pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.75rem;overflow-x:auto;
        font:13px/1.5 ui-monospace,monospace}
        .add{color:var(--good)}.del{color:var(--bad)}.soft{color:var(--soft)}.warn{color:var(--warn)}
        svg{width:100%;height:auto;background:var(--box);border:1px solid var(--line);border-radius:6px}
        svg text{fill:var(--soft);font:11px system-ui,sans-serif}
        """;

    private static readonly (string Kind, string Color)[] Lanes =
    [
        ("sessionBegun", "good"),
        ("sessionUp", "good"),
        ("baselineMoved", "warn"),
        ("drift", "warn"),
        ("leakWindow", "bad"),
        ("death", "bad"),
        ("intent", "soft"),
        ("outcome", "good"),
        ("sessionClosed", "soft"),
    ];

    public static string Write(ReportFacts facts)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>RouteGuard report</title><style>{Style}</style></head><body>
            <h1>RouteGuard report</h1>
            <p class="soft">{facts.At:yyyy-MM-dd HH:mm:ss} UTC, RouteGuard {Safe(facts.Version)}, {Safe(
                facts.Kernel
            )}</p>

            """
        );
        foreach (var note in facts.Notes)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warn\">{Safe(note)}</p>\n");
        }

        Section(page, "What happened", Timeline(facts.History));
        Section(page, "What differs from the baseline", Difference(facts.Difference));
        Section(page, "What a restore would do", $"<pre>{Safe(Plan(facts.Plan))}</pre>");
        foreach (var (title, lines) in facts.Tables)
        {
            Section(
                page,
                title,
                $"<pre>{string.Join('\n', lines.Select(line => Marked(line, facts.Difference)))}</pre>"
            );
        }

        Section(page, "Journal", $"<pre>{string.Join('\n', facts.History.SelectMany(Lines))}</pre>");
        return page.Append("</body></html>\n").ToString();
    }

    private static void Section(StringBuilder page, string title, string html) =>
        page.Append(CultureInfo.InvariantCulture, $"<section><h2>{Safe(title)}</h2>\n{html}\n</section>\n");

    private static string Timeline(IReadOnlyList<HistoryRecordView> history)
    {
        var drawn = history.Where(one => Lanes.Any(lane => lane.Kind == one.Kind)).TakeLast(DrawnMax).ToArray();
        if (drawn.Length == 0)
        {
            return "<p class=\"soft\">Nothing is written down.</p>";
        }

        const int Left = 120;
        const int Width = 960;
        const int Row = 22;
        var first = drawn[0].At;
        var span = Math.Max(1, (drawn[^1].At - first).TotalMilliseconds);
        var height = (Lanes.Length + 1) * Row;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Events over time\">"
        );
        for (var lane = 0; lane < Lanes.Length; lane++)
        {
            var y = (lane * Row) + Row;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"8\" y=\"{y + 4}\">{Lanes[lane].Kind}</text><line x1=\"{Left}\" x2=\"{Width - 10}\" y1=\"{y}\" y2=\"{y}\" stroke=\"var(--line)\"/>"
            );
            foreach (var one in drawn.Where(one => one.Kind == Lanes[lane].Kind))
            {
                var x = Left + ((one.At - first).TotalMilliseconds / span * (Width - Left - 20));
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<circle cx=\"{x:0.#}\" cy=\"{y}\" r=\"5\" fill=\"var(--{Lanes[lane].Color})\"><title>{one.At:HH:mm:ss.fff} {Safe(one.Text)}</title></circle>"
                );
            }
        }

        return svg.Append("</svg>")
            .Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"soft\">{first:yyyy-MM-dd HH:mm:ss.fff} to {drawn[^1].At:yyyy-MM-dd HH:mm:ss.fff} UTC</p>"
            )
            .ToString();
    }

    private static string Difference(DiffView? difference)
    {
        if (difference is null)
        {
            return "<p class=\"soft\">No session is open, so there is no baseline to compare with.</p>";
        }

        string[] lines =
        [
            .. difference.Removed.Select(one => Span("del", $"- {one}")),
            .. difference.Changed.SelectMany(one =>
                new[] { Span("del", $"- {one.Before}"), Span("add", $"+ {one.After}") }
            ),
            .. difference.Added.Select(one => Span("add", $"+ {one}")),
            .. difference.RemovedRules.Select(one => Span("del", $"- rule {one}")),
            .. difference.AddedRules.Select(one => Span("add", $"+ rule {one}")),
        ];
        return lines.Length == 0 ? "<p class=\"soft\">Nothing.</p>" : $"<pre>{string.Join('\n', lines)}</pre>";
    }

    // The same mark in every table: what the baseline alone has, and what it has not.
    private static string Marked(string line, DiffView? difference) =>
        difference is null ? Safe(line)
        : difference.Removed.Contains(line) || difference.Changed.Any(one => one.Before == line) ? Span("del", line)
        : difference.Added.Contains(line) || difference.Changed.Any(one => one.After == line) ? Span("add", line)
        : Safe(line);

    private static string Plan(ReportView? plan) =>
        plan is null ? "It could not be asked." : ReportText.PrintPlain(plan);

    private static IEnumerable<string> Lines(HistoryRecordView record) =>
        record
            .Lines.Select(line => $"    {Safe(line)}")
            .Prepend(
                string.Create(
                        CultureInfo.InvariantCulture,
                        $"{record.At:yyyy-MM-dd HH:mm:ss.fff}  {Safe(record.Kind), -14} {Safe(record.Text)} {Safe(record.Session ?? "")}"
                    )
                    .TrimEnd()
            );

    private static string Span(string kind, string text) => $"<span class=\"{kind}\">{Safe(text)}</span>";

    private static string Safe(string text) =>
        WebUtility.HtmlEncode(string.Join('\n', text.Split('\n').Select(Paint.Foreign)));
}
