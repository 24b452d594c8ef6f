using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Routes;

public sealed class RouteTextTests
{
    private static readonly InterfaceNames Names = new([
        KeyValuePair.Create(new InterfaceIndex(10), "p0"),
        KeyValuePair.Create(new InterfaceIndex(11), "p1"),
    ]);

    [Theory]
    [InlineData("default via 192.0.2.1 dev p0")]
    [InlineData("default via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 100")]
    [InlineData("::/0 via fe80::1 dev p0 proto ra metric 1024 pref high expires 600")]
    [InlineData("203.0.113.2 via 192.0.2.1 dev p0")]
    [InlineData("10.0.0.0/8 dev p0")]
    [InlineData("10.0.0.0/8 dev p0 scope global")]
    [InlineData("blackhole 10.66.0.0/16")]
    [InlineData("10.77.0.0/16 tos 0x10 via 192.0.2.1 dev p0 table 51820")]
    [InlineData("10.77.0.0/16 via 192.0.2.1 dev p0 mtu lock 1300 hoplimit 3")]
    [InlineData("10.77.0.0/16 via 203.0.113.77 dev p0 onlink")]
    [InlineData("10.77.0.0/16 via 2001:db8:1::1 dev p0")]
    [InlineData("default nhid 10")]
    [InlineData(
        "local 10.88.0.1 dev if1 table local scope host proto kernel",
        "local 10.88.0.1 dev if1 table local proto kernel"
    )]
    [InlineData("default nexthop via 192.0.2.1 dev p0 weight 1 nexthop via 198.51.100.1 dev p1 weight 3")]
    [InlineData("2001:db8:77::/48 from 2001:db8:1::/64 via 2001:db8:1::1 dev p0 raw 0c001680")]
    [InlineData("10.0.0.0/8 dev p1 ifscope p1 host")]
    public void What_is_read_is_what_is_printed(string line, string? printed = null) =>
        Assert.Equal(printed ?? line, RouteText.Print(RouteText.Parse(line, Names), Names));

    [Theory]
    [InlineData("10.0.0.1/8 dev p0", "host bits")]
    [InlineData("010.0.0.0/8 dev p0", "destination")]
    [InlineData("10.0.0.0/08 dev p0", "destination")]
    [InlineData("default", "no next hop")]
    [InlineData("default via 192.0.2.1 dev nowhere", "'nowhere'")]
    [InlineData("default via 192.0.2.1 dev p0 colour red", "'colour'")]
    [InlineData("blackhole default via 192.0.2.1", "more than one kind")]
    [InlineData("2001:DB8::/32 dev p0", "destination")]
    [InlineData("", "the end of the line")]
    public void A_line_that_is_not_understood_is_refused_with_the_word(string line, string problem)
    {
        Assert.False(RouteText.TryParse(line, Names, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }
}
