using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>A replacement turns the entry that was named into another, and leaves its twins alone.</summary>
[SupportedOSPlatform("linux")]
public sealed class ReplacementTests : IDisposable
{
    private readonly AdapterWorld _world = new();

    /// <summary>What is there, which of it is replaced, by what, and what is there then, in the order of the
    /// table.</summary>
    public static TheoryData<string, string, string, string> Cases =>
        new()
        {
            {
                "10.60.0.0/16 via 192.0.2.1 dev p0",
                "10.60.0.0/16 via 192.0.2.1 dev p0",
                "10.60.0.0/16 via 198.51.100.1 dev p1 proto static",
                "10.60.0.0/16 via 198.51.100.1 dev p1 proto static"
            },
            {
                "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.2 dev p0",
                "10.60.0.0/16 via 192.0.2.1 dev p0",
                "10.60.0.0/16 via 192.0.2.3 dev p0",
                "10.60.0.0/16 via 192.0.2.3 dev p0|10.60.0.0/16 via 192.0.2.2 dev p0"
            },
            {
                "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.2 dev p0",
                "10.60.0.0/16 via 192.0.2.2 dev p0",
                "10.60.0.0/16 via 192.0.2.3 dev p0",
                "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.3 dev p0"
            },
            {
                "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.1 dev p0 metric 7",
                "10.60.0.0/16 via 192.0.2.1 dev p0 metric 7",
                "10.60.0.0/16 via 192.0.2.2 dev p0 metric 9",
                "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.2 dev p0 metric 9"
            },
            {
                "default dev tun0 scope global|default via 192.0.2.1 dev p0 metric 100",
                "default dev tun0 scope global",
                "default via 192.0.2.1 dev p0",
                "default via 192.0.2.1 dev p0|default via 192.0.2.1 dev p0 metric 100"
            },
            {
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024",
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024",
                "2001:db8:60::/48 via 2001:db8:2::1 dev p1 metric 1024",
                "2001:db8:60::/48 via 2001:db8:2::1 dev p1 metric 1024"
            },
            {
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024|2001:db8:60::/48 via 2001:db8:2::1 dev p1 metric 1024|2001:db8:60::/48 dev tun0 metric 1024",
                "2001:db8:60::/48 metric 1024 nexthop via 2001:db8:1::1 dev p0 weight 1 nexthop via 2001:db8:2::1 dev p1 weight 1",
                "2001:db8:60::/48 via 2001:db8:1::7 dev p0 metric 1024",
                "2001:db8:60::/48 via 2001:db8:1::7 dev p0 metric 1024|2001:db8:60::/48 dev tun0 metric 1024"
            },
            {
                "2001:db8:60::/48 dev tun0 metric 1024|2001:db8:60::/48 dev p1 metric 1024",
                "2001:db8:60::/48 dev p1 metric 1024",
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024",
                "2001:db8:60::/48 dev tun0 metric 1024|2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024"
            },
            {
                "2001:db8:60::/48 dev tun0 metric 1024|2001:db8:60::/48 dev p1 metric 1024",
                "2001:db8:60::/48 dev p1 metric 1024",
                "2001:db8:60::/48 dev p1 proto static metric 1024 mtu 1300",
                "2001:db8:60::/48 dev tun0 metric 1024|2001:db8:60::/48 dev p1 proto static metric 1024 mtu 1300"
            },
            {
                "2001:db8:60::/48 dev tun0 metric 1024",
                "2001:db8:60::/48 dev tun0 metric 1024",
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024",
                "2001:db8:60::/48 via 2001:db8:1::1 dev p0 metric 1024"
            },
        };

    public void Dispose() => _world.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_entry_that_was_named_becomes_the_other(string there, string before, string after, string then)
    {
        _world.Net.IpBatch(string.Join('\n', there.Split('|').Select(line => $"route append {line}")));
        var observed = Observed();
        var named = observed.Single(route => Print(route) == Spelled(before));

        Assert.Equal(StepOutcome.Applied, _world.Replace(named, _world.Route(after)));

        Assert.Equal(then.Split('|').Select(Spelled).Order(), Observed().Select(Print).Order());
        Assert.NotEqual(StepResult.Refused, _world.Replace(named, _world.Route(after)).Result);
        Assert.Equal(then.Split('|').Select(Spelled).Order(), Observed().Select(Print).Order());
    }

    [Fact]
    public void A_lone_entry_is_replaced_by_one_message()
    {
        _world.Net.IpBatch("route add default via 192.0.2.1 dev p0\nroute add default via 2001:db8:1::1 dev p0");
        var steps = _world
            .Read()
            .Routes.Where(route => route.Destination.IsDefault)
            .Select(route => new PlanStep.ReplaceRoute(
                route,
                route with
                {
                    NextHop = new NextHop.OnLink(route.NextHop.Device),
                },
                "is tested"
            ));

        var prepared = _world.Net.Do(() => (PreparedSteps)_world.Kernel.Prepare([.. steps]));

        var batch = Assert.IsType<PreparedPart.Batch>(Assert.Single(prepared.Parts));
        Assert.Equal(2, batch.Messages.Count);
    }

    [Theory]
    [InlineData(
        "10.60.0.0/16 via 192.0.2.1 dev p0|10.60.0.0/16 via 192.0.2.2 dev p0",
        "10.60.0.0/16 via 203.0.113.9 dev p0"
    )]
    [InlineData("2001:db8:60::/48 dev tun0|2001:db8:60::/48 dev p1", "2001:db8:60::/48 dev p1 src 2001:db8:f::1")]
    public void A_replacement_that_is_refused_leaves_the_entry(string there, string after)
    {
        _world.Net.IpBatch(string.Join('\n', there.Split('|').Select(line => $"route append {line}")));
        var before = _world.Show();
        var wanted = _world.Route(after);
        wanted = wanted.Family == IpFamily.V6 ? wanted with { Metric = 1024 } : wanted;

        var outcome = _world.Replace(Observed().Last(), wanted);

        Assert.Equal(StepResult.Refused, outcome.Result);
        Assert.Equal(before, _world.Show());
    }

    private Route[] Observed() => [.. _world.Read().Routes.Where(route => !RouteOwnership.IsKernelOwned(route))];

    private string Print(Route route) => RouteText.Print(route with { Ordinal = 0 }, _world.Read().Names);

    private string Spelled(string words)
    {
        var route = _world.Route(words);
        var scope = route.Family == IpFamily.V6 ? RouteScope.Global : RouteScope.Of(route);
        return Print(route with { Attributes = route.Attributes with { Scope = scope } });
    }
}
