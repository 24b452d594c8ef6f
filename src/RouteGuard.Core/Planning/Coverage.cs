using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>Which addresses leave by an interface, as the kernel would decide for an ordinary packet of this
/// machine.</summary>
/// <remarks>
/// Ordinary: no firewall mark, TOS 0, no bound interface, source address not chosen yet. However a VPN splits the
/// address space (a default, halves, eighths, a table of its own), the answer is one set that can be compared.
/// </remarks>
/// <param name="Addresses">What leaves by the interface and by no other.</param>
/// <param name="NotUnderstood">Rules and routes that were passed over because they ask for more than a destination, in
/// the words of <c>ip</c>; the set is exact when there are none.</param>
public sealed record Coverage(PrefixSet Addresses, EquatableList<string> NotUnderstood)
{
    /// <summary>Of what was not understood, more than this is only counted.</summary>
    public const int NotUnderstoodMax = 16;

    public bool IsExact => NotUnderstood.Count == 0;

    public static Coverage Of(RouteTable table, InterfaceIndex device, IpFamily family)
    {
        // The kernel answers with no rule at all as if it had the one for main (macOS has no rules).
        var rules = table.Rules.Where(rule => rule.Family == family).DefaultIfEmpty(MainOnly(family));
        var found = PrefixSet.Empty(family);
        var open = PrefixSet.All(family);
        List<string> unclear = [];
        foreach (var rule in rules)
        {
            if (open.IsEmpty)
            {
                break;
            }

            switch (Matches(rule))
            {
                case null:
                    unclear.Add($"rule {rule}");
                    break;
                case true:
                    var (byDevice, answered) = Ask(table, rule, device, open);
                    found = found.Union(byDevice);
                    open = open.Except(answered);
                    break;
                default:
                    break;
            }
        }

        unclear.AddRange(
            table
                .Routes.Where(route => route.Family == family && route.Attributes.Source is not null)
                .Take(NotUnderstoodMax)
                .Select(route => RouteText.Print(route, table.Names))
        );
        return new(found, new(unclear.Take(NotUnderstoodMax)));
    }

    /// <summary>Routes that take addresses of others away from the tunnel: what a hostile network can add by DHCP
    /// option 121 or a router advertisement's route information.</summary>
    /// <param name="table">Now.</param>
    /// <param name="baseline">Before the VPN: what was there then is the machine's own.</param>
    /// <param name="overlays">Of all live sessions: what they made is meant.</param>
    /// <param name="tunnel">The tunnel.</param>
    public static IReadOnlyList<Bypass> Bypasses(
        RouteTable table,
        RouteTable baseline,
        IReadOnlyList<Overlay> overlays,
        InterfaceIndex tunnel
    ) =>
        [
            .. Bypass.Find(IpFamily.V4, table, baseline, overlays, tunnel),
            .. Bypass.Find(IpFamily.V6, table, baseline, overlays, tunnel),
        ];

    private static TableAnswers Ask(RouteTable table, PolicyRule rule, InterfaceIndex device, PrefixSet open)
    {
        var asked = rule.To is { } to ? open.Intersect(PrefixSet.Of(open.Family, [to])) : open;
        if (rule.Action != PolicyRule.ActionLookup)
        {
            return new(PrefixSet.Empty(open.Family), asked);
        }

        var suppressed = rule.SuppressPrefixLength is { } length ? (int)uint.Min(length, 128) : -1;
        var answers = TableAnswers.Of(table, rule.Table, open.Family, device, suppressed);
        return new(answers.ByInterface.Intersect(asked), answers.Answered.Intersect(asked));
    }

    // Null when only more than the destination would tell.
    private static bool? Matches(PolicyRule rule)
    {
        if (rule.Action == PolicyRule.ActionNop)
        {
            return false;
        }

        var isKnownAction =
            rule.Action
                is PolicyRule.ActionLookup
                    or PolicyRule.ActionBlackhole
                    or PolicyRule.ActionUnreachable
                    or PolicyRule.ActionProhibit
            && !rule.UsesVrfTable;
        var asksForMore =
            rule.AsksForMoreThanDestination
            || !rule.Raw.Equals(RawAttributes.None)
            || (rule.IsInverted && rule.To is not null);
        if (!isKnownAction || asksForMore)
        {
            return null;
        }

        return rule.WantsMark == rule.IsInverted;
    }

    private static PolicyRule MainOnly(IpFamily family) =>
        new()
        {
            Family = family,
            Priority = 32766,
            Table = Route.TableMain,
        };
}
