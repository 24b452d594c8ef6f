using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>How each family fares. Made from the last look, and only when that or a session is another one.</content>
public sealed partial class Guard
{
    private FamilyFacts[] _facts = [];
    private RouteTable? _factsOf;
    private Session[] _factsOfSessions = [];

    private IReadOnlyList<FamilyHealth> HealthOfAll(IReadOnlyList<Contest> contests)
    {
        LookAgain();
        return [.. _facts.Select(facts => HealthOf(facts, contests))];
    }

    private FamilyHealth HealthOf(FamilyFacts facts, IReadOnlyList<Contest> contests)
    {
        var family = facts.Family;
        Drift[] drift =
        [
            .. _sessions.SelectMany(guarded => guarded.Drift).Where(one => one.Family is null || one.Family == family),
        ];
        var rival = contests.FirstOrDefault(contest => contest.Key.Destination.Family == family);
        var isDegraded =
            _kernelProblem is not null
            || _sessions.Exists(guarded => guarded.Losses.Any(loss => loss.Family is null || loss.Family == family));
        return new()
        {
            Family = family,
            Verdict = VerdictOf(isDegraded, rival is not null, drift.Length > 0),
            DefaultPath = facts.Path,
            ServerPath = facts.Server,
            Coverage = CoverageOf(family),
            Baseline = _sessions is [var first, ..] ? new(first.Baseline.TakenAt, facts.WhyNot) : null,
            Drift = drift,
            Rival = rival is null ? null : Describe(rival),
        };
    }

    // Of a family or of all, in this order: what is worst is said.
    private Verdict VerdictOf(bool isDegraded, bool isContested, bool hasDrift) =>
        isDegraded ? Verdict.Degraded
        : isContested ? Verdict.Contested
        : _sessions.Exists(guarded => guarded.Session.Phase == SessionPhase.Restoring) ? Verdict.Restoring
        : hasDrift ? Verdict.Drift
        : _sessions.Count > 0 ? Verdict.Guarding
        : Verdict.Ok;

    private TunnelCoverage? CoverageOf(IpFamily family)
    {
        var guarded = _sessions.FindLast(one => one.Promised.ContainsKey(family));
        if (guarded is null)
        {
            return null;
        }

        var promised = guarded.Promised[family];
        var (lost, bypasses) = guarded.Covered.GetValueOrDefault(family, (PrefixSet.Empty(family), []));
        var isMissing = _sessions.Exists(one =>
            one.Drift.Any(drift => drift.Family == family && drift.Kind is DriftKind.Missing or DriftKind.Changed)
        );
        return new(
            guarded.Session.Tunnel ?? guarded.Session.TunnelIndex.ToString(),
            promised.Text,
            promised.IsFull,
            lost.IsEmpty && bypasses.Count == 0 && !isMissing,
            lost.IsEmpty ? null : lost.ToString(),
            bypasses
        );
    }

    private StoredSession[] AsStored() =>
        [.. _sessions.Select(guarded => new StoredSession(guarded.Session, guarded.Baseline))];

    // A turn without a look or a change of a session costs a comparison and nothing more.
    private void LookAgain()
    {
        if (
            _facts.Length > 0
            && ReferenceEquals(_factsOf, _observed)
            && _factsOfSessions.Length == _sessions.Count
            && _factsOfSessions.Zip(_sessions).All(pair => ReferenceEquals(pair.First, pair.Second.Session))
        )
        {
            return;
        }

        _factsOf = _observed;
        _factsOfSessions = [.. _sessions.Select(guarded => guarded.Session)];
        var open = AsStored();
        _facts =
        [
            .. Families.Select(family =>
                _observed is { } table
                    ? new FamilyFacts(
                        family,
                        FamilyCheck.PathOf(table, open, family),
                        FamilyCheck.ServerOf(table, open, family),
                        open.Length == 0 ? null : FamilyCheck.WhyNotRestorable(table, open[0].Baseline.Table, family)
                    )
                    : new FamilyFacts(family, new(null, null, null, null, IsWhole: true), null, null)
            ),
        ];
    }

    /// <summary>What a table says of one family.</summary>
    private sealed record FamilyFacts(IpFamily Family, DefaultPath Path, ServerPath? Server, string? WhyNot);
}
