using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Fakes;

/// <summary>Linux's habits in memory, as far as the engine can see them.</summary>
/// <remarks>
/// Key of an IPv4 entry: table, prefix, TOS, metric; an exclusive IPv6 addition is refused when an entry of equal
/// metric
/// is there, whatever its next hop. Routes of a link that goes down vanish without a word (linux/facts.md).
/// </remarks>
internal sealed class MemoryKernel : IKernelRoutes
{
    private readonly List<Route> _routes = [];
    private readonly List<PolicyRule> _rules = [];
    private readonly List<NetworkLink> _links = [];

    // Made when somebody looks; every change unmakes it.
    private RouteTable? _table;

    public int Reads { get; private set; }

    /// <summary>Every step that was sent, in words.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>Asked before each step; what it returns is the answer.</summary>
    public Func<PlanStep, StepOutcome?> Refuse { get; set; } = _ => null;

    /// <summary>What every change meets with, while it is set.</summary>
    public KernelRoutesException? Broken { get; set; }

    public RouteTable Table => _table ??= RouteTable.FromDump(_routes, _rules, _links);

    public void Become(RouteTable table)
    {
        _table = null;
        _routes.Clear();
        _rules.Clear();
        _links.Clear();
        _routes.AddRange(table.Routes.Select(route => route with { Ordinal = 0 }));
        _rules.AddRange(table.Rules);
        _links.AddRange(table.Links);
    }

    public void Add(string line)
    {
        if (line.StartsWith("rule ", StringComparison.Ordinal))
        {
            _table = null;
            _rules.Add(RuleText.Parse(line[5..]));
            return;
        }

        var route = RouteText.Parse(line, Table.Names);
        Assert.Equal(StepResult.Applied, Add(route, isBeside: false).Result);
        _table = null;
    }

    public void Delete(string line)
    {
        var removed = line.StartsWith("rule ", StringComparison.Ordinal)
            ? _rules.Remove(RuleText.Parse(line[5..]))
            : _routes.RemoveAll(route => route.IsSameAs(RouteText.Parse(line, Table.Names))) > 0;
        Assert.True(removed, $"there is no {line}");
        _table = null;
    }

    /// <summary>What somebody else than the guard does.</summary>
    public StepOutcome DoForOthers(PlanStep step) => Do(step);

    public void AddLink(NetworkLink link)
    {
        _table = null;
        _links.Add(link);
    }

    public void RemoveLink(string name)
    {
        var link = Table.FindLink(name)!;
        _table = null;
        _links.Remove(link);
        _routes.RemoveAll(route => RouteOwnership.LeavesBy(route, link.Index));
    }

    public void ChangeLink(string name, Func<NetworkLink, NetworkLink> change)
    {
        var at = _links.FindIndex(link => link.Name == name);
        _table = null;
        _links[at] = change(_links[at]);
        if (!_links[at].IsUp)
        {
            _routes.RemoveAll(route => RouteOwnership.LeavesBy(route, _links[at].Index));
        }
    }

    public bool HasSiblings => true;

    public RouteTable Read()
    {
        Reads++;
        return Table;
    }

    /// <summary>What the kernel answers instead of what its table says, by address.</summary>
    public Dictionary<IpAddress, InterfaceIndex?> Ways { get; } = [];

    public InterfaceIndex? WayTo(IpAddress destination) =>
        Ways.TryGetValue(destination, out var way)
            ? way
            : _routes
                .Where(route => route.Table == Route.TableMain && route.Destination.Contains(destination))
                .OrderByDescending(route => route.Destination.Length)
                .ThenBy(route => route.Metric)
                .FirstOrDefault()
                ?.NextHop.Device;

    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => new Prepared(steps);

    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps) =>
        Broken is null ? [.. steps.Steps.Select(Apply)] : throw Broken;

    public void Dispose() { }

    private StepOutcome Apply(PlanStep step)
    {
        Sent.Add(step.Describe(Table.Names));
        return Refuse(step) ?? Do(step);
    }

    private StepOutcome Do(PlanStep step)
    {
        var outcome = step switch
        {
            PlanStep.AddRoute add => Add(add.Route with { Ordinal = 0 }, add.IsBeside),
            PlanStep.ReplaceRoute replace => Replace(replace.After with { Ordinal = 0 }),
            PlanStep.DeleteRoute delete => Delete(delete.Route),
            PlanStep.AddRule rule => AddRule(rule.Rule),
            PlanStep.DeleteRule rule => _rules.Remove(rule.Rule)
                ? StepOutcome.Applied
                : new(StepResult.AlreadyDone, 2, "ENOENT"),
            _ => StepOutcome.Applied,
        };
        _table = null;
        return outcome;
    }

    private StepOutcome Add(Route route, bool isBeside)
    {
        if (!_links.Exists(link => link.Index == route.NextHop.Device && link.IsUp) && !route.NextHop.Device.IsNone)
        {
            return new(StepResult.Refused, 100, "ENETDOWN");
        }

        if (route.NextHop is NextHop.Via { IsOnLink: false } via && !IsOnLink(via))
        {
            return new(StepResult.Refused, 101, "ENETUNREACH", "Nexthop has invalid gateway");
        }

        var isTaken = _routes.Exists(other => isBeside ? other.IsSameAs(route) : HasKey(other, route));
        if (isTaken)
        {
            return new(StepResult.AlreadyDone, 17, "EEXIST");
        }

        _routes.Add(route);
        return StepOutcome.Applied;
    }

    // net/ipv4/fib_semantics.c:fib_check_nh.
    private bool IsOnLink(NextHop.Via via) =>
        via.Gateway.IsLinkLocal
        || _links.Exists(link =>
            link.Index == via.Device && link.Addresses.Any(own => own.Network.Contains(via.Gateway))
        )
        || _routes.Exists(route =>
            route.NextHop is NextHop.OnLink
            && route.NextHop.Device == via.Device
            && route.Destination.Contains(via.Gateway)
        );

    private StepOutcome Replace(Route route)
    {
        var at = _routes.FindIndex(other => HasKey(other, route));
        if (at < 0)
        {
            return Add(route, isBeside: false);
        }

        _routes[at] = route;
        return StepOutcome.Applied;
    }

    private StepOutcome Delete(Route route)
    {
        var at = _routes.FindIndex(other => HasKey(other, route) && other.HasValueOf(route));
        if (at < 0)
        {
            return new(StepResult.AlreadyDone, 3, "ESRCH");
        }

        _routes.RemoveAt(at);
        return StepOutcome.Applied;
    }

    private StepOutcome AddRule(PolicyRule rule)
    {
        if (_rules.Contains(rule))
        {
            return new(StepResult.AlreadyDone, 17, "EEXIST");
        }

        _rules.Add(rule);
        return StepOutcome.Applied;
    }

    private static bool HasKey(Route one, Route other) =>
        one.Table == other.Table
        && one.Destination == other.Destination
        && one.Tos == other.Tos
        && one.Metric == other.Metric
        && one.Attributes.Source == other.Attributes.Source;

    private sealed record Prepared(IReadOnlyList<PlanStep> Steps) : IPreparedSteps;
}
