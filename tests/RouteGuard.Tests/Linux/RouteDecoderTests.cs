using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

public sealed class RouteDecoderTests
{
    private static readonly InterfaceNames Names = new([
        KeyValuePair.Create(new InterfaceIndex(10), "p0"),
        KeyValuePair.Create(new InterfaceIndex(11), "p1"),
    ]);

    private const string TooLong = " is too long for the family or leaves host bits in RTA_DST";
    private const string TooShort = " is shorter than its header or longer than what is left";

    private readonly RouteDecoder _routes = new();
    private readonly NetlinkWriter _writer = new();

    private static IEnumerable<CapturedMessage> Told(string file, ushort type = NetlinkType.NewRoute) =>
        Capture.Named(file).Messages.Where(message => !message.IsRequest && message.Header.Type == type);

    private Route Decode(CapturedMessage message)
    {
        Assert.True(_routes.TryDecode(message.Body, out var route, out _, out var fault), fault.ToString());
        return route;
    }

    private Route AgainByWay(Route route)
    {
        _writer.Clear();
        RouteCodec.AppendNewRoute(_writer, route, 0, 0);
        Assert.True(_routes.TryDecode(Decoders.BodyOf(_writer), out var again, out _, out var fault), fault.ToString());
        return again;
    }

    [Fact]
    public void A_dump_reads_as_the_words_of_ip()
    {
        var capture = Capture.Named("dump-route4-all");
        var lines = Told("dump-route4-all").Select(message => RouteText.Print(Decode(message), capture.Names));
        Assert.Equal(
            [
                "default table 100 nexthop via 192.0.2.1 dev p0 weight 1 nexthop via 198.51.100.1 dev p1 weight 1",
                "default via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 100",
                "10.8.0.0/24 dev tun0 proto kernel src 10.8.0.2",
                "blackhole 10.66.0.0/16",
                "192.0.2.0/24 dev p0 proto kernel src 192.0.2.10",
                "198.51.100.0/24 dev p1 proto kernel src 198.51.100.10",
            ],
            lines.Take(6)
        );
    }

    [Fact]
    public void Routes_that_have_it_in_common_share_next_hop_and_attributes()
    {
        var route = RouteText.Parse("10.0.0.0/8 via 192.0.2.1 dev p0 proto bird mtu 1300", Names);
        var other = RouteText.Parse("10.0.0.0/9 via 192.0.2.1 dev p0 proto bird mtu 1300 metric 7", Names);
        var legs = RouteText.Parse("10.0.0.0/8 nexthop via 192.0.2.1 dev p0 nexthop via 198.51.100.1 dev p1", Names);

        Assert.Same(AgainByWay(route).NextHop, AgainByWay(other).NextHop);
        Assert.Same(AgainByWay(route).Attributes, AgainByWay(other).Attributes);
        Assert.Same(AgainByWay(legs).NextHop, AgainByWay(legs).NextHop);
    }

    [Fact]
    public void A_route_in_a_dump_costs_one_allocation()
    {
        var told = Told("dump-route4-main").Concat(Told("dump-route6-all"));
        var bodies = told.Select(message => message.Body.ToArray()).ToArray();
        var kept = new Route[bodies.Length];
        DecodeAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        DecodeAll();
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / bodies.Length;
        Assert.InRange(bytes, 1, 88);

        void DecodeAll()
        {
            for (var at = 0; at < bodies.Length; at++)
            {
                _routes.TryDecode(bodies[at], out var route, out _, out _);
                kept[at] = route!;
            }
        }
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        var any = RouteText.Parse("10.0.0.0/8 dev p0", Names);
        for (var at = 0; at < RouteInterner.EntriesMax + 100; at++)
        {
            var nextHop = new NextHop.OnLink(new(at + 1));
            Assert.Equal(nextHop, AgainByWay(any with { NextHop = nextHop }).NextHop);
        }
    }

    [Fact]
    public void A_route_made_by_a_lookup_says_so()
    {
        Assert.True(_routes.TryDecode(Told("route-get4").Single().Body, out _, out var isCloned, out _));
        Assert.True(isCloned);
        Assert.True(_routes.TryDecode(Told("route-get4-fibmatch").Single().Body, out _, out isCloned, out _));
        Assert.False(isCloned);
    }

    [Theory]
    [InlineData("v4-nhid", "default nhid 10")]
    [InlineData("v6-nhid", "::/0 nhid 60 metric 1024")]
    [InlineData("x-v4-nhid-blackhole", "10.9.0.0/16 nhid 40")]
    [InlineData("x-v4-nhid-group", "10.9.0.0/16 nhid 30")]
    public void Next_hops_shown_beside_an_objects_number_are_not_part_of_the_route(string file, string line) =>
        Assert.Equal(line, RouteText.Print(Decode(Told(file).Single()), Names));

