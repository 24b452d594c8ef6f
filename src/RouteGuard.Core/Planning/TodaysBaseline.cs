using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>
/// The routes that belong to the machine today: the stored baseline where it still holds, and what the operating system
/// says where it knows better. Pure.
/// </summary>
internal sealed class TodaysBaseline
{
    private readonly RestoreInputs _inputs;
    private readonly List<LeftAlone> _left = [];

    /// <summary>Routes whose interface has another number today, with the route as it was stored.</summary>
    private readonly Dictionary<Route, Route> _stored = new(ReferenceEqualityComparer.Instance);

    /// <summary>Routes that the operating system says: they need no proof that the network is the same.</summary>
    private readonly HashSet<Route> _trusted = new(ReferenceEqualityComparer.Instance);

    public TodaysBaseline(RestoreInputs inputs, NetworkIdentity identity)
    {
        _inputs = inputs;
        var routes = new Route[inputs.Baseline.Routes.Length];
        for (var at = 0; at < routes.Length; at++)
        {
            routes[at] = identity.Today(inputs.Baseline.Routes[at]);
            if (!ReferenceEquals(routes[at], inputs.Baseline.Routes[at]))
            {
                _stored[routes[at]] = inputs.Baseline.Routes[at];
            }
        }

        if (inputs.Truth.IsKnown)
        {
            routes = [.. WithTruth(IpFamily.V4, WithTruth(IpFamily.V6, routes))];
            Array.Sort(routes, RouteOrder.ByKey);
        }
        else if (_stored.Count > 0)
        {
            Array.Sort(routes, RouteOrder.ByKey);
        }

        Routes = routes;
    }

    /// <summary>Ascending by key, with today's interface numbers.</summary>
    public Route[] Routes { get; }

    /// <summary>What of the stored baseline is history.</summary>
    public IReadOnlyList<LeftAlone> LeftAlone => _left;

    /// <summary>The route as it was stored: identity is asked with the interface numbers of the baseline.</summary>
    public Route Stored(Route route) => _stored.GetValueOrDefault(route, route);

    public bool IsTrusted(Route route) => _trusted.Contains(route);

    private IEnumerable<Route> WithTruth(IpFamily family, IEnumerable<Route> routes)
    {
        var (mine, others) = Split(routes, family);
        IEnumerable<Route> today = WayOut.Of(family, _inputs) switch
        {
            WayOut.By by => Moved(by, mine),
            WayOut.Foreign foreign => Without(
                mine,
                IsDefault,
                $"the service {foreign.Service.Id} on {foreign.Service.InterfaceName} has the default, and it is not ours",
                isLoss: false
            ),
            WayOut.Gone => Without(
                mine,
                IsDefault,
                "the system says that there is no network; connect to one",
                isLoss: true
            ),
            _ => mine,
        };
        return today.Concat(others).ToArray();
    }

    private IEnumerable<Route> Moved(WayOut.By by, IReadOnlyList<Route> routes)
    {
        var kept = routes;
        foreach (var link in _inputs.Observed.Links.Where(link => WhyStale(link.Name, by.Service.Family) is not null))
        {
            kept = Without(
                kept,
                route => !route.Destination.IsDefault && RouteOwnership.LeavesBy(route, link.Index),
                WhyStale(link.Name, by.Service.Family)!,
                isLoss: false
            );
        }

        var said = Said(by, routes).ToArray();
        foreach (var gone in routes.Where(route => IsDefault(route) && !said.Any(one => IsSameWay(one, route))))
        {
            Leave(gone, $"the system says that {by.Service.InterfaceName} is the way out now", isLoss: false);
        }

        _trusted.UnionWith(said);
        return kept.Where(route => !IsDefault(route)).Concat(said);
    }

    // The default, what it leans on, and the scoped defaults of the services that come after it.
    private IEnumerable<Route> Said(WayOut.By by, IReadOnlyList<Route> stored)
    {
        var (service, link) = (by.Service, by.Link);
        yield return Known(DefaultOf(service, link, InterfaceIndex.None), stored);
        if (!IsReachable(service.Router!.Value, link.Index, stored))
        {
            yield return new Route
            {
                Destination = service.Addresses[0].Network,
                NextHop = new NextHop.OnLink(link.Index),
                Attributes = AttributesOf(service, link),
            };
        }

        foreach (var other in _inputs.Truth.Services.Where(other => other.Family == service.Family))
        {
            if (
                other is { Router: not null, Addresses.Count: > 0 }
                && WayOut.FindOwnLink(other, _inputs) is { } otherLink
                && otherLink.Index != link.Index
            )
            {
                var scoped = DefaultOf(other, otherLink, otherLink.Index);
                if (
                    Place(scoped, stored) is not null
                    || Place(scoped, _inputs.Observed.Routes)?.NextHop == scoped.NextHop
                )
                {
                    yield return Known(scoped, stored);
                }
            }
        }

        // A scoped default beside the unscoped one of the same interface is wanted only if it was there before.
        if (stored.FirstOrDefault(route => IsDefault(route) && route.ScopeInterface == link.Index) is { } beside)
        {
            var scoped = DefaultOf(service, link, link.Index);
            if (beside.NextHop == scoped.NextHop)
            {
                yield return Known(scoped, stored);
            }
        }
    }

