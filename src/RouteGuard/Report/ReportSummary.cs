using System.Globalization;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Report;

/// <summary>What a support engineer reads first: a verdict in a few words, and a sentence for each question.
/// Pure.</summary>
/// <param name="Level">ok, note or problem.</param>
/// <param name="Headline">In a few words.</param>
/// <param name="Answers">A question and its answer, in the order in which they are asked.</param>
internal sealed record ReportSummary(
    string Level,
    string Headline,
    IReadOnlyList<(string Question, string Answer)> Answers
)
{
    private const int NamedMax = 3;

    // One address of each family that stands for the internet: no VPN has a route of its own for it.
    private static readonly IpAddress[] Internet = [IpAddress.Parse("1.255.255.254"), IpAddress.Parse("2000::1:0")];

    public static ReportSummary Of(ReportFacts facts, IncidentStory story, RestoreStory restore)
    {
        var wrong = WrongNow(facts);
        List<(string, string)> answers =
        [
            ("What happened", WhatHappened(facts, story, restore)),
            ("How long the default was missing or wrong", Leaks(story)),
            ("What was restored", Restored(story, restore)),
            ("What is wrong now", wrong.Count == 0 ? "Nothing that RouteGuard sees." : string.Join(' ', wrong)),
            ("How packets leave now", string.Join(' ', Ways(facts.Now))),
        ];
        var isOpen = facts.Sessions.Any(session => session.Phase != SessionPhase.Closed);
        var (level, headline) =
            wrong.Count > 0 ? ("problem", "Something is wrong now")
            : story.Death is not null && !isOpen ? ("ok", "A VPN died, and the table was restored")
            : story.Death is not null ? ("note", "A VPN died, and a session is open")
            : isOpen ? ("ok", "A session is guarded, and nothing is wrong")
            : ("ok", "Nothing is wrong");
        return new(level, headline, answers);
    }

    private static string WhatHappened(ReportFacts facts, IncidentStory story, RestoreStory restore)
    {
        if (facts.Journal.Focus is not { } focus)
        {
            return "The journal names no session.";
        }

        var label = facts.Sessions.LastOrDefault(session => session.Id == focus)?.Label;
        var name = string.IsNullOrEmpty(label) ? $"Session {focus}" : $"Session {focus} ({label})";
        var begun = story.Events.FirstOrDefault(one =>
            one.Record.Kind == JournalKind.SessionBegun && one.Record.Session == focus
        );
        var began = begun is null
            ? $"{name} began before the journal that is left"
            : $"{name} began at {Html.DayAndTime(begun.Record.At)} UTC";
        var drifts = story.Events.Count(one => one.Record.Kind == JournalKind.Drift);
        var drifted =
            drifts == 0
                ? string.Empty
                : $" Meanwhile its routes were changed by somebody else {Html.Count(drifts, "time")}.";
        return story.Death is { } death ? $"{began} and died at {Html.Time(death.At)}: {death.Text}.{drifted}"
            : restore.Closed is { } closed ? $"{began} and was closed: {closed}.{drifted}"
            : $"{began} and is open.{drifted}";
    }

    private static string Leaks(IncidentStory story)
    {
        if (story.Leaks.Count == 0)
        {
            return story.IsEmpty ? "The journal does not say." : "It was not, as far as a look found.";
        }

        var families = story
            .Leaks.GroupBy(leak => leak.Family)
            .Select(of =>
                $"{OwnerWords.NameOf(of.Key)}: {Html.Length(new(of.Sum(leak => (leak.To - leak.From).Ticks)))} in all ({string.Join("; ", of.Select(leak => leak.What).Distinct().Take(NamedMax))})."
            );
        return string.Join(' ', families);
    }

    private static string Restored(IncidentStory story, RestoreStory restore)
    {
        if (restore.Steps.Count == 0)
        {
            return story.Death is null ? "Nothing had to be." : "Nothing was written.";
        }

        var refused = restore.Steps.Count(step => step.IsRefused);
        var kinds = restore
            .Steps.GroupBy(step => step.Step.Split(' ')[0])
            .Select(of => string.Create(CultureInfo.InvariantCulture, $"{of.Count()} {of.Key}"));
        var took =
            restore is { Began: { } began, Ended: { } ended } && ended >= began
                ? $", the last one written down {Html.Length(ended - began)} after the death was"
                : string.Empty;
        var closed = restore.Closed is { } why ? $" The session was closed: {why}." : " The session is not closed.";
        return $"{Html.Count(restore.Steps.Count, "step")} ({string.Join(", ", kinds)}){took}; {(refused == 0 ? "none was refused" : $"{refused} were refused")}.{closed}";
    }

    private static IReadOnlyList<string> WrongNow(ReportFacts facts)
    {
        List<string> wrong = [];
        switch (facts.Plan)
        {
            case { Result: "planned" } plan:
                wrong.Add($"A restore would take {Html.Count(plan.StepsTotal, "step")}.");
                break;
            case { Result: "failed" } plan:
                wrong.Add($"A restore cannot be planned: {string.Join(' ', plan.Problems.Take(NamedMax))}");
                break;
            default:
                break;
        }

        // While a VPN lives its routes are there because it wants them.
        if (facts.Sessions.Any(session => session.Phase is SessionPhase.Begun or SessionPhase.Up))
        {
            wrong.Clear();
        }

        var losses = facts.Plan?.LeftAlone.Where(left => left.IsLoss).ToArray() ?? [];
        wrong.AddRange(losses.Take(NamedMax).Select(loss => $"{loss.What} is missing, because {loss.Why}."));
        if (facts.Residue.Count > 0)
        {
            wrong.Add($"Dead VPNs left {Html.Count(facts.Residue.Count, "entry", "entries")} behind.");
        }

        wrong.AddRange(
            facts
                .Checks.Where(check => check.Level == "problem")
                .Take(NamedMax)
                .Select(check => $"{check.Name}: {check.Text}")
        );
        return wrong;
    }

    private static IEnumerable<string> Ways(RouteTable now)
    {
        foreach (var address in Internet)
        {
            var way = Lookup.Of(now, address).Winner;
            var words = way is null ? "not at all" : RouteText.Print(way, now.Names);
            yield return $"{OwnerWords.NameOf(address.Family)}: {words}.";
        }
    }
}