    [Theory]
    [InlineData("v6-blackhole", "blackhole 2001:db8:66::/48 metric 1024")]
    [InlineData("v6-throw", "throw 2001:db8:66::/48 metric 1024")]
    [InlineData("x-v6-unreachable-dev", "unreachable ::/0 metric 4294967295")]
    public void An_IPv6_route_that_leads_nowhere_has_no_device(string file, string line) =>
        Assert.Equal(line, RouteText.Print(Decode(Told(file).Single()), Names));

    [Fact]
    public void Link_state_is_no_part_of_a_route()
    {
        // RTNH_F_LINKDOWN is set in the capture: tun0 has no carrier.
        var capture = Capture.Named("v4-def1-low");
        var told = Told("v4-def1-low").Single();
        Assert.Equal(0x10, told.Body[8]);
        Assert.Equal("0.0.0.0/1 via 10.8.0.1 dev tun0", RouteText.Print(Decode(told), capture.Names));
    }

    [Theory]
    [InlineData(60_000, 600u)]
    [InlineData(99, 1u)]
    [InlineData(100, 1u)]
    [InlineData(-5, 1u)]
    [InlineData(0, 0u)]
    [InlineData(int.MinValue, 1u)]
    public void The_lifetime_is_told_in_hundredths_of_a_second(int ticks, uint seconds)
    {
        var body = Told("v6-default-expires").Single().Body.ToArray();
        var at = body.AsSpan().IndexOf(new byte[] { 0x24, 0x00, 0x0c, 0x00 });
        BitConverter.TryWriteBytes(body.AsSpan(at + 4 + 8), ticks);
        Assert.True(_routes.TryDecode(body, out var route, out _, out _));
        Assert.Equal(seconds, route.Attributes.ExpiresSeconds);
    }

    [Fact]
    public void A_route_that_was_read_always_carries_its_scope() =>
        Assert.All(
            Capture
                .All.SelectMany(capture => capture.Messages)
                .Where(message => message.Header.Type == NetlinkType.NewRoute)
                .Select(message => RouteCodec.TryDecode(message.Body, out var route, out _) ? route : null)
                .OfType<Route>(),
            route => Assert.NotNull(route.Attributes.Scope)
        );

    [Fact]
    public void What_is_not_modelled_is_carried_verbatim()
    {
        var route = Decode(Told("encap-seg6-v6").First());
        Assert.Equal(
            "24001600200001000100000000020400000000002001" + "0db8000100000000000000000001" + "0600150005000000",
            route.Attributes.Raw.ToString()
        );
        Assert.Equal(route, AgainByWay(route));
    }

    [Fact]
    public void The_name_of_a_congestion_control_goes_back_into_the_one_attribute_of_metrics()
    {
        var capture = Capture.Named("x-v4-congctl-lock");
        var route = Decode(Told(capture.Name).Single());
        Assert.Equal(new RouteMetrics(new([new(2, 1300)]), 1 << 2 | 1 << 16), route.Attributes.Metrics);
        Assert.Equal("10000800" + "0900100072656e6f00000000", route.Attributes.Raw.ToString());
        _writer.Clear();
        RouteCodec.AppendNewRoute(_writer, route, 0, 0);
        Assert.Equal(Meaning.OfRoute(Told(capture.Name).Single().Body), Meaning.OfRoute(Decoders.BodyOf(_writer)));
    }

    [Theory]
    [InlineData("0a", "rtmsg at byte 0 is cut off")]
    [InlineData("1c0000000000000000000000", "rtm_family at byte 0 is neither AF_INET nor AF_INET6")]
    [InlineData("022100000000000100000000", "rtm_dst_len at byte 1" + TooLong)]
    [InlineData("0208000000000001000000000800010009010000", "rtm_dst_len at byte 1" + TooLong)]
    [InlineData("020000000000000100000000050004000a000000", "RTA_OIF at byte 12 has another size than its type")]
    [InlineData("02000000000000010000000008000f00640000000300", "rta_len at byte 20" + TooShort)]
    [InlineData("02000000000000010000000008001e0000000000", "RTA_NH_ID at byte 12 is 0, which no next-hop object is")]
    [InlineData("02000000000000010000000004000900", "RTA_MULTIPATH at byte 12 has no legs")]
    [InlineData("0200000000000001000000000c00090007000000", "rta_len at byte 12" + TooShort)]
    [InlineData("0200000000000001000000000c000900070000000a000000", "rtnh_len at byte 16" + TooShort)]
    [InlineData("020000000000000100000000080008000a000200", "RTA_METRICS at byte 12" + TooShort)]
    public void A_fault_names_field_and_byte(string hex, string says)
    {
        Assert.False(_routes.TryDecode(Convert.FromHexString(hex), out var route, out _, out var fault));
        Assert.Null(route);
        Assert.Equal(says, fault.ToString());
    }
}
