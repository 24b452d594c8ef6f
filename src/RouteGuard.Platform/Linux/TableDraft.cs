using System.Collections.Immutable;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>The lists that a table is made of.</summary>
public enum TableList
{
    Links,
    Addresses,
    NextHops,
    RoutesV4,
    RoutesV6,
    RulesV4,
    RulesV6,
}

/// <summary>Gathers what the kernel's lists tell, live or from a record, until it is a table.</summary>
/// <param name="decoder">Shared by all readings, so that routes share what they have in common.</param>
/// <param name="routesExpected">Routes of the reading before, so that the list need not grow.</param>
internal sealed class TableDraft(RouteDecoder decoder, int routesExpected)
{
    /// <summary>More entries than this that cannot be read are only counted.</summary>
    public const int FaultsMax = 16;

    private readonly List<Route> _routes = new(routesExpected);
    private readonly List<PolicyRule> _rules = [];
    private readonly List<NextHopObject> _nextHops = [];
    private readonly List<NetworkLink> _links = [];
    private readonly Dictionary<int, List<InterfaceAddress>> _addresses = [];
    private readonly List<string> _faults = [];

    /// <summary>Entries that could not be read and are not in the table: a sentence each.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Takes one entry of a list.</summary>
    public void Take(TableList list, in NetlinkMessage message)
    {
        switch (list)
        {
            case TableList.Links:
                TakeLink(message);
                break;
            case TableList.Addresses:
                TakeAddress(message);
                break;
            case TableList.NextHops:
                TakeNextHop(message);
                break;
            case TableList.RoutesV4:
                TakeRoute(IpFamily.V4, message);
                break;
            case TableList.RoutesV6:
                TakeRoute(IpFamily.V6, message);
                break;
            case TableList.RulesV4:
                TakeRule(IpFamily.V4, message);
                break;
            default:
                TakeRule(IpFamily.V6, message);
                break;
        }
    }

    public RouteTable ToTable() =>
        RouteTable.FromDump(
            _routes,
            _rules,
            _links.Select(link =>
                _addresses.TryGetValue(link.Index.Value, out var addresses)
                    ? link with
                    {
                        Addresses = new(addresses),
                    }
                    : link
            ),
            _nextHops
        );

    /// <summary>As <see cref="ToTable"/>, of a table that changed meanwhile: then a dump may name an entry
    /// twice.</summary>
    /// <remarks>
    /// An IPv6 dump that goes on after a change starts over and skips as many entries as it gave
    /// (ip6_fib.c:fib6_dump_table). No
    /// kernel table holds two entries that are equal in everything.
    /// </remarks>
    public RouteTable ToTableWithoutDoubles()
    {
        var table = ToTable();
        return table.Routes.Any(route => route.Ordinal > 0) ? table.WithRoutes(WithoutDoubles(table.Routes)) : table;
    }

    private static IEnumerable<Route> WithoutDoubles(ImmutableArray<Route> routes)
    {
        for (var at = 0; at < routes.Length; at++)
        {
            var route = routes[at];
            var twins = routes.AsSpan(at - route.Ordinal, route.Ordinal);
            var isDouble = false;
            foreach (var twin in twins)
            {
                isDouble |= twin.HasValueOf(route);
            }

            if (!isDouble)
            {
                yield return route.Ordinal == 0 ? route : route with { Ordinal = 0 };
            }
        }
    }

    // A kernel without IPv6 answers a request for its routes with those of all families.
    private void TakeRoute(IpFamily family, in NetlinkMessage message)
    {
        if (!decoder.TryDecode(message.Body, out var route, out var isCloned, out var fault))
        {
            Keep(fault);
        }
        else if (!isCloned && route.Family == family)
        {
            _routes.Add(route);
        }
    }

    private void TakeRule(IpFamily family, in NetlinkMessage message)
    {
        if (!RuleCodec.TryDecode(message.Body, out var rule, out var fault))
        {
            Keep(fault);
        }
        else if (rule.Family == family)
        {
            _rules.Add(rule);
        }
    }

    private void TakeLink(in NetlinkMessage message)
    {
        if (!LinkCodec.TryDecode(message.Body, out var link, out var isBridgePort, out var fault))
        {
            Keep(fault);
        }
        else if (!isBridgePort)
        {
            _links.Add(link);
        }
    }

    private void TakeAddress(in NetlinkMessage message)
    {
        if (!AddressCodec.TryDecode(message.Body, out var device, out var address, out var fault))
        {
            Keep(fault);
            return;
        }

        if (!_addresses.TryGetValue(device.Value, out var known))
        {
            _addresses.Add(device.Value, known = []);
        }

        known.Add(address);
    }

    private void TakeNextHop(in NetlinkMessage message)
    {
        if (!NextHopCodec.TryDecode(message.Body, out var nextHop, out var fault))
        {
            Keep(fault);
            return;
        }

        _nextHops.Add(nextHop);
    }

    private void Keep(WireFault fault)
    {
        if (_faults.Count < FaultsMax)
        {
            _faults.Add($"An entry of the kernel's table was left out: {fault}.");
        }
    }
}
