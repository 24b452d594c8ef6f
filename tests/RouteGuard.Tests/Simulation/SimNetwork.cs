using RouteGuard.Core.Routes;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <summary>The machine's own routes as they should be: where it stands, and what others have added. The truth that the
/// final table is compared with.</summary>
internal sealed class SimNetwork(SimScript script)
{
    private const int ForeignMax = 4;

    private readonly List<Route> _foreign = [];
    private readonly List<Route> _mayGo = [];
    private bool _isElsewhere;
    private bool _hasOtherGateway;
    private bool _hasUplink;

    public bool MayComeElsewhere => !_isElsewhere;

    public bool HasDhcp => script.HasDhcpDefault || _isElsewhere;

    public NetworkLink[] Links => [Phys0, Tables.Phys1Link];

    /// <summary>The machine's best way out.</summary>
    public Route Default =>
        HasDhcp
            ? Sim.Route("0.0.0.0/0", Gateway, RouteProtocol.Dhcp) with
            {
                Metric = 100,
            }
            : Sim.Route("0.0.0.0/0", Gateway);

    private NetworkLink Phys0 =>
        _isElsewhere
            ? Tables.Phys0Link with
            {
                Addresses = new([Tables.Address("10.66.0.10/24"), Tables.Address("2001:db8:1::10/64")]),
            }
            : Tables.Phys0Link;

    private NextHop Gateway =>
        new NextHop.Via(
            IpAddress.Parse($"{(_isElsewhere ? "10.66.0" : "192.0.2")}.{(_hasOtherGateway ? 254 : 1)}"),
            Tables.Phys0
        );

    public static NextHop Phys1Gateway(int host) =>
        new NextHop.Via(IpAddress.Parse($"198.51.100.{host}"), Tables.Phys1Link.Index);

    public IEnumerable<PolicyRule> Rules =>
        [
            RuleText.Parse("pref 0 lookup local protocol kernel"),
            RuleText.Parse("pref 32766 lookup main protocol kernel"),
        ];

    public IEnumerable<Route> Routes => [.. OfNetwork(), .. _foreign];

    public RouteTable Boot()
    {
        _foreign.Clear();
        _mayGo.Clear();
        return RouteTable.FromDump(OfNetwork(), Rules, Links);
    }

    public Route? AddForeign(int number, bool isHandMade)
    {
        var route = Sim.Route(
            $"10.{99 + number}.0.0/16",
            Phys1Gateway(7),
            isHandMade ? RouteProtocol.Static : (byte)186
        );
        if (_foreign.Exists(known => known.Destination == route.Destination) || _foreign.Count >= ForeignMax)
        {
            return null;
        }

        _foreign.Add(route);
        _mayGo.Add(route);
        return route;
    }

    /// <summary>The route that came last, if no session has it in its baseline.</summary>
    public Route? RemoveForeign()
    {
        if (_mayGo.Count == 0)
        {
            return null;
        }

        var route = _mayGo[^1];
        _mayGo.Remove(route);
        _foreign.Remove(route);
        return route;
    }

    /// <summary>What is there now is in a baseline.</summary>
    public void BaselineTaken() => _mayGo.Clear();

    public void Keep(Route route) => _foreign.Add(route);

    public void ChangeGateway() => _hasOtherGateway = !_hasOtherGateway;

    public void ComeElsewhere() => (_isElsewhere, _hasOtherGateway) = (true, false);

    public Route? AddUplink()
    {
        var isNew = !_hasUplink;
        _hasUplink = true;
        return isNew ? Uplink : null;
    }

    private static Route Uplink => Sim.Route("0.0.0.0/0", Phys1Gateway(1), RouteProtocol.Dhcp) with { Metric = 600 };

    private IEnumerable<Route> OfNetwork()
    {
        yield return Default;
        yield return Connected(Phys0);
        yield return Connected(Tables.Phys1Link);
        if (!_isElsewhere)
        {
            yield return Sim.Route(
                "172.16.0.0/16",
                new NextHop.Via(IpAddress.Parse("192.0.2.9"), Tables.Phys0),
                RouteProtocol.Static
            ) with
            {
                Metric = 50,
            };
        }

        if (script.HasV6)
        {
            yield return Sim.Route(
                "::/0",
                new NextHop.Via(IpAddress.Parse("2001:db8:1::1"), Tables.Phys0),
                RouteProtocol.Ra
            ) with
            {
                Metric = 100,
            };
        }

        if (_hasUplink)
        {
            yield return Uplink;
        }
    }

    private static Route Connected(NetworkLink link) =>
        new()
        {
            Destination = link.Addresses[0].Network,
            NextHop = new NextHop.OnLink(link.Index),
            Attributes = new() { Protocol = RouteProtocol.Kernel, PreferredSource = link.Addresses[0].Address },
        };
}
