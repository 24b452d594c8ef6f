using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Routes;

/// <summary>A table is in order whatever order the dump had, and entries of equal key keep theirs.</summary>
public sealed class RouteTableOrderTests
{
    private const int Seed = 20261123;

    /// <summary>How a dump is disturbed: not at all, as kernels do, or beyond what insertion may move.</summary>
    public static TheoryData<string> Disturbances => ["none", "neighbours", "tables", "reversed", "shuffled"];

    [Theory]
    [MemberData(nameof(Disturbances))]
    public void Routes_are_sorted_stably_and_twins_are_numbered(string disturbance)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        var dump = Disturb(disturbance, [.. Enumerable.Range(0, 2000).Select(Make)]);
        var expected = dump.OrderBy(route => route, Comparer<Route>.Create(RouteOrder.CompareEntry)).ToArray();

        var table = RouteTable.FromDump(dump);

        Assert.Equal(expected.Select(Gateway), table.Routes.Select(Gateway));
        Assert.Equal(table.Routes, table.Routes.Order(RouteOrder.ByKey));
        Assert.Contains(table.Routes, route => route.Ordinal == 2);
        Assert.All(
            table.Routes.Zip(table.Routes.Skip(1)),
            pair =>
                Assert.Equal(
                    RouteOrder.CompareEntry(pair.First, pair.Second) == 0 ? pair.First.Ordinal + 1 : 0,
                    pair.Second.Ordinal
                )
        );
    }

    [Fact]
    public void A_dump_in_reverse_of_a_large_table_is_sorted_in_time()
    {
        Route[] dump = [.. Enumerable.Range(0, 100_000).Select(at => Make(at * 3)).Reverse()];

        var table = RouteTable.FromDump(dump);

        Assert.Equal(dump.Reverse(), table.Routes);
    }

    // Each third destination has three twins; the gateway tells the twins apart.
    private static Route Make(int at) =>
        new()
        {
            Destination = Prefix.Host(IpAddress.V4(0x0a000000 + (uint)(at % 9 < 3 ? at / 3 * 3 : at))),
            NextHop = new NextHop.Via(IpAddress.V4(0xc0000200 + (uint)at), new(4)),
            Table = 254,
        };

    private static Route[] Disturb(string disturbance, Route[] routes)
    {
        var random = new Random(Seed);
        switch (disturbance)
        {
            case "neighbours":
                for (var at = 1; at < routes.Length; at += 1 + random.Next(4))
                {
                    (routes[at - 1], routes[at]) = (routes[at], routes[at - 1]);
                }

                return routes;
            case "tables":
                return [.. routes, .. routes.Take(20).Select(route => route with { Table = 100 })];
            case "reversed":
                Array.Reverse(routes);
                return routes;
            case "shuffled":
                random.Shuffle(routes);
                return routes;
            default:
                return routes;
        }
    }

    private static IpAddress Gateway(Route route) => ((NextHop.Via)route.NextHop).Gateway;
}
