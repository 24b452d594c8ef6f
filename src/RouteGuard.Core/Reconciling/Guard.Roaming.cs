using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>The machine came to another network while sessions live.</content>
public sealed partial class Guard
{
    /// <summary>Looks in a row that find the machine elsewhere while the kernel refuses what that needs; after as many
    /// the baseline moves all the same, and what is missing is drift.</summary>
    private const int MovesRefusedMax = 5;

    private int _movesRefused;

    // On disk before the kernel is touched: a guard that dies between its steps and the move knows both ways as the
    // session's when it comes back.
    private void Foresee(GuardedSession[] live, Roaming roaming)
    {
        foreach (var (guarded, rebased) in live.Zip(roaming.Overlays))
        {
            var overlay = guarded.Session.Overlay;
            var both = overlay.Owning(rebased.OwnedRoutes);
            if (both != overlay)
            {
                Keep(guarded, () => ports.Store.Save(guarded.Session with { Overlay = both }));
            }
        }
    }

    // What the new network needs, and not what somebody had changed before it came.
    private static bool IsOfMove(PlanStep step, Roaming roaming, RouteTable before) =>
        step switch
        {
            PlanStep.DeleteRoute delete => roaming.Obsolete.Any(route => route.IsSameAs(delete.Route)),
            _ => RouteOf(step)?.NextHop is NextHop.Via way
                && Defaults(roaming.Baseline).Any(route => route.NextHop == way)
                && !Defaults(before).Any(route => route.NextHop == way),
        };

    // After the steps: a crash before this finds the same roaming again, for the stored baseline is still the old one.
    private void Move(
        GuardedSession[] live,
        Roaming roaming,
        IReadOnlyList<Overlay> kept,
        LiveTruth truth,
        RouteTable seen
    )
    {
        var names = seen.Names;
        var before = live[0].Baseline.Table;
        string[] lines =
        [
            .. Defaults(before).Select(route => $"was {RouteText.Print(route, before.Names)}"),
            .. Defaults(roaming.Baseline).Select(route => $"is {RouteText.Print(route, names)}"),
        ];
        for (var at = 0; at < live.Length; at++)
        {
            var guarded = live[at];
            Note(JournalKind.BaselineMoved, guarded.Session.Id, "the machine came to another network", lines);

            // Each has its own: a later one knows routes that came after an earlier one was taken.
            var moved = at == 0 ? roaming : Roaming.Find(MachineOf(guarded, seen), kept);
            guarded.Baseline = guarded.Baseline with
            {
                TakenAt = time.GetUtcNow(),
                Table = moved?.Baseline ?? guarded.Baseline.Table,
                Truth = truth,
            };
            guarded.Session = guarded.Session with { Overlay = roaming.Overlays[at] };
            Keep(guarded, () => ports.Store.Move(guarded.Session, guarded.Baseline));
            guarded.Armed = null;
            if (_observed is { } table)
            {
                Announce(guarded, table);
                Arm(guarded, table);
            }
        }
    }
}
