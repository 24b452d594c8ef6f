using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <summary>A VPN program: what it does to the table, and what it believes to have done.</summary>
internal sealed class SimVpn(int number, SimAction.Begin plan, int generation)
{
    public const uint OwnTable = 51820;
    private static readonly string[] EightRanges =
    [
        "1.0.0.0/8",
        "2.0.0.0/7",
        "4.0.0.0/6",
        "8.0.0.0/5",
        "16.0.0.0/4",
        "32.0.0.0/3",
        "64.0.0.0/2",
        "128.0.0.0/1",
    ];

    public int Number => number;

    public SimAction.Begin Plan => plan;

    public string TunnelName => $"tun{number}";

    /// <summary>A tunnel that is made again has another number.</summary>
    public InterfaceIndex Tunnel { get; private set; } = new(20 + (generation * 10) + number);

    public ProcessIdentity Process { get; } = new(4711 + (generation * 2) + number, (ulong)(99 + generation));

    public SessionId Session { get; set; }

    public bool IsRunning { get; set; }

    public bool HasTunnel { get; set; }

    public bool HadTunnel { get; private set; }

    /// <summary>It stopped before its last step.</summary>
    public bool IsHalf { get; set; }

    public bool IsHanging { get; set; }

    /// <summary>As the guard last stored it.</summary>
    public SessionPhase Phase { get; set; }

    /// <summary>Somebody moved its routes, and its policy allows to give it up then.</summary>
    public bool MayBeGivenUp { get; set; }

    /// <summary>It or somebody for it asked for the end.</summary>
    public bool IsEnding { get; set; }

    /// <summary>What it did, and what stood in the place before. Empty when its routes are to be gone.</summary>
    public List<(PlanStep Step, Route? Before)> Done { get; } = [];

    public NetworkLink Link =>
        Tables.Link(Tunnel.Value, TunnelName, "tun", "", $"10.{8 + number}.0.2/24") with
        {
            IsPointToPoint = true,
        };

    public Route Connected =>
        Sim.Route($"10.{8 + number}.0.0/24", new NextHop.OnLink(Tunnel), RouteProtocol.Kernel) with
        {
            Attributes = new()
            {
                Protocol = RouteProtocol.Kernel,
                PreferredSource = IpAddress.Parse($"10.{8 + number}.0.2"),
            },
        };

    public void NewTunnel()
    {
        Tunnel = new(Tunnel.Value + 2);
        HasTunnel = true;
        HadTunnel = true;
    }

    /// <summary>What it does after its tunnel is there.</summary>
    /// <param name="table">As it is then.</param>
    /// <param name="gateway">The machine's own.</param>
    /// <param name="wayOut">The machine's own default, if no other VPN has moved it.</param>
    public IEnumerable<PlanStep> Steps(RouteTable table, NextHop gateway, Route? wayOut)
    {
        if (plan.Kind != VpnKind.Split)
        {
            yield return Make(Sim.Route($"203.0.113.{2 + number}/32", gateway));
        }

        foreach (var step in Main(wayOut))
        {
            yield return step;
        }

        yield return Make(Sim.Route($"10.{20 + number}.0.0/16", Into));
        if (number == 0 && table.Routes.Any(route => route.Destination == Prefix.DefaultV6))
        {
            yield return Make(Sim.Route("::/1", Into) with { Metric = 1024 });
            yield return Make(Sim.Route("8000::/1", Into) with { Metric = 1024 });
        }
    }

    private NextHop Into => new NextHop.OnLink(Tunnel);

    private IEnumerable<PlanStep> Main(Route? wayOut) =>
        plan.Kind switch
        {
            VpnKind.Forum when wayOut is not null =>
            [
                new PlanStep.DeleteRoute(wayOut, "vpn"),
                Make(Sim.Route("0.0.0.0/0", wayOut.NextHop) with { Metric = 4000 }),
                Make(Sim.Route("0.0.0.0/0", Into)),
            ],
            VpnKind.Replace or VpnKind.Forum => [Make(Sim.Route("0.0.0.0/0", Into))],
            VpnKind.Halves => [Make(Sim.Route("0.0.0.0/1", Into)), Make(Sim.Route("128.0.0.0/1", Into))],
            VpnKind.Eighths => EightRanges.Select(range => Make(Sim.Route(range, Into))),
            VpnKind.Table =>
            [
                Make(Sim.Route("0.0.0.0/0", Into) with { Table = OwnTable + (uint)number }),
                new PlanStep.AddRule(
                    RuleText.Parse($"pref {32764 - (2 * number)} not fwmark 0xca6c lookup {OwnTable + number}"),
                    "vpn"
                ),
                new PlanStep.AddRule(
                    RuleText.Parse($"pref {32763 - (2 * number)} lookup main suppress_prefixlength 0"),
                    "vpn"
                ),
            ],
            _ => [Make(Sim.Route($"10.{30 + number}.0.0/16", Into))],
        };

    // As "ip route replace": whatever has the place goes.
    private static PlanStep.ReplaceRoute Make(Route route) => new(route, route, "vpn");
}

/// <summary>Routes without their text.</summary>
internal static class Sim
{
    public static Route Route(string destination, NextHop nextHop, byte protocol = RouteProtocol.Boot) =>
        new()
        {
            Destination = Prefix.Parse(destination),
            NextHop = nextHop,
            Attributes = new() { Protocol = protocol },
        };
}
