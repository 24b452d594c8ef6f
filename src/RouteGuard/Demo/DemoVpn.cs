using System.Runtime.Versioning;
using RouteGuard.Platform.Linux;

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
        using var tun = TunDevice.Open(DemoSteps.Tunnel);
        using (var setup = new LinuxLinkSetup())
        {
            setup.AddAddress(tun.Index, DemoSteps.TunnelAddress);
            setup.SetUp(tun.Index);
        }

        var table = kernel.Read();
        DemoSteps.Apply(kernel, DemoSteps.OfVpn(table, table.Names));
        output.WriteLine(Ready);
        output.Flush();
        input.ReadLine();
    }
}
