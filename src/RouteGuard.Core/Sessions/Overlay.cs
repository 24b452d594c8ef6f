using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Sessions;

/// <summary>What a session changed against its baseline.</summary>
/// <param name="OwnedRoutes">The ledger: routes that the session made. Only these are ever deleted for it.</param>
/// <param name="TakenRoutes">Routes of the baseline that the session removed or replaced, as they were.</param>
/// <param name="OwnedRules">Policy rules that the session made.</param>
/// <param name="TakenRules">Policy rules of the baseline that the session removed.</param>
/// <param name="Resolver">The resolver settings that the session left, if it changed them.</param>
public sealed record Overlay(
    EquatableList<Route> OwnedRoutes,
    EquatableList<Route> TakenRoutes,
    EquatableList<PolicyRule> OwnedRules,
    EquatableList<PolicyRule> TakenRules,
    ResolverSettings? Resolver
)
{
    public static Overlay Empty { get; } = new(new([]), new([]), new([]), new([]), null);

    /// <summary>True when the session made this very entry.</summary>
    public bool Owns(Route route) => OwnedRoutes.Any(owned => owned.IsSameAs(route));

    /// <summary>With these routes in the ledger too, those that it has already only once.</summary>
    public Overlay Owning(IEnumerable<Route> more) => this with { OwnedRoutes = Union(OwnedRoutes, more) };

    /// <summary>Both together; what is known stays known.</summary>
    public Overlay With(Overlay more) =>
        this with
        {
            OwnedRoutes = Union(OwnedRoutes, more.OwnedRoutes),
            TakenRoutes = Union(TakenRoutes, more.TakenRoutes),
            OwnedRules = new(OwnedRules.Union(more.OwnedRules)),
            TakenRules = new(TakenRules.Union(more.TakenRules)),
        };

    /// <summary>The table as it would be without the session: what it made is gone, what it took is back.</summary>
    public RouteTable TakenOff(RouteTable table)
    {
        var kept = table.Routes.Where(route => !Owns(route));
        var back = TakenRoutes.Where(taken => table.Find(taken) is not { } there || Owns(there));
        return table
            .WithRoutes(kept.Concat(back).Select(route => route with { Ordinal = 0 }))
            .WithRules(table.Rules.Where(rule => !OwnedRules.Contains(rule)).Union(TakenRules));
    }

    /// <summary>With the routes as the kernel keeps them: it fills in what we did not say (source, flags).</summary>
    public Overlay AsKept(RouteTable table)
    {
        Route Kept(Route route) =>
            table.Find(route) is { } there
            && !ReferenceEquals(there, route)
            && there.NextHop == route.NextHop
            && route.Attributes.PreferredSource is null
            && !there.HasValueOf(route)
                ? there
                : route;
        var kept = OwnedRoutes.Select(Kept).ToArray();
        return kept.SequenceEqual(OwnedRoutes, ReferenceEqualityComparer.Instance)
            ? this
            : this with
            {
                OwnedRoutes = new(kept),
            };
    }

    private static EquatableList<Route> Union(EquatableList<Route> known, IEnumerable<Route> more) =>
        new(known.Concat(more.Where(route => !known.Any(one => one.IsSameAs(route)))));

    public bool IsEmpty =>
        OwnedRoutes.Count + TakenRoutes.Count + OwnedRules.Count + TakenRules.Count == 0 && Resolver is null;
}
