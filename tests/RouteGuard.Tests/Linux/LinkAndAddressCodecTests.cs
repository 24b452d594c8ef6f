using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Tests.Linux;

public sealed class LinkAndAddressCodecTests
{
    private static IEnumerable<CapturedMessage> Told(string file, ushort type) =>
        Capture.Named(file).Messages.Where(message => !message.IsRequest && message.Header.Type == type);

    private static NetworkLink Link(string file, string name) =>
        Told(file, NetlinkType.NewLink)
            .Select(message => LinkCodec.TryDecode(message.Body, out var link, out _, out _) ? link : null)
            .Last(link => link?.Name == name)!;

    [Fact]
    public void An_interface_reads_with_name_kind_state_and_layer_2_address()
    {
        var expected = new NetworkLink
        {
            Index = new(10),
            Name = "p0",
            Kind = "veth",
            IsUp = true,
            HasCarrier = true,
            Mac = "02:00:00:00:00:10",
            Mtu = 1500,
        };
        Assert.Equal(expected, Link("v4-default-add", "p0"));
    }

    [Fact]
    public void Lo_and_a_tunnel_without_a_reader_are_told_apart()
    {
        var loopback = Link("dump-link", "lo");
        Assert.True(loopback is { IsLoopback: true, IsUp: true, HasCarrier: true, Mac: "", Kind: "", Mtu: 65536 });
        var tunnel = Link("dump-link", "tun0");
        Assert.True(tunnel is { IsPointToPoint: true, IsUp: true, HasCarrier: false, Mac: "", Kind: "tun", Mtu: 1500 });
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_gone()
    {
        var body = Told("v4-default-add", NetlinkType.NewLink).First().Body.ToArray();
        body[0] = NetlinkFamily.Bridge;
        Assert.True(LinkCodec.TryDecode(body, out _, out var isBridgePort, out _));
        Assert.True(isBridgePort);
    }

    [Fact]
    public void Addresses_read_as_ip_prints_them()
    {
        var lines = Told("dump-addr", NetlinkType.NewAddress)
            .Select(message =>
            {
                var isRead = AddressCodec.TryDecode(message.Body, out var device, out var address, out var fault);
                Assert.True(isRead, fault.ToString());
                return $"{device} {address}";
            });
        Assert.Equal(
            [
                "if1 127.0.0.1/8",
                "if3 10.8.0.2/24",
                "if10 192.0.2.10/24",
                "if11 198.51.100.10/24",
                "if1 ::1/128",
                "if10 2001:db8:1::10/64",
                "if11 2001:db8:2::10/64",
            ],
            lines
        );
    }

    [Fact]
    public void On_a_point_to_point_link_our_address_is_IFA_LOCAL()
    {
        // IFA_ADDRESS 10.8.0.1 is the peer's, IFA_LOCAL 10.8.0.2 ours.
        var body = Convert.FromHexString("0220800003000000" + "080001000a080001" + "080002000a080002");
        Assert.True(AddressCodec.TryDecode(body, out _, out var address, out _));
        Assert.Equal("10.8.0.2/32", address.ToString());
    }

    [Theory]
    [InlineData("02", "ifaddrmsg at byte 0 is cut off")]
    [InlineData("1120800003000000", "ifa_family at byte 0 is neither AF_INET nor AF_INET6")]
    [InlineData("0220800003000000", "ifa_prefixlen at byte 1 has no address, or is too long for it")]
    [InlineData("0221800003000000080002000a080002", "ifa_prefixlen at byte 1 has no address, or is too long for it")]
    [InlineData("0220800003000000060002000a080000", "IFA_LOCAL at byte 8 is no address of the message's family")]
    public void An_address_that_is_none_is_a_fault(string hex, string says)
    {
        Assert.False(AddressCodec.TryDecode(Convert.FromHexString(hex), out _, out _, out var fault));
        Assert.Equal(says, fault.ToString());
    }
}
