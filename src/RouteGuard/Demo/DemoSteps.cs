using RouteGuard.Commands;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Demo;

/// <summary>The machine before the VPN, and what the VPN does to it: the four steps of the forum.</summary>
internal static class DemoSteps
{
    public const string Uplink = "phys0";
    public const string Tunnel = "tun0";

    /// <summary>Addresses of the uplink.</summary>
    public static IReadOnlyList<InterfaceAddress> UplinkAddresses { get; } =
    [new(IpAddress.Parse("192.0.2.10"), 24), new(IpAddress.Parse("2001:db8:1::10"), 64)];

    /// <summary>The address of the tunnel.</summary>
    public static InterfaceAddress TunnelAddress { get; } = new(IpAddress.Parse("10.8.0.2"), 24);

    private static readonly string[] BaselineLines =
    [
        "default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100",
        "198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50",
        "::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100",
    ];

    /// <summary>What each of <see cref="OfVpn"/> is for, in its order.</summary>
    public static IReadOnlyList<string> Why { get; } =
    [
        "a host route, so that the VPN's server stays reachable",
        "the default route is taken away",
        "it comes back behind everything (on a Mac: scoped to en0)",
        "the tunnel becomes the default",
    ];

    public static IReadOnlyList<PlanStep> Baseline(InterfaceNames names) =>
        [.. BaselineLines.Select(line => Add(line, names, "is part of the demo"))];

    /// <param name="table">As it is before them.</param>
    /// <param name="names">With the tunnel's.</param>
    public static IReadOnlyList<PlanStep> OfVpn(RouteTable table, InterfaceNames names)
    {
        var physical = table.Routes.First(route =>
            route is { Family: IpFamily.V4, Table: Route.TableMain, Destination.IsDefault: true }
        );
        return
        [
            Add("203.0.113.2 via 192.0.2.1 dev phys0", names, "keeps the server reachable"),
            new PlanStep.DeleteRoute(physical, "is in the way"),
            Add("default via 192.0.2.1 dev phys0 metric 4000", names, "stands behind the tunnel"),
            Add("default dev tun0", names, "is the tunnel"),
        ];
    }

    /// <summary>Does steps that the story needs; any refusal ends the demo.</summary>
    public static void Apply(IKernelRoutes kernel, IReadOnlyList<PlanStep> steps)
    {
        var outcomes = kernel.Apply(kernel.Prepare(steps));
        for (var at = 0; at < steps.Count; at++)
        {
            if (outcomes[at].Result == StepResult.Refused)
            {
                throw new CommandException(ExitCode.Failed, $"Cannot play the demo: {steps[at]} was {outcomes[at]}.");
            }
        }
    }

    private static PlanStep.AddRoute Add(string line, InterfaceNames names, string reason) =>
        new(RouteText.Parse(line, names), IsBeside: false, reason);
}
