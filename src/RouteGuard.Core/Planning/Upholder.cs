using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>Plans what a live session needs after somebody moved its routes: baseline below, overlays on top.
/// Pure.</summary>
/// <remarks>
/// Written is what a session owns, or what the baseline wants and nobody took; deleted is what a session had taken and
/// somebody brought back where it wins, and what is obsolete. Everything else that differs is not ours to change.
/// </remarks>
public static class Upholder
{
    public static Plan Plan(UpholdInputs inputs) => new Draft(inputs).Finish();

    private sealed class Draft(UpholdInputs inputs)
    {
        private readonly RouteTable _observed = inputs.Machine.Observed;
        private readonly NetworkIdentity _identity = new(inputs.Machine.Baseline, inputs.Machine.Observed);
        private readonly List<PlanStep> _serverPath = [];
        private readonly List<PlanStep> _makes = [];
        private readonly List<PlanStep> _breaks = [];
        private readonly List<LeftAlone> _left = [];

        // Places that a session decides about, so that nobody below it does.
        private readonly SortedSet<Route> _decided = new(inputs.Machine.HasSiblings ? RouteOrder.ByKey : ByPlace);

        private static IComparer<Route> ByPlace { get; } = Comparer<Route>.Create(RouteOrder.ComparePlace);

        public Plan Finish()
        {
            foreach (var overlay in inputs.Overlays.Reverse())
            {
                PlanOverlay(overlay);
            }

            foreach (var route in inputs.Obsolete.Where(route => !_decided.Contains(route)))
            {
                if (_observed.Find(route)?.IsSameAs(route) == true)
                {
                    _breaks.Add(new PlanStep.DeleteRoute(route, "leads over a network that the machine has left"));
                }
            }

            if (inputs.IsGraceOver)
            {
                PlanBaseline();
            }

            if (inputs.IsQuiet)
            {
                PlanRules();
            }

            // The path to the server before the tunnel: else the tunnel's own packets would go into it.
            var steps = _serverPath
                .OrderByDescending(step => step is PlanStep.AddRoute add ? add.Route.Destination.Length : 0)
                .Concat(StepOrder.MakeBeforeBreak(_makes, _breaks));
            return new(new(steps.Take(Planner.StepsPerPassMax)), new(_left));
        }

        private void PlanOverlay(Overlay overlay)
        {
            foreach (var route in overlay.OwnedRoutes.Where(_decided.Add))
            {
                PlanOwned(route, overlay);
            }

            foreach (var route in overlay.TakenRoutes.Where(_decided.Add))
            {
                if (
                    RouteOwnership.IsHandMade(route)
                    && _observed.Find(route)?.IsSameAs(route) == true
                    && Beats(route, overlay)
                )
                {
                    _breaks.Add(new PlanStep.DeleteRoute(route, "was taken by the session and came back"));
                }
            }
        }

        private void PlanOwned(Route route, Overlay overlay)
        {
            if (_observed.Find(route)?.HasValueOf(route) == true)
            {
                return;
            }

            var there = _observed.Routes.Where(other => RouteOrder.ComparePlace(other, route) == 0).ToArray();
            if (Array.Exists(there, other => other.HasValueOf(route)))
            {
                Leave(route, "another route stands before it", isLoss: false);
                return;
            }

            if (WhyNot(route) is { } why)
            {
                Leave(route, why, isLoss: true);
                return;
            }

            var other = Array.Find(there, one => !RouteOwnership.IsKernelOwned(one));
            var isCrowded =
                there.Length > 1
                || (inputs.Machine.HasSiblings && IsElsewhereOwned(other) && !HasTaken(overlay, other!));
            PlanStep step =
                other is null || isCrowded
                    ? new PlanStep.AddRoute(route, there.Length > 0, "belongs to a live session and is missing")
                    : new PlanStep.ReplaceRoute(other, route, "was put in the place of a live session's route");
            (IsServerPath(route) ? _serverPath : _makes).Add(step);
        }

        private void PlanBaseline()
        {
            var today = new TodaysBaseline(inputs.Machine, _identity);
            var missing = TableDifference.Between(today.Routes, _observed.Routes);
            missing = inputs.Machine.HasSiblings ? missing : missing.WithoutSiblings();
            foreach (var route in missing.Missing.Where(route => !_decided.Contains(route)))
            {
                var isOurs = !RouteOwnership.IsKernelOwned(route) && route.Ordinal == 0;
                if (isOurs && (today.IsTrusted(route) || _identity.WhyNot(today.Stored(route)) is null))
                {
                    _makes.Add(
                        new PlanStep.AddRoute(route, IsBeside: false, "belongs to the baseline and did not come back")
                    );
                }
            }
        }

        private void PlanRules()
        {
            var owned = inputs.Overlays.SelectMany(overlay => overlay.OwnedRules).Distinct();
            _makes.AddRange(
                owned
                    .Where(rule => !_observed.Rules.Contains(rule))
                    .Select(rule => new PlanStep.AddRule(rule, "belongs to a live session and is missing"))
            );
        }

        // Only what can carry a packet now; a gateway of another network would be a stranger.
        private string? WhyNot(Route route)
        {
            var device = route.NextHop.Device;
            if (device.IsNone)
            {
                return null;
            }

            var link = _observed.FindLink(device);
            if (link is not { IsUsable: true })
            {
                return $"{link?.Name ?? "its interface"} is {(link is null ? "gone" : "down")}";
            }

            return route.NextHop is NextHop.Via { IsOnLink: false } via && !IsOnLink(via.Gateway, link)
                ? $"its gateway {via.Gateway} is not on {link.Name} any more"
                : null;
        }

        private bool IsOnLink(IpAddress gateway, NetworkLink link) =>
            gateway.IsLinkLocal
            || link.IsPointToPoint
            || link.Addresses.Any(own => own.Network.Contains(gateway))
            || _observed.Routes.Any(route =>
                route.NextHop is NextHop.OnLink onLink
                && onLink.Device == link.Index
                && !route.Destination.IsDefault
                && route.Destination.Contains(gateway)
            );

        private static bool IsServerPath(Route route) => route.Destination.IsHost && route.NextHop is NextHop.Via;

        private bool IsElsewhereOwned(Route? route) =>
            route is not null && inputs.Overlays.Any(overlay => overlay.Owns(route));

        // A session that took the place of another's route did so in its place, not beside it.
        private static bool HasTaken(Overlay overlay, Route route) =>
            overlay.TakenRoutes.Any(taken => taken.IsSameAs(route));

        // Harmless beside a tunnel's route that the kernel prefers.
        private static bool Beats(Route route, Overlay overlay) =>
            overlay
                .OwnedRoutes.Where(owned => owned.Table == route.Table && owned.Destination == route.Destination)
                .All(owned => route.Metric <= owned.Metric && owned.ScopeInterface.IsNone);

        private void Leave(Route route, string why, bool isLoss) =>
            _left.Add(new(RouteText.Print(route, _observed.Names), why, isLoss) { Family = route.Family });
    }
}
