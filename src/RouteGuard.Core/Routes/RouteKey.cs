namespace RouteGuard.Core.Routes;

/// <summary>What the kernel calls the same entry.</summary>
/// <remarks>
/// Linux: family, table, prefix, TOS, metric; for IPv6 also the source prefix and the next hop, since siblings are
/// entries of their own (net/ipv6/ip6_fib.c:rt6_qualify_for_ecmp). macOS: family, prefix, host flag, scope interface.
/// The ordinal tells apart IPv4 entries that share all of these (net/ipv4/fib_trie.c:fib_insert_alias).
/// </remarks>
public sealed record RouteKey
{
    private RouteKey() { }

    public required Prefix Destination { get; init; }

    public required uint Table { get; init; }

    public required uint Metric { get; init; }

    public required byte Tos { get; init; }

    public required bool IsHostEntry { get; init; }

    public required InterfaceIndex ScopeInterface { get; init; }

    public required Prefix? Source { get; init; }

    /// <summary>IPv6 on Linux only; null elsewhere.</summary>
    public required NextHop? Sibling { get; init; }

    public required byte Ordinal { get; init; }

    public static RouteKey Of(Route route) =>
        new()
        {
            Destination = route.Destination,
            Table = route.Table,
            Metric = route.Metric,
            Tos = route.Tos,
            IsHostEntry = route.IsHostEntry,
            ScopeInterface = route.ScopeInterface,
            Source = route.Attributes.Source,
            Sibling = route.Family == IpFamily.V6 ? route.NextHop : null,
            Ordinal = route.Ordinal,
        };
}
