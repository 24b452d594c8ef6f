using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using RouteGuard.Core.Routes;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Reading the whole table.</summary>
[SupportedOSPlatform("linux")]
public sealed class ReadTests : IDisposable
{
    private const int SteadyOfEach = 1500;

    private readonly AdapterWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Interfaces_come_with_what_tells_them_apart()
    {
        _world.Net.IpBatch(
            "addr add 192.0.2.11/24 dev p0\nlink set q1 down\naddr add 10.9.0.1 peer 10.9.0.2/32 dev tun0"
        );
        var table = _world.Read();

        var lo = table.FindLink("lo")!;
        Assert.True(lo is { Index.Value: 1, IsLoopback: true, IsUp: true, HasCarrier: true, Mac: "" });
        Assert.Equal("127.0.0.1/8 ::1/128", string.Join(' ', lo.Addresses));
        var p0 = table.FindLink("p0")!;
        Assert.True(p0 is { Kind: "veth", IsUp: true, HasCarrier: true, IsPointToPoint: false, Mtu: 1500 });
        Assert.Equal(17, p0.Mac.Length);
        Assert.Equal("192.0.2.10/24 192.0.2.11/24 2001:db8:1::10/64", string.Join(' ', p0.Addresses));
        Assert.True(table.FindLink("p1") is { IsUp: true, HasCarrier: false });
        var tun = table.FindLink("tun0")!;
        Assert.True(tun is { Kind: "tun", IsUp: true, HasCarrier: true, IsPointToPoint: true, Mac: "" });
        Assert.Equal("10.8.0.2/24 10.9.0.1/32 2001:db8:8::2/64", string.Join(' ', tun.Addresses));
        Assert.Equal(6, table.Links.Length);
    }

    [Fact]
    public void Routes_come_in_order_and_twins_are_numbered()
    {
        _world.Net.IpBatch(
            """
            route add 10.80.0.0/16 via 192.0.2.1
            route append 10.80.0.0/16 via 192.0.2.2
            route append 10.80.0.0/16 via 192.0.2.3
            route add 10.80.0.0/24 via 192.0.2.1 table 77
            route add 10.80.0.0/16 via 192.0.2.1 table 51820
            route add 10.80.0.0/16 via 192.0.2.1 metric 5
            """
        );
        var table = _world.Read();

        var twins = table.Routes.Where(route =>
            route.Destination == Prefix.Parse("10.80.0.0/16") && route is { Table: 254, Metric: 0 }
        );
        Assert.Equal(
            ["0 192.0.2.1", "1 192.0.2.2", "2 192.0.2.3"],
            twins.Select(route => $"{route.Ordinal} {((NextHop.Via)route.NextHop).Gateway}")
        );
        Assert.Equal(table.Routes, table.Routes.Order(RouteOrder.ByKey));
        Assert.All(table.Routes, route => Assert.Same(route, table.Find(route)));
    }

    [Fact]
    public void What_a_lookup_made_is_no_entry()
    {
        _world.Net.IpBatch("route add 10.81.0.0/16 via 192.0.2.1");
        var before = _world.Read();
        _world.Net.Run("ping", ["-c", "1", "-W", "1", "-M", "do", "-s", "1400", "10.8.0.99"]);
        _world.Net.Ip("route get 10.81.0.1");

        Assert.Equal(before.Routes, _world.Read().Routes);
    }

    [Fact]
    public void A_hundred_thousand_routes_are_read_whole_and_again()
    {
        const int count = 100_000;
        var batch = new StringBuilder();
        for (var at = 0; at < count; at++)
        {
            batch
                .Append("route add 10.")
                .Append(at >> 16)
                .Append('.')
                .Append((at >> 8) & 255)
                .Append('.')
                .Append(at & 255)
                .Append("/32 via 192.0.2.1\n");
        }

        _world.Net.IpBatch(batch.ToString());
        var clock = Stopwatch.StartNew();
        var table = _world.Read();
        var first = clock.Elapsed;
        clock.Restart();
        var again = _world.Read();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{table.Routes.Length} routes: {first.TotalMilliseconds:0} ms, again {clock.Elapsed.TotalMilliseconds:0} ms"
        );
        Assert.Equal(count, table.Routes.Count(route => route is { NextHop: NextHop.Via, Destination.IsHost: true }));
        Assert.Equal(table.Routes, again.Routes);
    }

    [Fact]
    public void A_table_that_changes_now_and_then_while_it_is_read_is_read_whole()
    {
        AddSteadyRoutes();
        using var writer = ConcurrentWriter.Start(_world.Net, changesPerBurst: 40, pauseSeconds: "0.1");
        var counts = new HashSet<int>();
        for (var at = 0; at < 60; at++)
        {
            var table = _world.Read();
            counts.Add(table.Routes.Length);
            Assert.Equal(SteadyOfEach, Steady(table, IpFamily.V4).Length);
            Assert.Equal(SteadyOfEach, Steady(table, IpFamily.V6).Length);
            Assert.DoesNotContain(table.Routes, route => route.Ordinal > 0);
        }

        writer.AssertBusy();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"60 readings found {counts.Count} different numbers of routes"
        );
    }

    [Fact]
    public void A_table_that_never_stands_still_names_no_route_twice()
    {
        AddSteadyRoutes();
        using var writer = ConcurrentWriter.Start(_world.Net, changesPerBurst: 1000, pauseSeconds: "0");
        var lacking = 0;
        for (var at = 0; at < 30; at++)
        {
            var table = _world.Read();
            Assert.Equal(SteadyOfEach, Steady(table, IpFamily.V4).Length);
            Assert.InRange(Steady(table, IpFamily.V6).Length, 1, SteadyOfEach);
            Assert.DoesNotContain(table.Routes, route => route.Ordinal > 0);
            lacking += SteadyOfEach - Steady(table, IpFamily.V6).Length;
        }

        writer.AssertBusy();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"30 readings lacked {lacking} of {30 * SteadyOfEach} steady IPv6 routes"
        );
    }

    private void AddSteadyRoutes() =>
        _world.Net.IpBatch(
            string.Join(
                '\n',
                Enumerable
                    .Range(0, SteadyOfEach)
                    .Select(at =>
                        $"route add 10.{90 + (at / 250)}.{at % 250}.0/24 via 192.0.2.1\nroute add 2001:db8:{at + 0x9000:x}::/48 via 2001:db8:1::1"
                    )
            )
        );

    // The writer's own are of protocol static.
    private static Route[] Steady(RouteTable table, IpFamily family) =>
        [
            .. table.Routes.Where(route =>
                route.Family == family && route is { NextHop: NextHop.Via, Attributes.Protocol: RouteProtocol.Boot }
            ),
        ];
}
