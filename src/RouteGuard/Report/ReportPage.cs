using System.Globalization;
using System.Text;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Report;

/// <summary>One page for a support ticket: HTML without script, pictures or fonts from elsewhere. Pure.</summary>
/// <remarks>Everything that is not ours is encoded and cut; the page has a policy that loads nothing whatever it holds.
/// However long the journal and the tables are, it has at most <see cref="LettersMax"/> letters.</remarks>
internal static class ReportPage
{
    /// <summary>What the bounds of its parts add up to when every letter of every text has to be encoded. A usual page
    /// has some ten thousand.</summary>
    public const int LettersMax = 16 * 1024 * 1024;

    /// <summary>Steps of a plan or a restore.</summary>
    public const int StepsMax = 300;

    /// <summary>Findings of the doctor, sessions, spans of a path: rows of one table.</summary>
    public const int RowsMax = 200;

    /// <summary>Pieces of <see cref="Html.TextLengthMax"/> in one answer of the summary.</summary>
    private const int SummaryPartsMax = 8;

    /// <summary>Lines of one record.</summary>
    public const int RecordLinesMax = 12;

    public static string Write(ReportFacts facts)
    {
        var story = IncidentStory.Of(facts.Journal, facts.At, facts.IsGuarded);
        var restore = RestoreStory.Of(facts.Journal);
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
            <title>RouteGuard report, {Html.DayAndTime(facts.At)}</title><style>{PageStyle.Text}</style></head><body>
            <header><h1>RouteGuard report</h1>
            <p class="soft small">{Html.DayAndTime(facts.At)} UTC, {Html.Text(
                facts.Machine.HostName
            )}, RouteGuard {Html.Text(facts.Version)}. {(
                facts.IsRedacted
                    ? "Addresses and names are replaced: the same one always by the same other one, networks by networks of the same length."
                    : "Addresses are the machine\u2019s own."
            )}</p></header>
            <main>

            """
        );
        AppendSummary(page, ReportSummary.Of(facts, story, restore));
        foreach (var note in facts.Notes.Take(RowsMax))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"warn\"><span class=\"tag\">missing</span> {Html.Text(note)}</p>\n"
            );
        }

        Section(page, "Timeline", PageTimeline.Draw(story, facts));
        Section(page, "Before, during, now", PageTables.Draw(facts));
        Section(page, "The last restore", Restore(restore));
        Section(page, "What a restore would do now", Plan(facts));
        Section(page, "Findings", Findings(facts));
        Section(page, "Machine", Machine(facts));
        Section(page, "Journal", Journal(facts.Journal));
        return page.Append("</main></body></html>\n").ToString();
    }

    private static void Section(StringBuilder page, string title, string html) =>
        page.Append(CultureInfo.InvariantCulture, $"<section><h2>{title}</h2>\n{html}\n</section>\n");

    private static void AppendSummary(StringBuilder page, ReportSummary summary)
    {
        page.Append(
            CultureInfo.InvariantCulture,
            $"<section class=\"summary {summary.Level}\"><h2>{Html.Text(summary.Headline)}</h2><dl>"
        );
        foreach (var (question, answer) in summary.Answers)
        {
            page.Append(CultureInfo.InvariantCulture, $"<dt>{question}</dt><dd>{LongText(answer)}</dd>\n");
        }

        page.Append("</dl></section>\n");
    }

    // A sentence of ours that holds several of others.
    private static string LongText(string text) =>
        string.Concat(text.Chunk(Html.TextLengthMax).Take(SummaryPartsMax).Select(part => Html.Text(new string(part))));

    private static string Restore(RestoreStory restore) =>
        restore.Steps.Count == 0
            ? "<p class=\"soft\">The journal holds no step of a restore.</p>"
            : Steps(restore.Steps)
                + $"<p>{Html.Text(restore.Closed is { } closed ? $"The session was closed: {closed}." : "The session is not closed.")}</p>";

    private static string Steps(IReadOnlyList<StepRow> steps) =>
        Html.Table(
            steps.Count <= StepsMax
                ? "Intents and what became of them"
                : string.Create(CultureInfo.InvariantCulture, $"The first {StepsMax} of {steps.Count} steps"),
            ["", "Step", "Because it", "Outcome"],
            steps
                .Take(StepsMax)
                .Select(
                    (step, at) =>
                        new[]
                        {
                            (at + 1).ToString(CultureInfo.InvariantCulture),
                            $"<code>{Html.Text(step.Step)}</code>",
                            Html.Text(step.Reason),
                            $"<span class=\"{(step.IsRefused ? "bad" : "")}\">{Html.Text(step.Outcome)}</span>",
                        }
                )
        );

    private static string Plan(ReportFacts facts)
    {
        if (facts.Plan is not { } plan)
        {
            return "<p class=\"soft\">It could not be asked.</p>";
        }

        var left = plan
            .LeftAlone.Take(RowsMax)
            .Select(one => new[] { $"<code>{Html.Text(one.What)}</code>", Html.Text(one.Why) });
        var isOpen = facts.Sessions.Any(session => session.Phase is SessionPhase.Begun or SessionPhase.Up);
        var live = isOpen
            ? "<p class=\"small soft\">A VPN lives: this is what its end would need, and no fault.</p>"
            : string.Empty;
        return (
                plan.Steps.Count == 0
                    ? "<p>Nothing: no step would be taken.</p>"
                    : live
                        + Steps([
                            .. plan.Steps.Select(step => new StepRow(
                                step.Step,
                                step.Reason,
                                step.Outcome ?? "not done"
                            )),
                        ])
            )
            + (plan.LeftAlone.Count == 0 ? string.Empty : Html.Table("Left alone", ["What", "Because"], left))
            + string.Concat(
                plan.Problems.Take(RowsMax).Select(problem => $"<p class=\"bad\">{Html.Text(problem)}</p>")
            );
    }

    private static string Findings(ReportFacts facts) =>
        Html.Table(
            "What the doctor looked at",
            ["", "What", "Finding"],
            facts
                .Checks.Take(RowsMax)
                .Select(check =>
                    new[]
                    {
                        $"<span class=\"tag {(check.Level == "ok" ? "good" : check.Level == "problem" ? "bad" : "warn")}\">{Html.Text(check.Level)}</span>",
                        Html.Text(check.Name),
                        Html.Text(check.Text)
                            + (check.Advice is { } advice ? $"<br><code>{Html.Text(advice)}</code>" : string.Empty),
                    }
                )
        )
        + (
            facts.Residue.Count == 0
                ? "<p>Nothing is left behind by a dead VPN.</p>"
                : Html.Table(
                    "Left behind by dead VPNs",
                    ["", "What", "Why", "Repair"],
                    facts
                        .Residue.Take(RowsMax)
                        .Select(one =>
                            new[]
                            {
                                one.Number.ToString(CultureInfo.InvariantCulture),
                                $"<code>{Html.Text(one.What)}</code>",
                                Html.Text(one.Why),
                                $"<code>{Html.Text(one.Repair)}</code>",
                            }
                        )
                )
        );

    private static string Machine(ReportFacts facts)
    {
        (string Name, string Value)[] all =
        [
            ("RouteGuard", facts.Version),
            ("Host", facts.Machine.HostName),
            ("System", facts.Machine.System),
            ("Kernel", facts.Machine.Kernel),
            ("Daemon", facts.IsGuarded ? "answers" : "did not answer"),
            (
                "Interfaces",
                string.Join(
                    ", ",
                    facts
                        .Now.Links.Take(RowsMax)
                        .Select(link =>
                            $"{link.Name} ({(link.Kind.Length > 0 ? link.Kind : "hardware")}, {(link.IsUsable ? "up" : "not up")})"
                        )
                )
            ),
        ];
        var rows = string.Concat(all.Select(one => $"<dt>{one.Name}</dt><dd>{Html.Text(one.Value)}</dd>"));
        return $"<dl>{rows}</dl>"
            + Html.Table(
                "Stored sessions",
                ["Session", "Label", "Phase", "Tunnel", "Began", "On death"],
                facts
                    .Sessions.TakeLast(RowsMax)
                    .Select(session =>
                        new[]
                        {
                            Html.Text(session.Id.Value),
                            Html.Text(session.Label),
                            Html.Text(Core.Api.View.Word(session.Phase)),
                            Html.Text(session.Tunnel ?? "not known"),
                            Html.DayAndTime(session.BegunAt),
                            Html.Text(Core.Api.View.Word(session.OnDeath)),
                        }
                    )
            );
    }

    private static string Journal(JournalExcerpt journal)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"small soft\">The last {journal.Tail.Count} of {journal.Total} records that were read.</p><pre>"
        );
        foreach (var record in journal.Tail)
        {
            var session = record.Session is { } id ? $"  ({id})" : string.Empty;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{record.Number, 6}  {Html.DayAndTime(record.At)[..10]} {Html.Time(record.At)}  {OwnerWords.NameOf(record.Kind), -13}  {Html.Text(record.Text)}{session}\n"
            );
            foreach (var line in record.Lines.Take(RecordLinesMax))
            {
                text.Append(CultureInfo.InvariantCulture, $"            {Html.Text(line)}\n");
            }

            if (record.Lines.Count > RecordLinesMax)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"            … and {record.Lines.Count - RecordLinesMax} more\n"
                );
            }
        }

        return text.Append("</pre>").ToString();
    }
}
