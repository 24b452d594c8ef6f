using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Doctor;
using RouteGuard.Platform.Recording;

namespace RouteGuard.Report;

/// <summary>The facts of a report with other addresses and names, before anything is made of them.</summary>
/// <remarks>
/// Here and not in the finished page, because here a prefix still is a prefix and a label a label: a page is marks,
/// numbers of a drawing and encoded letters, among which an address can be missed or a style taken for one.
/// </remarks>
internal sealed class FactsRedaction
{
    private const string HostNameOther = "host-1";

    /// <summary>A shorter name of a machine is a word of any text.</summary>
    private const int HostNameLengthMin = 3;

    private const string LabelStart = "label '";
    private const string LabelEnd = "', owner ";

    private readonly TextRedaction _text;
    private readonly TableRedaction _tables;

    public FactsRedaction(Pseudonyms pseudonyms, IRawRedaction raw)
    {
        _text = new(pseudonyms, raw);
        _tables = new(pseudonyms, raw);
    }

    public ReportFacts Of(ReportFacts facts)
    {
        var isInterface = facts.Now.FindLink(facts.Machine.HostName) is not null;
        if (facts.Machine.HostName.Length >= HostNameLengthMin && !isInterface)
        {
            _text.Hide(facts.Machine.HostName, HostNameOther);
        }

        // All labels first: one may stand in a text before its own session is told of.
        Session[] sessions =
        [
            .. facts.Sessions.Select(session => session with { Label = _text.OfLabel(session.Label) }),
        ];
        foreach (var record in facts.Journal.Story.Concat(facts.Journal.Tail))
        {
            HideLabelIn(record);
        }

        return facts with
        {
            Machine = new(HostNameOther, Of(facts.Machine.System), Of(facts.Machine.Kernel)),
            Sessions = sessions,
            Before = facts.Before is { } before ? _tables.Of(before) : null,
            During = facts.During is { } during ? _tables.Of(during) : null,
            Now = _tables.Of(facts.Now),
            Plan = facts.Plan is { } plan ? Of(plan) : null,
            Checks = [.. facts.Checks.Select(Of)],
            Residue = [.. facts.Residue.Select(Of)],
            Journal = facts.Journal with
            {
                Story = [.. facts.Journal.Story.Select(Of)],
                Tail = [.. facts.Journal.Tail.Select(Of)],
            },
            Notes = All(facts.Notes),
            IsRedacted = true,
        };
    }

    public RouteTable Of(RouteTable table) => _tables.Of(table);

    public string Of(string text) => _text.Of(text);

    private void HideLabelIn(JournalRecord record)
    {
        var end = record.Text.LastIndexOf(LabelEnd, StringComparison.Ordinal);
        if (
            record.Kind == JournalKind.SessionBegun
            && record.Text.StartsWith(LabelStart, StringComparison.Ordinal)
            && end >= LabelStart.Length
        )
        {
            _text.OfLabel(record.Text[LabelStart.Length..end]);
        }
    }

    private JournalRecord Of(JournalRecord record) =>
        record with
        {
            Text = Of(record.Text),
            Lines = All(record.Lines),
            Paths = [.. record.Paths.Select(mark => mark with { Route = Of(mark.Route) })],
        };

    private ReportView Of(ReportView plan) =>
        plan with
        {
            Cause = Of(plan.Cause),
            Steps =
            [
                .. plan.Steps.Select(step =>
                    step with
                    {
                        Step = Of(step.Step),
                        Reason = Of(step.Reason),
                        Outcome = Maybe(step.Outcome),
                    }
                ),
            ],
            LeftAlone = [.. plan.LeftAlone.Select(left => left with { What = Of(left.What), Why = Of(left.Why) })],
            Problems = All(plan.Problems),
        };

    private CheckView Of(CheckView check) => check with { Text = Of(check.Text), Advice = Maybe(check.Advice) };

    private ResidueView Of(ResidueView left) =>
        left with
        {
            What = Of(left.What),
            Why = Of(left.Why),
            Repair = Of(left.Repair),
        };

    private string? Maybe(string? text) => text is null ? null : Of(text);

    private IReadOnlyList<string> All(IReadOnlyList<string> texts) => [.. texts.Select(Of)];
}
