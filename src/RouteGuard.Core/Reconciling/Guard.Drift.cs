using System.Globalization;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Reconciling;

/// <content>What differs from what live sessions rely on, and who made it.</content>
public sealed partial class Guard
{
    /// <summary>Writers that are remembered; the oldest is forgotten first.</summary>
    private const int WritersMax = 256;

    private readonly Dictionary<Prefix, string> _writers = [];
    private readonly Queue<Prefix> _writersInOrder = [];
    private readonly DriftTally _tally = new();
    private IReadOnlyList<Drift> _driftTold = [];

    // Said once for each difference, with who made it where that is known.
    private void Report(GuardedSession[] live, Plan plan, RouteTable table, IReadOnlyList<Drift> lostCoverage)
    {
        Drift[] drift = [.. plan.Steps.Select(step => DriftOf(step, table.Names)), .. lostCoverage];
        var news = drift.Except(_driftTold).ToArray();
        _driftTold = drift;
        if (news.Length > 0)
        {
            Array.ForEach(news, _tally.Add);
            _meter = _meter with { Drifts = _meter.Drifts + news.Length, DriftCounts = _tally.Counts() };
            Note(
                JournalKind.Drift,
                live[0].Session.Id,
                "somebody changed what a session relies on",
                Cut(news, one => one.Text)
            );
        }

        Drift[] lost =
        [
            .. plan
                .LeftAlone.Where(one => one.IsLoss)
                .Select(one => new Drift(one.Family, DriftKind.Missing, null, $"missing: {one.What}, and {one.Why}")),
        ];
        foreach (var guarded in live)
        {
            guarded.Drift = guarded == live[0] ? [.. drift, .. lost] : [];
        }
    }

    private Drift DriftOf(PlanStep step, InterfaceNames names)
    {
        var (kind, line) = step switch
        {
            PlanStep.AddRoute add => (DriftKind.Missing, $"missing: {RouteText.Print(add.Route, names)}"),
            PlanStep.ReplaceRoute replace => (
                DriftKind.Changed,
                $"changed: {RouteText.Print(replace.Before, names)} in the place of {RouteText.Print(replace.After, names)}"
            ),
            PlanStep.AddRule add => (DriftKind.Missing, $"missing: rule {add.Rule}"),
            PlanStep.AddNextHop => (DriftKind.Missing, step.Describe(names)),
            _ => (DriftKind.Extra, step.Describe(names)),
        };
        var route = RouteOf(step);
        var writer = route is null ? null : _writers.GetValueOrDefault(route.Destination);
        var family = route?.Family ?? (step is PlanStep.AddRule one ? one.Rule.Family : null);
        return new(family, kind, writer, writer is null ? line : $"{line}, by {writer}");
    }

    private void Remember(KernelEvent.RouteWritten written)
    {
        foreach (
            var guarded in _sessions.Where(guarded =>
                written.Pid is { } pid && guarded.Session.Owner?.Pid == pid && guarded.WroteItself.Count < WritersMax
            )
        )
        {
            guarded.WroteItself.Add(written.Destination);
        }

        if (!_writers.ContainsKey(written.Destination))
        {
            _writersInOrder.Enqueue(written.Destination);
            if (_writersInOrder.Count > WritersMax)
            {
                _writers.Remove(_writersInOrder.Dequeue());
            }
        }

        _writers[written.Destination] = written.Writer;
    }

    private string Describe(Contest contest) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{contest.Key.Destination} is left to {_writers.GetValueOrDefault(contest.Key.Destination, "whoever rewrites it")} until {contest.Until:HH:mm:ss}"
        );
}
