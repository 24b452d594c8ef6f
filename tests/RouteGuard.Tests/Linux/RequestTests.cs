using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

/// <summary>
/// Requests other than those for routes and rules, against the captures and the words of the kernel's checks.
/// </summary>
public sealed class RequestTests
{
    private readonly NetlinkWriter _writer = new();

    private string Written => Convert.ToHexStringLower(_writer.Written);

    private static CapturedMessage The(string file, ushort type) => Capture.Named(file).Requests(type).First();

    [Fact]
    public void Dumps_of_routes_are_asked_for_as_ip_asks()
    {
        var all4 = The("dump-route4-all", NetlinkType.GetRoute);
        ReadRequests.AppendDumpRoutes(_writer, IpFamily.V4, all4.Header.Sequence);
        Assert.Equal(all4.Hex, Written);

        _writer.Clear();
        var all6 = The("dump-route6-all", NetlinkType.GetRoute);
        ReadRequests.AppendDumpRoutes(_writer, IpFamily.V6, all6.Header.Sequence);
        Assert.Equal(all6.Hex, Written);

        _writer.Clear();
        var main = The("dump-route4-main", NetlinkType.GetRoute);
        ReadRequests.AppendDumpRoutes(_writer, IpFamily.V4, main.Header.Sequence, Route.TableMain);
        Assert.Equal(main.Hex, Written);
    }

    [Fact]
    public void Dumps_of_rules_addresses_and_next_hops_are_asked_for_as_ip_asks()
    {
        foreach (var (file, family) in new[] { ("dump-rule4", IpFamily.V4), ("dump-rule6", IpFamily.V6) })
        {
            _writer.Clear();
            var rules = The(file, NetlinkType.GetRule);
            ReadRequests.AppendDumpRules(_writer, family, rules.Header.Sequence);
            Assert.Equal(rules.Hex, Written);
        }

        _writer.Clear();
        var addresses = The("dump-addr", NetlinkType.GetAddress);
        ReadRequests.AppendDumpAddresses(_writer, addresses.Header.Sequence);
        Assert.Equal(addresses.Hex, Written);

        _writer.Clear();
        var nextHops = The("dump-nexthop", NetlinkType.GetNextHop);
        ReadRequests.AppendDumpNextHops(_writer, nextHops.Header.Sequence);
        Assert.Equal(nextHops.Hex, Written);
    }

    [Fact]
    public void Interfaces_are_asked_for_without_their_counters()
    {
        ReadRequests.AppendDumpLinks(_writer, 7);
        Assert.Equal("2800000012000103" + "0700000000000000" + new string('0', 32) + "08001d0008000000", Written);
    }

    [Theory]
    [InlineData("route-get4", "203.0.113.66", null, false)]
    [InlineData("route-get4-mark", "203.0.113.66", 51820, false)]
    [InlineData("route-get4-fibmatch", "203.0.113.66", null, true)]
    [InlineData("route-get4-unreach", "10.66.1.1", null, false)]
    [InlineData("route-get6", "2001:db8:e::66", null, false)]
    public void A_lookup_is_asked_for_as_ip_asks(string file, string destination, int? mark, bool isEntryWanted)
    {
        var captured = The(file, NetlinkType.GetRoute);
        var address = IpAddress.Parse(destination);
        ReadRequests.AppendLookup(_writer, address, captured.Header.Sequence, (uint?)mark, isEntryWanted);
        Assert.Equal(captured.Hex, Written);
    }

    [Theory]
    [InlineData("link-up", true)]
    [InlineData("link-down", false)]
    public void An_interface_is_taken_up_and_down_as_ip_does(string file, bool isUp)
    {
        var captured = Capture.Named(file).Requests(NetlinkType.NewLink).Last();
        LinkCodec.AppendSetUp(_writer, new(10), isUp, captured.Header.Sequence);
        Assert.Equal(captured.Hex, Written);
    }

    [Fact]
    public void An_interface_is_removed_as_ip_does()
    {
        var captured = The("link-del-with-routes", NetlinkType.DeleteLink);
        LinkCodec.AppendDelete(_writer, new(2), captured.Header.Sequence);
        Assert.Equal(captured.Hex, Written);
    }

    [Theory]
    [InlineData("addr4-add", "192.0.2.50", 24)]
    [InlineData("addr6-add", "2001:db8:1::50", 64)]
    public void An_address_is_given_as_ip_does(string file, string address, byte length)
    {
        var captured = The(file, NetlinkType.NewAddress);
        var given = new InterfaceAddress(IpAddress.Parse(address), length);
        AddressCodec.AppendNewAddress(_writer, new(10), given, captured.Header.Sequence);
        Assert.Equal(captured.Hex, Written);
    }

    [Fact]
    public void A_next_hop_object_is_removed_as_ip_does()
    {
        var captured = The("nexthop-del-removes-route", NetlinkType.DeleteNextHop);
        NextHopCodec.AppendDeleteNextHop(_writer, 10, captured.Header.Flags, captured.Header.Sequence);
        Assert.Equal(captured.Hex, Written);
    }

    [Theory]
    [InlineData("nexthop-add")]
    [InlineData("nexthop-blackhole")]
    [InlineData("x-nexthop-v6-onlink")]
    [InlineData("x-nexthop-group")]
    [InlineData("x-nexthop-encap")]
    public void A_next_hop_object_that_was_read_is_made_again_byte_by_byte(string file)
    {
        var captured = The(file, NetlinkType.NewNextHop);
        Assert.True(NextHopCodec.TryDecode(captured.Body, out var nextHop, out _));
        NextHopCodec.AppendNewNextHop(_writer, nextHop, captured.Header.Flags, captured.Header.Sequence);
        Assert.Equal(captured.Hex, Written);
    }
}
