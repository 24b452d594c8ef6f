using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Turns the table that is into the table that was: pure, ordered, with a reason for each step.</summary>
/// <remarks>
/// Written is only what the baseline wants and the network identity allows; deleted is only what the ledger names.
/// Applied twice it changes nothing the second time, because the second plan is empty.
/// </remarks>
public static class Planner
{
    /// <summary>More steps than any real table needs; a plan beyond it is cut and the rest comes in the next
    /// pass.</summary>
    public const int StepsPerPassMax = 1_000_000;

    public static Plan Restore(RestoreInputs inputs) => new Draft(inputs).Finish();

    private sealed class Draft
    {
        private readonly RestoreInputs _inputs;
        private readonly NetworkIdentity _identity;
        private readonly TodaysBaseline _today;
        private readonly List<PlanStep> _makes = [];
        private readonly List<PlanStep> _breaks = [];
        private readonly List<LeftAlone> _left = [];
        private readonly HashSet<Route> _extrasReplaced = [];

        // In a place that the baseline wants but must not have now.
        private readonly List<Route> _standIns = [];
        private readonly Lazy<ILookup<(uint Table, Prefix Destination), Route>> _observedByDestination;

        public Draft(RestoreInputs inputs)
        {
            _inputs = inputs;
            _identity = new(inputs.Baseline, inputs.Observed);
            _today = new(inputs, _identity);
            _left.AddRange(_today.LeftAlone);
            _observedByDestination = new(() =>
                inputs.Observed.Routes.ToLookup(route => (route.Table, route.Destination))
            );
        }

        public Plan Finish()
        {
            var wanted = _today.Routes;
            var difference = TableDifference.Between(wanted, _inputs.Observed.Routes);
            difference = _inputs.HasSiblings ? difference : difference.WithoutSiblings();
            var crowded = PlanCrowdedKeys(wanted, difference);
            foreach (var route in difference.Missing.Where(route => !crowded.Contains(EntryOf(route))))
            {
                PlanMissing(route, difference.Extra);
            }

            foreach (var (before, after) in difference.Changed.Where(pair => !crowded.Contains(EntryOf(pair.Before))))
            {
                PlanChanged(before, after);
            }

            PlanLiveOverlays();
            foreach (var route in difference.Extra.Where(route => !crowded.Contains(EntryOf(route))).Concat(_standIns))
            {
                PlanExtra(route);
            }

            PlanRules();
            PlanOrphans();
            return new(new(Order().Take(StepsPerPassMax)), new(_left));
        }

        private void PlanMissing(Route route, IReadOnlyList<Route> extra)
        {
            if (!MayWrite(route) || IsWithdrawn(route))
            {
                return;
            }

            PlanNextHopObject(route);
            var siblings =
                _inputs.HasSiblings && route.Family == IpFamily.V6
                    ? ObservedAt(route).Where(other => IsSibling(route, other)).ToArray()
                    : [];
            var swap =
                siblings.Length == 1 && extra.Contains(siblings[0]) && WhyDelete(siblings[0]) is not null
                    ? siblings[0]
                    : null;
            if (swap is not null && _extrasReplaced.Add(swap))
            {
                _makes.Add(new PlanStep.ReplaceRoute(swap, route, "took the place of a route of the baseline"));
                return;
            }

            _makes.Add(
                new PlanStep.AddRoute(
                    route,
                    route.Ordinal > 0 || siblings.Length > 0,
                    "belongs to the baseline and is missing"
                )
            );
        }

        private void PlanChanged(Route wanted, Route observed)
        {
            if (!MayWrite(wanted))
            {
                // What the dead session had put there goes all the same.
                _standIns.AddRange(
                    IsOwned(observed) || RouteOwnership.LeavesBy(observed, _inputs.Tunnel) ? [observed] : []
                );
                return;
            }

            if (IsOfLiveSession(observed))
            {
                Leave(wanted, "a live session has put its own in the place", isLoss: false);
                return;
            }

            if (!_today.IsTrusted(wanted) && !RouteOwnership.IsHandMade(observed) && !IsOwned(observed))
            {
                Leave(
                    observed,
                    $"{RouteProtocol.NameOf(observed.Attributes.Protocol)} changed it since the baseline; that is newer truth",
                    isLoss: false
                );
                return;
            }

            PlanNextHopObject(wanted);
            _makes.Add(new PlanStep.ReplaceRoute(observed, wanted, "is not as the baseline has it"));
        }

        private void PlanExtra(Route route)
        {
            if (!_extrasReplaced.Contains(route) && WhyDelete(route) is { } reason)
            {
                _breaks.Add(new PlanStep.DeleteRoute(route, reason));
            }
        }

