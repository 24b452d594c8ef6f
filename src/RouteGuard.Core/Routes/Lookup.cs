namespace RouteGuard.Core.Routes;

/// <summary>What the tables say of one address: which route an ordinary packet of this machine takes, and which it
/// would take next.</summary>
/// <remarks>
/// Ordinary: no firewall mark, TOS 0, no bound interface, source not chosen yet. Sources:
/// net/core/fib_rules.c:fib_rules_lookup, net/ipv4/fib_trie.c:fib_table_lookup.
/// </remarks>
/// <param name="Address">Asked for.</param>
/// <param name="Winner">The route, or null when none leads there.</param>
/// <param name="Rule">The policy rule that led to it, or that refused; null where there are no rules.</param>
/// <param name="Others">Routes that hold the address too, in the order in which they would take over.</param>
/// <param name="NotUnderstood">Rules that were passed over, since they ask for more than the destination.</param>
public sealed record Lookup(
    IpAddress Address,
    Route? Winner,
    PolicyRule? Rule,
    IReadOnlyList<Route> Others,
    IReadOnlyList<PolicyRule> NotUnderstood
)
{
    /// <summary>More than these nobody reads.</summary>
    public const int OthersMax = 16;

    /// <summary>True when the lookup ended with a rule that refuses packets.</summary>
    public bool IsRefusedByRule => Winner is null && Rule is not null;

    public static Lookup Of(RouteTable table, IpAddress address)
    {
        List<Route> found = [];
        List<PolicyRule> unclear = [];
        PolicyRule? decided = null;
        var rules = table.Rules.Where(rule => rule.Family == address.Family).ToArray();
        foreach (var rule in rules)
        {
            var matches = Matches(rule, address);
            if (matches is null)
            {
                unclear.Add(rule);
            }
            else if (matches == true && rule.Action != PolicyRule.ActionLookup)
            {
                decided ??= rule;
                break;
            }
            else if (matches == true)
            {
                var before = found.Count;
                found.AddRange(Candidates(table, rule, address));
                decided ??= found.Count > before ? rule : null;
            }
        }

        if (rules.Length == 0)
        {
            found.AddRange(Candidates(table, Route.TableMain, address));
        }

        // The same table may be asked by two rules; a route is one all the same.
        Route[] distinct = [.. found.Distinct()];
        return new(address, distinct.FirstOrDefault(), decided, [.. distinct.Skip(1).Take(OthersMax)], unclear);
    }

    private static IEnumerable<Route> Candidates(RouteTable table, PolicyRule rule, IpAddress address) =>
        Candidates(table, rule.Table, address)
            .Where(route => rule.SuppressPrefixLength is not { } length || route.Destination.Length > length);

    // A throw route ends the lookup in its table, so nothing behind it counts.
    private static IEnumerable<Route> Candidates(RouteTable table, uint number, IpAddress address) =>
        table
            .Routes.Where(route =>
                route.Table == number
                && route is { Tos: 0, ScopeInterface.IsNone: true, Attributes.Source: null }
                && route.Destination.Contains(address)
            )
            .OrderByDescending(route => route.Destination.Length)
            .ThenBy(route => route.Metric)
            .ThenBy(route => route.Ordinal)
            .TakeWhile(route => route.NextHop is not NextHop.Throw);

    // Null when only more than the destination would tell. goto is left to the kernel, which is asked beside this.
    private static bool? Matches(PolicyRule rule, IpAddress address)
    {
        if (rule.Action == PolicyRule.ActionNop)
        {
            return false;
        }

        if (rule.Action == PolicyRule.ActionGoto || rule.UsesVrfTable || rule.AsksForMoreThanDestination)
        {
            return null;
        }

        var holds = !rule.WantsMark && (rule.To is not { } to || to.Contains(address));
        return holds != rule.IsInverted;
    }
}
