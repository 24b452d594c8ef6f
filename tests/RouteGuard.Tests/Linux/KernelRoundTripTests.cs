using System.Runtime.Versioning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Linux;

/// <summary>The codec and a real kernel. Skipped by name without Linux, root or ip(8).</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelRoundTripTests
{
    private const int Esrch = 3;
    private const int Enoent = 2;

    // What the kernel keeps of these is what is written: the IPv6 ones name a metric, or it would choose one.
    private static readonly string[] Routes =
    [
        "default via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 100",
        "default via 198.51.100.1 dev p1 metric 100 table 51820",
        "10.1.0.0/16 dev p0",
        "10.1.0.0/16 dev p0 scope global metric 5",
        "10.2.0.0/16 tos 0x10 via 192.0.2.1 dev p0",
        "10.3.0.0/16 via 203.0.113.77 dev p0 onlink",
        "10.4.0.0/16 via 2001:db8:1::1 dev p0",
        "10.5.0.0/16 via 192.0.2.1 dev p0 mtu lock 1300 advmss 1200 features ecn rto_min lock 200 quickack 1",
        "10.6.0.0/16 nexthop via 192.0.2.1 dev p0 weight 2 nexthop via 198.51.100.1 dev p1 weight 256",
        "blackhole 10.7.0.0/16",
        "unreachable 10.8.0.0/16 metric 4294967294",
        "prohibit 10.9.0.0/16 proto static",
        "throw 10.10.0.0/16 table 100",
        "local 10.11.0.1 dev lo table local proto 77",
        "::/0 via fe80::1 dev p0 metric 1024 pref high",
        "::/0 via 2001:db8:1::1 dev p0 proto ra metric 100",
        "2001:db8:31::/48 dev p0 metric 7",
        "2001:db8:32::/48 via 2001:db8:1::1 dev p0 src 2001:db8:1::10 metric 7 mtu lock 1300 hoplimit 3",
        "2001:db8:33::/48 via 2001:db8:99::1 dev p0 onlink metric 7",
        "2001:db8:34::/48 nexthop via 2001:db8:1::1 dev p0 weight 1 nexthop via 2001:db8:2::1 dev p1 weight 2 metric 7",
        "blackhole 2001:db8:35::/48 metric 7",
        "unreachable 2001:db8:36::/48 metric 4294967295",
        "2001:db8:37::/48 dev p0 table 300 metric 7",
    ];

    [Fact]
    public void A_route_that_was_made_is_told_as_it_was_written_and_its_deletion_takes_it_alone() =>
        KernelSandbox.Run(kernel =>
        {
            // One more at a time, so that every deletion has all the others to go wrong with.
            var made = Routes.Select(kernel.Parse).ToList();
            foreach (var route in made)
            {
                Assert.Equal((0, route.ToString()), (kernel.AddRoute(route), route.ToString()));
            }

            var told = kernel.Routes();
            Assert.Equal(Lines(kernel, made), Lines(kernel, told));
            foreach (var route in told.ToList())
            {
                Assert.Equal((0, route.ToString()), (kernel.DeleteRoute(route), route.ToString()));
                told.Remove(route);
                Assert.Equal(Lines(kernel, told), Lines(kernel, kernel.Routes()));
            }
        });

    [Theory]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 192.0.2.10 metric 5 mtu 1300", true)]
    [InlineData("10.1.0.0/16 via 192.0.2.2 dev p0 proto static src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 dev p0 scope global proto static src 192.0.2.10 metric 5 mtu 1300", true)]
    [InlineData("10.1.0.0/16 via 198.51.100.1 dev p1 proto static src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 198.51.100.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static metric 5 mtu 1300", true)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 192.0.2.10 metric 6 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 192.0.2.10 mtu 1300", true)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 192.0.2.10 metric 5 mtu 1301", false)]
    [InlineData("10.1.0.0/16 tos 0x10 via 192.0.2.1 dev p0 proto static src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 table 100 proto static src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("10.1.0.0/16 via 192.0.2.1 dev p0 proto static scope link src 192.0.2.10 metric 5 mtu 1300", false)]
    [InlineData("blackhole 10.1.0.0/16 proto static metric 5", false)]
    public void The_kernel_compares_what_a_deletion_names_and_takes_zero_for_any(string line, bool isTaken) =>
        KernelSandbox.Run(kernel =>
        {
            var there = "10.1.0.0/16 via 192.0.2.1 dev p0 proto static src 192.0.2.10 metric 5 mtu 1300";
            Assert.Equal(0, kernel.AddRoute(kernel.Parse(there)));
            Assert.Equal(isTaken ? 0 : Esrch, kernel.DeleteRoute(kernel.Parse(line)));
            Assert.Equal(isTaken ? [] : [there], Lines(kernel, kernel.Routes()));
        });

    [Theory]
    [InlineData("2001:db8:31::/48 via 2001:db8:1::2 dev p0 proto static metric 7")]
    [InlineData("2001:db8:31::/48 via 2001:db8:1::1 dev p1 proto static metric 7")]
    [InlineData("2001:db8:31::/48 via 2001:db8:1::1 dev p0 proto dhcp metric 7")]
    [InlineData("2001:db8:31::/48 via 2001:db8:1::1 dev p0 proto static metric 8")]
    [InlineData("2001:db8:31::/48 via 2001:db8:1::1 dev p0 table 100 proto static metric 7")]
    public void An_IPv6_deletion_that_names_something_else_takes_nothing(string line) =>
        KernelSandbox.Run(kernel =>
        {
            var there = "2001:db8:31::/48 via 2001:db8:1::1 dev p0 proto static metric 7";
            Assert.Equal(0, kernel.AddRoute(kernel.Parse(there)));
            Assert.Equal(Esrch, kernel.DeleteRoute(kernel.Parse(line)));
            Assert.Equal([there], Lines(kernel, kernel.Routes()));
        });

    [Fact]
    public void What_ip_made_is_made_again_from_what_was_read() =>
        KernelSandbox.Run(kernel =>
        {
            kernel.Ip("nexthop add id 10 via 192.0.2.1 dev p0 onlink");
            kernel.Ip("nexthop add id 11 via 198.51.100.1 dev p1");
            kernel.Ip("nexthop add id 12 via 2001:db8:1::1 dev p0");
            kernel.Ip("nexthop add id 30 group 10,2/11,3");
            kernel.Ip("nexthop add id 31 group 10/11 type resilient buckets 8");
            kernel.Ip("nexthop add id 40 blackhole");
            kernel.Ip("route add 10.1.0.0/16 nhid 30 metric 3");
            kernel.Ip("route add 10.2.0.0/16 nhid 40");
            kernel.Ip("route add 10.3.0.0/16 via 192.0.2.1 realms 3/4 mtu lock 1300 congctl lock reno");
            kernel.Ip("route add 10.4.0.0/16 encap ip id 30 dst 192.0.2.1 dev p0");
            kernel.Ip("-6 route add 2001:db8:31::/48 nhid 12");
            kernel.Ip("-6 route add unreachable default metric 4294967295");
            kernel.Ip("-6 route add 2001:db8:32::/48 encap seg6 mode encap segs 2001:db8:1::1 dev p0");

            var (nextHops, routes) = (kernel.NextHops(), kernel.Routes());
            Assert.Equal((6, 7), (nextHops.Count, routes.Count));
            foreach (var route in routes)
            {
                Assert.Equal((0, route.ToString()), (kernel.DeleteRoute(route), route.ToString()));
            }

            foreach (var nextHop in Enumerable.Reverse(nextHops))
            {
                Assert.Equal(0, kernel.DeleteNextHop(nextHop.Id));
            }

            Assert.Equal((0, 0), (kernel.NextHops().Count, kernel.Routes().Count));
            foreach (var nextHop in nextHops)
            {
                Assert.Equal((nextHop.Id, 0), (nextHop.Id, kernel.AddNextHop(nextHop)));
            }

            foreach (var route in routes)
            {
                Assert.Equal((0, route.ToString()), (kernel.AddRoute(route), route.ToString()));
            }

            Assert.Equal(nextHops, kernel.NextHops());
            Assert.Equal(routes.ToHashSet(), kernel.Routes().ToHashSet());
        });

    [Fact]
    public void Rules_that_ip_made_are_removed_one_by_one_and_made_again() =>
        KernelSandbox.Run(kernel =>
        {
            kernel.Ip("rule add pref 0 fwmark 9 lookup 100");
            kernel.Ip("rule add pref 100 from 192.0.2.7/24 lookup 100");
            kernel.Ip("rule add pref 100 from 192.0.2.8/24 lookup 100");
            kernel.Ip("rule add pref 101 fwmark 0/0xff lookup 100");
            kernel.Ip("rule add pref 102 fwmark 7/0xff not to 10.0.0.0/8 lookup 51820");
            kernel.Ip("rule add pref 104 nop");
            kernel.Ip("rule add pref 105 iif wg9 oif p0 ipproto tcp sport 1-9 dport 5 uidrange 0-1000 lookup 300");
            kernel.Ip("rule add pref 106 lookup main suppress_prefixlength 0 suppress_ifgroup 7 protocol static");
            kernel.Ip("rule add pref 107 goto 200");
            kernel.Ip("rule add pref 200 tos 0x10 prohibit");
            kernel.Ip("-6 rule add pref 100 from 2001:db8::7/64 lookup 100");
            kernel.Ip("-6 rule add pref 101 l3mdev");

            var rules = kernel.Rules();
            Assert.Equal(12, rules.Count);
            foreach (var rule in rules.ToList())
            {
                var left = kernel.Rules();
                left.Remove(rule);
                Assert.Equal((0, rule.ToString()), (kernel.DeleteRule(rule), rule.ToString()));
                Assert.Equal(left, kernel.Rules());
                Assert.Equal((Enoent, rule.ToString()), (kernel.DeleteRule(rule), rule.ToString()));
            }

            foreach (var rule in rules)
            {
                Assert.Equal((0, rule.ToString()), (kernel.AddRule(rule), rule.ToString()));
            }

            Assert.Equal(rules, kernel.Rules());
        });

    private static IEnumerable<string> Lines(KernelSandbox kernel, IEnumerable<Route> routes) =>
        routes.Select(route => RouteText.Print(route, kernel.Names)).Order(StringComparer.Ordinal);
}
