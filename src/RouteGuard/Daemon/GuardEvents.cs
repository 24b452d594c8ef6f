using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>What changed from one turn to the next, as events. Pure.</summary>
internal static class GuardEvents
{
    /// <summary>Events of one turn; what is beyond is counted in a last one.</summary>
    public const int PerTurnMax = 64;

    public static IReadOnlyList<EventView> Between(GuardStatus? before, GuardStatus now, DateTimeOffset at)
    {
        EventView[] all =
        [
            .. Sessions(before, now, at),
            .. Restores(before, now, at),
            .. New("problem", before?.Problems, now.Problems, at),
            .. New("drift", before?.Drift, now.Drift, at),
            .. New("contest", before?.Contests, now.Contests, at),
            .. Verdicts(before, now, at),
        ];
        return all.Length <= PerTurnMax
            ? all
            :
            [
                .. all.Take(PerTurnMax - 1),
                new(at, "lost", $"{all.Length - PerTurnMax + 1} more events of this turn are not listed.", null),
            ];
    }

    private static IEnumerable<EventView> Sessions(GuardStatus? before, GuardStatus now, DateTimeOffset at)
    {
        var known = before?.Sessions ?? [];
        var ended = known.Where(session => now.Sessions.All(open => open.Id != session.Id));
        var moved = now.Sessions.Where(session =>
            known.FirstOrDefault(one => one.Id == session.Id)?.Phase != session.Phase
        );
        return ended
            .Select(session => new EventView(at, "session", "closed", session.Id.Value))
            .Concat(moved.Select(session => new EventView(at, "session", View.Word(session.Phase), session.Id.Value)));
    }

    private static IEnumerable<EventView> Restores(GuardStatus? before, GuardStatus now, DateTimeOffset at) =>
        now.LastRestore is { } report && !ReferenceEquals(report, before?.LastRestore)
            ?
            [
                new(
                    at,
                    "restore",
                    $"{View.Word(report.Result)}, because {report.Cause}",
                    report.Sessions is [var only] ? only.Value : null
                ),
            ]
            : [];

    private static IEnumerable<EventView> Verdicts(GuardStatus? before, GuardStatus now, DateTimeOffset at) =>
        before?.Verdict == now.Verdict ? [] : [new(at, "verdict", View.Word(now.Verdict), null)];

    private static IEnumerable<EventView> New(
        string kind,
        IReadOnlyList<string>? before,
        IReadOnlyList<string> now,
        DateTimeOffset at
    ) => now.Except(before ?? [], StringComparer.Ordinal).Select(text => new EventView(at, kind, text, null));
}