    // The kernel fills in what we do not say (flags, source), so what is there or was there is preferred to our words.
    private Route Known(Route said, IReadOnlyList<Route> stored)
    {
        foreach (var known in new[] { Place(said, _inputs.Observed.Routes), Place(said, stored) })
        {
            if (
                known is not null
                && known.NextHop == said.NextHop
                && (said.Attributes.PreferredSource is not { } source || known.Attributes.PreferredSource == source)
            )
            {
                return known;
            }
        }

        return said;
    }

    private bool IsReachable(IpAddress router, InterfaceIndex device, IReadOnlyList<Route> stored) =>
        router.IsLinkLocal
        || _inputs
            .Observed.Routes.Concat(stored.Where(route => WhyStale(NameOf(device), route.Family) is null))
            .Any(route =>
                route.NextHop is NextHop.OnLink onLink
                && onLink.Device == device
                && !route.Destination.IsDefault
                && route.Destination.Contains(router)
            );

    private string? WhyStale(string interfaceName, IpFamily family)
    {
        var now = ServiceOn(_inputs.Truth, interfaceName, family);
        var then = ServiceOn(_inputs.TruthThen, interfaceName, family);
        return now is null || then is null ? null
            : now.Router != then.Router ? $"the router of {interfaceName} was {then.Router} and is {now.Router}"
            : !now.Addresses.Equals(then.Addresses) ? $"the addresses of {interfaceName} are others now"
            : now.NetworkSignature is { } sign && then.NetworkSignature is { } before && sign != before
                ? $"{interfaceName} is on another network, though its addresses look the same"
            : null;
    }

    private List<Route> Without(IEnumerable<Route> routes, Func<Route, bool> isHistory, string why, bool isLoss)
    {
        List<Route> kept = [];
        foreach (var route in routes)
        {
            if (!isHistory(route))
            {
                kept.Add(route);
            }
            else if (!RouteOwnership.IsKernelOwned(route))
            {
                Leave(route, why, isLoss);
            }
        }

        return kept;
    }

    private void Leave(Route route, string why, bool isLoss) =>
        _left.Add(new(RouteText.Print(route, _inputs.Observed.Names), why, isLoss) { Family = route.Family });

    private string NameOf(InterfaceIndex index) => _inputs.Observed.FindLink(index)?.Name ?? string.Empty;

    private static Route DefaultOf(TruthService service, NetworkLink link, InterfaceIndex scope) =>
        new()
        {
            Destination = Prefix.Default(service.Family),
            NextHop = new NextHop.Via(service.Router!.Value, link.Index),
            ScopeInterface = scope,
            Attributes = AttributesOf(service, link),
        };

    // As configd and the kernel make them: IPv4 with the interface's address, IPv6 as if advertised. An address that
    // the interface does not have (yet) is not said: the kernel would take another without a word.
    private static RouteAttributes AttributesOf(TruthService service, NetworkLink link)
    {
        var address = service.Addresses[0].Address;
        return service.Family == IpFamily.V6 ? new() { Protocol = RouteProtocol.Ra }
            : link.Addresses.Any(own => own.Address == address)
                ? new() { Protocol = RouteProtocol.Static, PreferredSource = address }
            : new() { Protocol = RouteProtocol.Static };
    }

    private static bool IsDefault(Route route) => route.Destination.IsDefault;

    private static bool IsSameWay(Route one, Route other) =>
        RouteOrder.ComparePlace(one, other) == 0 && one.NextHop == other.NextHop;

    private static Route? Place(Route like, IEnumerable<Route> routes) =>
        routes.FirstOrDefault(route => RouteOrder.ComparePlace(route, like) == 0);

    private static TruthService? ServiceOn(LiveTruth truth, string interfaceName, IpFamily family) =>
        truth.Services.FirstOrDefault(service =>
            service.Family == family && string.Equals(service.InterfaceName, interfaceName, StringComparison.Ordinal)
        );

    private static (List<Route> Mine, List<Route> Others) Split(IEnumerable<Route> routes, IpFamily family)
    {
        List<Route> mine = [];
        List<Route> others = [];
        foreach (var route in routes)
        {
            (route.Family == family ? mine : others).Add(route);
        }

        return (mine, others);
    }
}
