using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>Requests have the form of configd, byte for byte, and say what the route says.</summary>
public class RouteRequestsTests(ITestOutputHelper output)
{
    private static readonly InterfaceNames Names = new([new(new(4), "en0"), new(new(7), "utun4")]);

    [Theory]
    // configd's own default (configd ip_plugin.c:IPv4RouteApply): 176 bytes, flags 0x803, interface by number, address
    // of the interface.
    [InlineData(
        "default via 192.168.1.1 dev en0 proto static src 192.168.1.10",
        "b0000501 00000000 03080000 37000000 00000000 05000000",
        "10020000000000000000000000000000 10020000c0a801010000000000000000 10020000000000000000000000000000"
            + "1412040000000000000000000000000000000000 10020000c0a8010a0000000000000000"
    )]
    // Scoped: RTF_IFSCOPE and rtm_index.
    [InlineData(
        "default via 192.168.1.1 dev en0 proto static src 192.168.1.10 ifscope en0",
        "b0000501 04000000 03080001 37000000 00000000 05000000",
        "10020000000000000000000000000000 10020000c0a801010000000000000000 10020000000000000000000000000000"
            + "1412040000000000000000000000000000000000 10020000c0a8010a0000000000000000"
    )]
    // A link route: RTF_CLONING, the gateway is the interface.
    [InlineData(
        "192.168.1.0/24 dev en0 proto static src 192.168.1.10",
        "b4000501 00000000 01090000 37000000 00000000 05000000",
        "10020000c0a801000000000000000000 1412040000000000000000000000000000000000 10020000ffffff000000000000000000"
            + "1412040000000000000000000000000000000000 10020000c0a8010a0000000000000000"
    )]
    // A host route has no mask.
    [InlineData(
        "203.0.113.7/32 via 192.168.1.1 dev en0 proto static host",
        "90000501 00000000 07080000 13000000 00000000 05000000",
        "10020000cb0071070000000000000000 10020000c0a801010000000000000000 1412040000000000000000000000000000000000"
    )]
    // The default of a router advertisement: no RTF_STATIC, the interface inside the link-local gateway, scope id 0.
    [InlineData(
        "::/0 via fe80::1 dev en0 proto ra",
        "c4000501 00000000 03000000 17000000 00000000 05000000",
        "1c1e0000000000000000000000000000000000000000000000000000 1c1e000000000000fe80000400000000000000000000000100000000"
            + "1c1e0000000000000000000000000000000000000000000000000000 1412040000000000000000000000000000000000"
    )]
    [InlineData(
        "unreachable 198.51.100.0/24 proto static",
        "8c000501 00000000 0b080000 07000000 00000000 05000000",
        "10020000c63364000000000000000000 100200007f0000010000000000000000 10020000ffffff000000000000000000"
    )]
    [InlineData(
        "10.0.0.0/8 via 10.8.0.1 dev utun4 proto static mtu lock 1380",
        "a0000501 00000000 03080000 17000000 00000000 05000000",
        "100200000a0000000000000000000000 100200000a0800010000000000000000 10020000ff0000000000000000000000"
            + "1412070000000000000000000000000000000000"
    )]
    public void An_addition_is_written_as_configd_writes_it(string line, string head, string addresses)
    {
        var route = RouteText.Parse(line, Names);
        Assert.True(new RouteRequests().TryAdd(route, 5, out var request, out var why), why);
        var hex = Convert.ToHexStringLower(request);
        Assert.Equal(head.Replace(" ", "", StringComparison.Ordinal), hex[..48]);
        Assert.Equal(addresses.Replace(" ", "", StringComparison.Ordinal), hex[(92 * 2)..]);
        Assert.True(RoutingMessage.TryDecode(request, out var message, out var fault), fault.ToString());
        Assert.True(new RouteDecoder(Messages.MtuOf).TryRead(message, out var entry, out fault), fault.ToString());
        Assert.Equal(route, entry.Route);
    }

    [Fact]
    public void A_deletion_names_destination_mask_and_scope()
    {
        var route = RouteText.Parse("default via 192.168.1.1 dev en0 proto static src 192.168.1.10 ifscope en0", Names);
        Assert.True(new RouteRequests().TryDelete(route, 6, out var request, out _));
        var expected =
            "8c000502040000000308000107000000"
            + "0000000006000000"
            + new string('0', (92 - 24) * 2)
            + "10020000000000000000000000000000"
            + "10020000c0a801010000000000000000"
            + "10020000000000000000000000000000";
        Assert.Equal(expected, Convert.ToHexStringLower(request));
    }

    [Fact]
    public void A_lookup_asks_for_the_interface_too()
    {
        // As the captured GET of 8.8.8.8 with RTA_IFP.
        var captured = VectorFile.Named("02_default_route").Steps[18].Bytes;
        var request = new RouteRequests().Get(IpAddress.Parse("8.8.8.8"), InterfaceIndex.None, 5);
        Assert.Equal(Convert.ToHexStringLower(captured), Convert.ToHexStringLower(request));
    }

    [Fact]
    public void Every_entry_that_can_be_a_step_comes_back_from_its_own_request()
    {
        var (requests, decoder) = (new RouteRequests(), new RouteDecoder(Messages.MtuOf));
        var routes = VectorFile
            .All.SelectMany(file => file.Steps)
            .Where(step => step.IsDump && step.Mib[4] is 1 or 7)
            .SelectMany(step => Messages.Entries(step.Bytes, out _))
            .Where(entry => entry.Kind == EntryKind.Ordinary)
            .Select(entry => entry.Route)
            .Distinct()
            .ToArray();
        foreach (var route in routes)
        {
            Assert.True(requests.TryAdd(route, 1, out var request, out var why), why);
            Assert.True(RoutingMessage.TryDecode(request, out var message, out var fault), fault.ToString());
            Assert.True(decoder.TryRead(message, out var entry, out fault), $"{route}: {fault}");
            Assert.Equal(route, entry.Route);
        }

        output.WriteLine($"{routes.Length} routes");
        Assert.True(routes.Length > 50);
    }

    [Theory]
    [InlineData("10.0.0.0/8 via 192.168.1.1 dev en0 metric 5", "one table")]
    [InlineData("10.0.0.0/8 via 192.168.1.1 dev en0 table 100", "one table")]
    [InlineData("prohibit 10.0.0.0/8", "no such next hop")]
    [InlineData("local 10.0.0.1/32 dev en0", "keeps this entry")]
    [InlineData("10.0.0.0/8 via inet6 fe80::1 dev en0", "other family")]
    public void What_macOS_has_not_is_refused_with_a_reason(string line, string reason)
    {
        Assert.False(new RouteRequests().TryAdd(RouteText.Parse(line, Names), 1, out _, out var why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }
}