        // Several IPv4 entries may share one key, and the first wins. Then only exact additions at the end and exact
        // deletions are safe: the kernel's replace would hit whichever stands first.
        private HashSet<(uint Table, Prefix Destination, byte Tos, uint Metric)> PlanCrowdedKeys(
            Route[] wanted,
            TableDifference difference
        )
        {
            var touched = difference
                .Missing.Concat(difference.Extra)
                .Concat(difference.Changed.Select(pair => pair.After));
            var crowded = touched
                .Where(route => route is { Family: IpFamily.V4, Ordinal: > 0 })
                .Select(EntryOf)
                .ToHashSet();
            foreach (var entry in crowded)
            {
                PlanCrowdedKey(
                    [.. wanted.Where(route => EntryOf(route) == entry)],
                    [.. _inputs.Observed.Routes.Where(route => EntryOf(route) == entry)]
                );
            }

            return crowded;
        }

        private void PlanCrowdedKey(Route[] wanted, Route[] observed)
        {
            var kept = observed
                .Where(route => WhyDelete(route) is null || wanted.Any(want => want.HasValueOf(route)))
                .ToList();
            foreach (var route in observed.Except(kept))
            {
                _breaks.Add(new PlanStep.DeleteRoute(route, WhyDelete(route)!));
            }

            var inOrder = 0;
            while (inOrder < wanted.Length && inOrder < kept.Count && wanted[inOrder].HasValueOf(kept[inOrder]))
            {
                inOrder++;
            }

            foreach (var route in wanted.Skip(inOrder).Where(MayWrite))
            {
                if (kept.Find(have => have.HasValueOf(route)) is { } misplaced)
                {
                    _makes.Add(new PlanStep.DeleteRoute(misplaced, "stands before a route that the baseline prefers"));
                }

                _makes.Add(new PlanStep.AddRoute(route, IsBeside: true, "belongs to the baseline and is missing"));
            }
        }

        private void PlanNextHopObject(Route route)
        {
            if (
                route.NextHop is not NextHop.Shared shared
                || _inputs.Observed.NextHops.Any(known => known.Id == shared.Id)
                || _makes.OfType<PlanStep.AddNextHop>().Any(step => step.NextHop.Id == shared.Id)
            )
            {
                return;
            }

            var stored = _inputs.Baseline.NextHops.FirstOrDefault(known => known.Id == shared.Id);
            if (stored is not null)
            {
                _makes.Add(new PlanStep.AddNextHop(stored, "is used by a route of the baseline and is missing"));
            }
        }

        private void PlanRules()
        {
            var observed = _inputs.Observed.Rules;
            foreach (var rule in _inputs.Baseline.Rules.Where(rule => !observed.Contains(rule)))
            {
                if (!_inputs.LiveOverlays.Any(other => other.TakenRules.Contains(rule)))
                {
                    _makes.Add(new PlanStep.AddRule(rule, "belongs to the baseline and is missing"));
                }
            }

            foreach (
                var rule in observed.Where(rule =>
                    !_inputs.Baseline.Rules.Contains(rule) && _inputs.Overlay.OwnedRules.Contains(rule)
                )
            )
            {
                if (!_inputs.LiveOverlays.Any(other => other.OwnedRules.Contains(rule)))
                {
                    _breaks.Add(new PlanStep.DeleteRule(rule, "was made by the session"));
                }
            }
        }

        // The baseline first, the live tunnels' routes on top.
        private void PlanLiveOverlays()
        {
            var usable = _inputs
                .Observed.Links.Where(link => link is { IsUsable: true })
                .Select(link => link.Index)
                .ToHashSet();
            var live = _inputs.LiveOverlays.SelectMany(overlay => overlay.OwnedRoutes);
            foreach (
                var route in live.Where(route =>
                    usable.Contains(route.NextHop.Device) && !_inputs.Spent.Contains(RouteKey.Of(route))
                )
            )
            {
                switch (_inputs.Observed.Find(route))
                {
                    case null:
                        _makes.Add(
                            new PlanStep.AddRoute(route, route.Ordinal > 0, "belongs to a live session and is missing")
                        );
                        break;
                    case { } other when !other.HasValueOf(route) && IsOwned(other) && !IsOfLiveSession(other):
                        // The session that ends had put its own in the place.
                        _extrasReplaced.Add(other);
                        _makes.Add(new PlanStep.ReplaceRoute(other, route, "belongs to a live session again"));
                        break;
                    default:
                        break;
                }
            }

            var rules = _inputs
                .LiveOverlays.SelectMany(overlay => overlay.OwnedRules)
                .Where(rule => !_inputs.Observed.Rules.Contains(rule));
            _makes.AddRange(
                rules.Select(rule => new PlanStep.AddRule(rule, "belongs to a live session and is missing"))
            );
        }

