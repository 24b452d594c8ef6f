using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.KernelTests.Namespaces;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>A network with two uplinks (p0, p1) and a tunnel (tun0), and the adapter in it.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class AdapterWorld : IDisposable
{
    private const string Reason = "is tested";

    // Without addrgenmode none the kernel would make link-local addresses some time later, in the midst of a test.
    private const string Setup = """
        link add p0 type veth peer name q0
        link add p1 type veth peer name q1
        link set p0 addrgenmode none
        link set q0 addrgenmode none
        link set p1 addrgenmode none
        link set q1 addrgenmode none
        link set p0 up
        link set q0 up
        link set p1 up
        link set q1 up
        addr add 192.0.2.10/24 dev p0
        addr add 198.51.100.10/24 dev p1
        addr add 2001:db8:1::10/64 dev p0 nodad
        addr add 2001:db8:2::10/64 dev p1 nodad
        """;

    private readonly TunDevice _tun;

    public AdapterWorld()
    {
        Net = NetworkNamespace.OpenOrSkip();
        Net.IpBatch(Setup);
        _tun = Net.Do(() => TunDevice.Open("tun0"));
        Net.IpBatch(
            "link set tun0 addrgenmode none\nlink set tun0 up\naddr add 10.8.0.2/24 dev tun0\naddr add 2001:db8:8::2/64 dev tun0 nodad"
        );
        Kernel = Net.Do(() => new LinuxKernelRoutes());

        // The kernel makes the local route of an IPv6 address by a worker of its own
        // (net/ipv6/addrconf.c:addrconf_dad_work).
        Soon.Holds("the addresses have their local routes", () => Read().Routes.Count(IsLocalV6) == 4);
    }

    public NetworkNamespace Net { get; }

    public LinuxKernelRoutes Kernel { get; }

    /// <summary>What ip(8) shows of everything that we can write. Lifetimes run down and are left out.</summary>
    public string Show() =>
        Net.Do(() =>
            ExpiresPattern()
                .Replace(
                    string.Join(
                        '\n',
                        "# route -4",
                        Net.Ip("-d -4 route show table all"),
                        "# route -6",
                        Net.Ip("-d -6 route show table all"),
                        "# rule -4",
                        Net.Ip("-d -4 rule show"),
                        "# rule -6",
                        Net.Ip("-d -6 rule show"),
                        "# nexthop",
                        Net.Ip("-d nexthop show")
                    ),
                    string.Empty
                )
        );

    public RouteTable Read() => Net.Do(Kernel.Read);

    /// <summary>The only route that ip(8) prints for this destination, as it was read.</summary>
    public Route ReadOne(string destination) => Assert.Single(ReadAll(destination));

    public Route[] ReadAll(string destination)
    {
        var table = Read();
        return
        [
            .. table.Routes.Where(route =>
                route.Destination == Prefix.Parse(destination) && !RouteOwnership.IsKernelOwned(route)
            ),
        ];
    }

    public StepOutcome[] Apply(params PlanStep[] steps) => Net.Do(() => Kernel.Apply(Kernel.Prepare(steps)).ToArray());

    public StepOutcome Add(Route route, bool isBeside = false) =>
        Assert.Single(Apply(new PlanStep.AddRoute(route, isBeside, Reason)));

    public StepOutcome Delete(Route route) => Assert.Single(Apply(new PlanStep.DeleteRoute(route, Reason)));

    public StepOutcome Replace(Route before, Route after) =>
        Assert.Single(Apply(new PlanStep.ReplaceRoute(before, after, Reason)));

    /// <summary>A route from the words of <c>ip route</c>.</summary>
    public Route Route(string words) => RouteText.Parse(words, Read().Names);

    public void Dispose()
    {
        Net.Do(() =>
        {
            Kernel.Dispose();
            _tun.Dispose();
        });
        Net.Dispose();
    }

    private static bool IsLocalV6(Route route) =>
        route.Family == IpFamily.V6 && route.Destination.IsHost && route.Table == Core.Routes.Route.TableLocal;

    [GeneratedRegex(@" expires \d+sec", RegexOptions.NonBacktracking)]
    private static partial Regex ExpiresPattern();
}
