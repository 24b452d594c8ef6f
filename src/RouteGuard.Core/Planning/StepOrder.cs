using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>The order of a plan: make before break, and what a step leans on before the step.</summary>
internal static class StepOrder
{
    /// <summary>
    /// Next-hop objects, then routes straight out of an interface, then routes by a gateway, longer prefixes before
    /// shorter so that the default comes when its gateway can be reached; then rules; removals last, defaults first
    /// among them, since a tunnel's default is what blinds the machine.
    /// </summary>
    public static IEnumerable<PlanStep> MakeBeforeBreak(
        IReadOnlyList<PlanStep> makes,
        IReadOnlyList<PlanStep> breaks
    ) => makes.OrderBy(MakeRank).Concat(breaks.OrderBy(BreakRank));

    private static (int Kind, int Length) MakeRank(PlanStep step) =>
        step switch
        {
            PlanStep.RemoveOrphan => (-1, 0),
            PlanStep.AddNextHop => (0, 0),
            PlanStep.AddRoute add => RouteRank(add.Route),
            PlanStep.ReplaceRoute replace => RouteRank(replace.After),
            // A deletion among the makes belongs right before the addition of the same destination.
            PlanStep.DeleteRoute delete => RouteRank(delete.Route),
            _ => (3, 0),
        };

    private static (int Kind, int Length) RouteRank(Route route) =>
        (route.NextHop is NextHop.OnLink ? 1 : 2, -route.Destination.Length);

    private static (int Kind, int Length) BreakRank(PlanStep step) =>
        step switch
        {
            PlanStep.DeleteRule => (0, 0),
            PlanStep.DeleteRoute delete => (1, delete.Route.Destination.Length),
            _ => (2, 0),
        };
}