        // A service that a dead program made up stays elected until its entry goes, and keeps the real one from it.
        private void PlanOrphans()
        {
            var orphans = _inputs.Truth.Services.Where(service =>
                !service.IsConfigured
                && !_inputs.TruthThen.Services.Any(then =>
                    string.Equals(then.Key, service.Key, StringComparison.Ordinal)
                )
            );
            foreach (var service in orphans)
            {
                var isDead = string.Equals(service.InterfaceName, _inputs.DeadTunnel, StringComparison.Ordinal);
                if (isDead || _inputs.Observed.FindLink(service.InterfaceName) is null)
                {
                    _makes.Add(
                        new PlanStep.RemoveOrphan(
                            service.Key,
                            isDead ? "was left by the dead VPN" : $"names {service.InterfaceName}, which is gone"
                        )
                    );
                }
            }
        }

        private bool MayWrite(Route route)
        {
            if (RouteOwnership.IsKernelOwned(route))
            {
                return false;
            }

            if (
                _inputs.LiveOverlays.Any(other =>
                    other.TakenRoutes.Any(taken => RouteOrder.ByKey.Compare(taken, route) == 0)
                )
            )
            {
                Leave(route, "a live session has taken it", isLoss: false);
                return false;
            }

            if (!_today.IsTrusted(route) && _identity.WhyNot(_today.Stored(route)) is { } why)
            {
                Leave(route, why, isLoss: !HasOtherPath(route));
                return false;
            }

            return true;
        }

        // Another network came with a way out of its own: then the old one is history, not a loss.
        private bool HasOtherPath(Route route) =>
            ObservedAt(route)
                .Any(other =>
                    !RouteOwnership.LeavesBy(other, _inputs.Tunnel) && other.NextHop.LeadsOut && !IsOwned(other)
                );

        private string? WhyDelete(Route route)
        {
            if (RouteOwnership.IsKernelOwned(route) || IsOfLiveSession(route))
            {
                return null;
            }

            if (IsOwned(route))
            {
                return "was made by the session";
            }

            if (!RouteOwnership.IsHandMade(route))
            {
                return null;
            }

            if (RouteOwnership.LeavesBy(route, _inputs.Tunnel))
            {
                return "leads into the session's tunnel";
            }

            return StandsInTheWay(route) ? "stands where the session took a route of the baseline away" : null;
        }

        // The same way in another form, or one that would win; what loses to the baseline's own is somebody's spare.
        private bool StandsInTheWay(Route route) =>
            At(route, _inputs.Overlay.TakenRoutes).ToArray() is { Length: > 0 } taken
            && At(route, _today.Routes).ToArray() is { Length: > 0 } wanted
            && (
                Array.Exists(taken, other => other.NextHop == route.NextHop)
                || route.Metric <= wanted.Min(other => other.Metric)
            );

        // A routing program that took a route back did so for a reason, unless the session took it.
        private bool IsWithdrawn(Route route) =>
            !_inputs.IsWhole
            && RouteOwnership.IsOfRoutingProgram(route)
            && !_inputs.Overlay.TakenRoutes.Any(taken => RouteOrder.ComparePlace(taken, route) == 0);

        private static IEnumerable<Route> At(Route route, IEnumerable<Route> others) =>
            others.Where(other => other.Table == route.Table && other.Destination == route.Destination);

        private bool IsOfLiveSession(Route route) => _inputs.LiveOverlays.Any(other => other.Owns(route));

        // Wherever it stands among entries of equal key: another session may have come or gone before it.
        private bool IsOwned(Route route) =>
            _inputs.Overlay.OwnedRoutes.Any(owned =>
                RouteOrder.CompareEntry(owned, route) == 0 && owned.HasValueOf(route)
            );

        private void Leave(Route route, string why, bool isLoss) =>
            _left.Add(new(RouteText.Print(route, _inputs.Observed.Names), why, isLoss) { Family = route.Family });

        private IEnumerable<Route> ObservedAt(Route route) =>
            _observedByDestination.Value[(route.Table, route.Destination)];

        private IEnumerable<PlanStep> Order() => StepOrder.MakeBeforeBreak(_makes, _breaks);

        private static bool IsSibling(Route route, Route other) =>
            other.Metric == route.Metric && other.Attributes.Source == route.Attributes.Source;

        private static (uint Table, Prefix Destination, byte Tos, uint Metric) EntryOf(Route route) =>
            (route.Table, route.Destination, route.Tos, route.Metric);
    }
}
