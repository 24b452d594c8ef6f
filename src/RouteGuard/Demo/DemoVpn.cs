using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Demo;

/// <summary>The smallest VPN: opens a tun and takes the default route by the forum's four steps. Made to be
/// killed.</summary>
[SupportedOSPlatform("linux")]
internal static class DemoVpn
{
    public const string Ready = "ready";

    /// <summary>Waits for a line, takes the routes, says <see cref="Ready"/>, and stays until its input ends.</summary>
    public static void Run(TextReader input, TextWriter output)
    {
        input.ReadLine();
        using var kernel = new LinuxKernelRoutes();
        using var tun = TunDevice.Open("tun0");
        using (var setup = new LinuxLinkSetup())
        {
            setup.AddAddress(tun.Index, new(IpAddress.Parse("10.8.0.2"), 24));
            setup.SetUp(tun.Index);
        }

        var table = kernel.Read();
        var physical = table.Routes.First(route =>
            route is { Family: IpFamily.V4, Table: Route.TableMain, Destination.IsDefault: true }
        );
        Route Parse(string line) => RouteText.Parse(line, table.Names);
        DemoStage.Apply(
            kernel,
            [
                new PlanStep.AddRoute(
                    Parse("203.0.113.2 via 192.0.2.1 dev phys0"),
                    IsBeside: false,
                    "keeps the server reachable"
                ),
                new PlanStep.DeleteRoute(physical, "is in the way"),
                new PlanStep.AddRoute(
                    Parse("default via 192.0.2.1 dev phys0 metric 4000"),
                    IsBeside: false,
                    "stands behind the tunnel"
                ),
                new PlanStep.AddRoute(Parse("default dev tun0"), IsBeside: false, "is the tunnel"),
            ]
        );
        output.WriteLine(Ready);
        output.Flush();
        input.ReadLine();
    }
}
