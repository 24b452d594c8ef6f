using RouteGuard.Core.Routes;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Routes;

/// <summary>Which route decides, by the tables alone.</summary>
public sealed class LookupTests
{
    private const string Rules = """
        rule pref 0 lookup local protocol kernel
        rule pref 32766 lookup main protocol kernel
        """;

    [Theory]
    [InlineData("10.1.2.3", "10.1.0.0/16 dev tun0")]
    [InlineData("10.2.0.1", "10.0.0.0/8 via 192.0.2.1 dev phys0")]
    [InlineData("203.0.113.1", "default via 192.0.2.1 dev phys0 metric 100")]
    public void The_longest_prefix_wins_and_of_equal_ones_the_smallest_metric(string address, string route)
    {
        var table = Tables.Parse(
            $"""
            default via 192.0.2.1 dev phys0 metric 100
            default dev tun0 metric 200
            10.0.0.0/8 via 192.0.2.1 dev phys0
            10.1.0.0/16 dev tun0
            {Rules}
            """
        );
        Assert.Equal(route, Print(table, address));
    }

    [Fact]
    public void The_pair_of_rules_of_wg_quick_leads_into_its_own_table_but_for_the_lan()
    {
        var table = Tables.Parse(
            """
            default via 192.0.2.1 dev phys0
            10.0.0.0/8 via 192.0.2.1 dev phys0
            default dev tun0 table 51820
            rule pref 0 lookup local protocol kernel
            rule pref 32764 lookup main suppress_prefixlength 0
            rule pref 32765 not fwmark 0xca6c lookup 51820
            rule pref 32766 lookup main protocol kernel
            """
        );
        Assert.Equal("default dev tun0 table 51820", Print(table, "203.0.113.1"));
        Assert.Equal("10.0.0.0/8 via 192.0.2.1 dev phys0", Print(table, "10.9.9.9"));
        Assert.Equal(
            "default via 192.0.2.1 dev phys0",
            RouteText.Print(Lookup.Of(table, IpAddress.Parse("203.0.113.1")).Others[0], table.Names)
        );
    }

    [Fact]
    public void A_throw_route_sends_the_lookup_to_the_next_rule_and_a_refusing_rule_ends_it()
    {
        var table = Tables.Parse(
            """
            throw 203.0.113.0/24 table 100
            default dev tun0 table 100
            default via 192.0.2.1 dev phys0
            rule pref 10 to 198.51.100.0/24 prohibit
            rule pref 100 lookup 100
            rule pref 32766 lookup main protocol kernel
            """
        );
        Assert.Equal("default via 192.0.2.1 dev phys0", Print(table, "203.0.113.1"));
        Assert.Equal("default dev tun0 table 100", Print(table, "192.0.2.99"));
        Assert.True(Lookup.Of(table, IpAddress.Parse("198.51.100.7")).IsRefusedByRule);
    }

    [Fact]
    public void A_rule_that_asks_for_more_than_an_address_is_named_and_passed_over()
    {
        var table = Tables.Parse($"default via 192.0.2.1 dev phys0\nrule pref 5 iif phys0 lookup 100\n{Rules}");
        var found = Lookup.Of(table, IpAddress.Parse("203.0.113.1"));
        Assert.NotNull(found.Winner);
        Assert.Single(found.NotUnderstood);
    }

    private static string Print(RouteTable table, string address) =>
        RouteText.Print(Lookup.Of(table, IpAddress.Parse(address)).Winner!, table.Names);
}
