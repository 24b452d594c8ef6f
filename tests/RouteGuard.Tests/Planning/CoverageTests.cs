using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Planning;

public sealed class CoverageTests(ITestOutputHelper output)
{
    private const string Home = """
        default via 192.0.2.1 dev phys0 proto dhcp metric 100
        192.0.2.0/24 dev phys0 proto kernel
        ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        """;

    private const string Rules = """
        rule pref 0 lookup local protocol kernel
        rule pref 32766 lookup main protocol kernel
        rule pref 32767 lookup default protocol kernel
        """;

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("default dev tun0", "0.0.0.0/0 except 192.0.2.0/24")]
    [InlineData("0.0.0.0/1 dev tun0|128.0.0.0/1 dev tun0", "0.0.0.0/0 except 192.0.2.0/24")]
    [InlineData(
        "0.0.0.0/1 dev tun0|128.0.0.0/1 dev tun0|203.0.113.2 via 192.0.2.1 dev phys0",
        "0.0.0.0/0 except 192.0.2.0/24, 203.0.113.2/32"
    )]
    [InlineData("0.0.0.0/1 dev tun0", "0.0.0.0/1")]
    [InlineData("default dev tun0 metric 101", "nothing")]
    [InlineData("default dev tun0 metric 100", "nothing")]
    [InlineData("10.0.0.0/8 dev tun0|10.1.0.0/16 via 192.0.2.1 dev phys0", "10.0.0.0/8 without 10.1.0.0/16")]
    [InlineData("default dev tun0|blackhole 198.51.100.0/24", "0.0.0.0/0 except 192.0.2.0/24, 198.51.100.0/24")]
    [InlineData("default dev tun0|unreachable 198.51.100.0/24", "0.0.0.0/0 except 192.0.2.0/24, 198.51.100.0/24")]
    [InlineData("default dev tun0|prohibit 198.51.100.0/24", "0.0.0.0/0 except 192.0.2.0/24, 198.51.100.0/24")]
    [InlineData("default dev tun0|throw 198.51.100.0/24", "0.0.0.0/0 except 192.0.2.0/24, 198.51.100.0/24")]
    [InlineData("default dev tun0 tos 16", "nothing")]
    [InlineData("10.0.0.0/8 dev tun0|10.0.0.0/24 dev phys0|10.0.0.128/25 dev tun0", "10.0.0.0/8 without 10.0.0.0/25")]
    [InlineData("default nexthop dev tun0 nexthop via 192.0.2.1 dev phys0", "nothing")]
    public void The_longest_prefix_and_then_the_lowest_metric_decide(string routes, string expected)
    {
        var table = Table(routes);
        Assert.Equal(Meant(expected), Coverage.Of(table, Tables.Tun0, IpFamily.V4).Addresses.ToString());
    }

    [Theory]
    [InlineData("::/0 dev tun0 metric 50", "::/0")]
    [InlineData("::/0 dev tun0 metric 100", "nothing")]
    [InlineData("::/1 dev tun0 metric 1024|8000::/1 dev tun0 metric 1024", "::/0")]
    [InlineData("2000::/3 dev tun0 metric 1024", "2000::/3")]
    public void Ipv6_siblings_of_equal_metric_share_the_packets(string routes, string expected) =>
        Assert.Equal(expected, Coverage.Of(Table(routes), Tables.Tun0, IpFamily.V6).Addresses.ToString());

    [Fact]
    public void Every_way_to_split_the_whole_space_covers_the_same()
    {
        string[] splits =
        [
            "0.0.0.0/0",
            "0.0.0.0/1 128.0.0.0/1",
            "1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 8.0.0.0/5 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 128.0.0.0/1 0.0.0.0/8",
        ];
        var covered = splits.Select(split =>
            Coverage.Of(
                Tables.Parse(string.Join('\n', split.Split(' ').Select(prefix => $"{prefix} dev tun0"))),
                Tables.Tun0,
                IpFamily.V4
            )
        );
        Assert.Equal("0.0.0.0/0", Assert.Single(covered.Select(one => one.Addresses).Distinct()).ToString());
    }

    [Fact]
    public void A_scoped_route_counts_for_nobody_who_did_not_ask_for_the_interface()
    {
        var scoped = Tables.Parse("default dev tun0").Routes[0] with { ScopeInterface = Tables.Tun0 };
        var table = Tables.Parse("").WithRoutes([scoped]);
        Assert.True(Coverage.Of(table, Tables.Tun0, IpFamily.V4).Addresses.IsEmpty);
    }

    [Theory]
    [InlineData(
        "rule pref 32764 lookup main suppress_prefixlength 0|rule pref 32765 not fwmark 0xca6c lookup 51820",
        "0.0.0.0/0 except 192.0.2.0/24"
    )]
    [InlineData("rule pref 32765 not fwmark 0xca6c lookup 51820", "0.0.0.0/0")]
    [InlineData("rule pref 32765 fwmark 0xca6c lookup 51820", "nothing")]
    [InlineData("rule pref 32765 fwmark 0/0xff lookup 51820", "0.0.0.0/0")]
    [InlineData("rule pref 220 lookup 51820", "0.0.0.0/0")]
    [InlineData("rule pref 40000 lookup 51820", "nothing")]
    [InlineData("rule pref 220 to 198.51.100.0/24 lookup 51820", "198.51.100.0/24")]
    [InlineData(
        "rule pref 210 prohibit to 198.51.100.0/24|rule pref 220 lookup 51820",
        "0.0.0.0/0 except 198.51.100.0/24"
    )]
    [InlineData("rule pref 220 nop|rule pref 221 lookup 51820", "0.0.0.0/0")]
    [InlineData("rule pref 220 lookup 77", "nothing")]
    public void Rules_are_asked_in_their_order(string rules, string expected)
    {
        var coverage = Coverage.Of(Table("default dev tun0 table 51820", Rules, rules), Tables.Tun0, IpFamily.V4);
        Assert.True(coverage.IsExact);
        Assert.Equal(expected, coverage.Addresses.ToString());
    }

    [Theory]
    [InlineData("rule pref 9 from 192.0.2.10 lookup 51820")]
    [InlineData("rule pref 9 iif phys0 lookup 51820")]
    [InlineData("rule pref 9 oif tun0 lookup 51820")]
    [InlineData("rule pref 9 tos 16 lookup 51820")]
    [InlineData("rule pref 9 uidrange 1000-1000 lookup 51820")]
    [InlineData("rule pref 9 ipproto tcp dport 443 lookup 51820")]
    [InlineData("rule pref 9 goto 32766")]
    [InlineData("rule pref 9 l3mdev")]
    [InlineData("rule pref 9 lookup main suppress_ifgroup 3")]
    [InlineData("rule pref 9 not to 10.0.0.0/8 lookup 51820")]
    public void A_rule_that_asks_for_more_than_the_destination_is_passed_over_and_named(string rule)
    {
        var coverage = Coverage.Of(Table("default dev tun0 table 51820", Rules, rule), Tables.Tun0, IpFamily.V4);
        Assert.False(coverage.IsExact);
        Assert.Contains("rule pref 9 ", Assert.Single(coverage.NotUnderstood), StringComparison.Ordinal);
        Assert.True(coverage.Addresses.IsEmpty);
    }

    [Fact]
    public void What_throws_in_one_table_is_asked_in_the_next()
    {
        var table = Table(
            "default dev tun0 table 51820|throw 198.51.100.0/24 table 51820",
            Rules,
            "rule pref 9 lookup 51820"
        );
        Assert.Equal(
            "0.0.0.0/0 except 198.51.100.0/24",
            Coverage.Of(table, Tables.Tun0, IpFamily.V4).Addresses.ToString()
        );
    }

    [Theory]
    [InlineData("198.51.100.0/24 via 192.0.2.66 dev phys0 proto dhcp", "198.51.100.0/24")]
    [InlineData("198.51.100.0/24 via 192.0.2.66 dev phys0", "198.51.100.0/24")]
    [InlineData("0.0.0.0/1 via 192.0.2.66 dev phys0 proto dhcp metric 5", "")]
    [InlineData("0.0.0.0/2 via 192.0.2.66 dev phys0 proto dhcp", "0.0.0.0/2 without 10.0.0.0/8")]
    [InlineData("10.9.0.0/16 via 192.0.2.66 dev phys0 proto dhcp", "")]
    [InlineData("192.168.0.0/16 via 192.0.2.66 dev phys0 proto dhcp", "")]
    [InlineData("100.64.0.0/10 via 192.0.2.66 dev phys0 proto dhcp", "")]
    [InlineData("169.254.0.0/16 dev phys0", "")]
    [InlineData("224.0.0.0/4 dev phys0", "")]
    [InlineData("203.0.113.2 via 192.0.2.1 dev phys0", "")]
    [InlineData("blackhole 198.51.100.0/24", "")]
    [InlineData("198.51.100.0/24 dev tun0", "")]
    [InlineData("2001:db8:7::/48 via fe80::66 dev phys0 proto ra", "2001:db8:7::/48")]
    [InlineData("fd00:7::/48 via fe80::66 dev phys0 proto ra", "")]
    public void A_route_that_came_for_public_addresses_by_a_physical_interface_is_named(string route, string expected)
    {
        const string tunnel = "0.0.0.0/1 dev tun0|128.0.0.0/1 dev tun0|::/1 dev tun0|8000::/1 dev tun0";
        const string server = "203.0.113.2 via 192.0.2.1 dev phys0";
        var found = Coverage.Bypasses(
            Table($"{tunnel}|{route}"),
            Tables.Parse(Home),
            [Overlay.Empty with { OwnedRoutes = new(Tables.Parse(server).Routes) }],
            Tables.Tun0
        );
        Assert.Equal(Meant(expected), string.Join('\n', found.Select(one => one.Range)));
    }

    [Fact]
    public void What_was_there_before_the_tunnel_is_no_bypass()
    {
        var before = Tables.Parse($"{Home}\n198.51.100.0/24 via 192.0.2.7 dev phys0");
        Assert.Empty(Coverage.Bypasses(before.WithRoutes([.. before.Routes, .. Halves()]), before, [], Tables.Tun0));
    }

    [Fact]
    public void A_route_that_the_tunnel_takes_back_by_a_longer_prefix_leads_only_what_is_left_to_it()
    {
        var found = Coverage.Bypasses(
            Table(
                "0.0.0.0/1 dev tun0|128.0.0.0/1 dev tun0|198.51.100.0/24 via 192.0.2.66 dev phys0|198.51.100.0/25 dev tun0"
            ),
            Tables.Parse(Home),
            [],
            Tables.Tun0
        );
        Assert.Equal("198.51.100.128/25", Assert.Single(found).Range.ToString());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Coverage_is_what_a_lookup_of_each_address_finds(int seed)
    {
        const int rounds = 1_000;
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var table = RandomTable(random);
            var covered = Coverage.Of(table, Tables.Tun0, IpFamily.V4).Addresses;
            for (uint host = 0; host < 64; host++)
            {
                var address = IpAddress.V4(0xc000_0200 + host);
                Assert.True(
                    LeavesByTunnel(table, address) == covered.Contains(address),
                    $"seed {seed}, round {round}: {address} with {covered}\n{Tables.Lines(table)}"
                );
            }
        }

        output.WriteLine($"seed {seed}: {rounds} tables of 64 addresses");
    }

    // As slow and plain as can be: every rule, every route.
    private static bool LeavesByTunnel(RouteTable table, IpAddress address)
    {
        foreach (var rule in table.Rules)
        {
            var best = table
                .Routes.Where(route => route.Table == rule.Table && route.Destination.Contains(address))
                .OrderByDescending(route => route.Destination.Length)
                .ThenBy(route => route.Metric)
                .FirstOrDefault();
            if (
                best is not null and not { NextHop: NextHop.Throw }
                && (rule.SuppressPrefixLength is not { } length || best.Destination.Length > length)
            )
            {
                return best.NextHop.Device == Tables.Tun0;
            }
        }

        return false;
    }

    private static RouteTable RandomTable(Random random)
    {
        string[] ways = ["dev tun0", "dev tun0", "dev phys0", "via 192.0.2.1 dev phys0", "blackhole", "throw"];
        HashSet<string> places = [];
        List<string> lines =
        [
            "rule pref 1 lookup main suppress_prefixlength 27",
            "rule pref 2 lookup 7",
            "rule pref 3 lookup main",
        ];
        for (var left = random.Next(10); left > 0; left--)
        {
            var length = random.Next(5) == 0 ? 0 : random.Next(26, 33);
            var destination = $"{IpAddress.V4(0xc000_0200 + (uint)random.Next(64)).Masked(length)}/{length}";
            var tail = $"table {(random.Next(2) == 0 ? "main" : "7")} metric {random.Next(3)}";
            var way = ways[random.Next(ways.Length)];
            if (places.Add(destination + tail))
            {
                lines.Add(
                    way is "blackhole" or "throw" ? $"{way} {destination} {tail}" : $"{destination} {way} {tail}"
                );
            }
        }

        return Tables.Parse(string.Join('\n', lines));
    }

    private static IEnumerable<Route> Halves() => Tables.Parse("0.0.0.0/1 dev tun0\n128.0.0.0/1 dev tun0").Routes;

    // "A without B", or as it stands.
    private static string Meant(string expected)
    {
        var words = expected.Split(" without ");
        return words.Length == 1
            ? expected
            : PrefixSet.Of(IpFamily.V4, [Prefix.Parse(words[0])]).Without(Prefix.Parse(words[1])).ToString();
    }

    private static RouteTable Table(string routes, params string[] rules) =>
        Tables.Parse(string.Join('\n', [Home, .. rules, routes]).Replace('|', '\n'));
}
