using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>What was read can be written again: the promise that a restore rests on.</summary>
[SupportedOSPlatform("linux")]
public sealed class RoundTripTests : IDisposable
{
    private const string Reason = "is tested";

    // The kinds of entry that the lab's captures showed, and more; each line stands for one kind.
    private static readonly string[] RoutesOfAllKinds =
    [
        "route add default via 192.0.2.1 dev p0",
        "route add default via 192.0.2.1 dev p0 proto dhcp src 192.0.2.10 metric 100",
        "route add 0.0.0.0/1 via 10.8.0.1 dev tun0",
        "route add 203.0.113.2/32 via 192.0.2.1 dev p0",
        "route add 10.20.0.0/16 dev tun0 scope link",
        "route add default dev tun0 scope global metric 7",
        "route add 10.21.0.0/16 via 192.0.2.1 mtu 1300 advmss 1200 window 4096 rtt 300ms",
        "route add 10.22.0.0/16 via 192.0.2.1 mtu lock 1300 hoplimit lock 7",
        "route add 10.23.0.0/16 via 192.0.2.1 congctl reno initcwnd 20 initrwnd 30 quickack 1 rto_min 250ms",
        "route add 10.24.0.0/16 via 203.0.113.77 dev p0 onlink",
        "route add 10.25.0.0/16 nexthop via 192.0.2.1 dev p0 weight 1 nexthop via 198.51.100.1 dev p1 weight 3",
        "route add 10.26.0.0/16 nexthop via 203.0.113.9 dev p0 onlink nexthop dev tun0 weight 256",
        "route add blackhole 10.27.0.0/16",
        "route add unreachable 10.28.0.0/16 metric 9",
        "route add prohibit 10.29.0.0/16",
        "route add throw 10.30.0.0/16 table 100",
        "route add blackhole default metric 4294967294",
        "route add 10.31.0.0/16 tos 0x10 via 192.0.2.1",
        "route add 10.32.0.0/16 via 192.0.2.1 src 10.8.0.2",
        "route add 10.33.0.0/16 via 192.0.2.1 proto 250 metric 4242",
        "route add 10.34.0.0/16 via 192.0.2.1 proto static table 51820",
        "route add default dev tun0 table 4294967295",
        "route add 10.35.0.0/16 via inet6 2001:db8:1::1 dev p0",
        "route add 10.36.0.0/16 via 192.0.2.1 realms 3/7",
        "route add 10.37.0.0/16 via 192.0.2.1 ttl-propagate enabled",
        "route add 10.38.0.0/16 encap ip id 100 dst 192.0.2.9 dev p0",
        "route add 10.39.0.0/16 nexthop encap ip id 7 dst 192.0.2.9 dev p0 nexthop via 198.51.100.1 dev p1",
        "-6 route add default via 2001:db8:1::1 dev p0",
        "-6 route add default via fe80::1 dev p0 proto ra metric 100 pref high",
        "-6 route add 2000::/3 dev tun0",
        "-6 route add 2001:db8:77::/48 via 2001:db8:1::1 dev p0 pref low mtu lock 1300",
        "-6 route add 2001:db8:78::/48 via 2001:db8:1::1 dev p0 src 2001:db8:1::10 proto static",
        "-6 route add 2001:db8:79::/48 nexthop via 2001:db8:1::1 dev p0 weight 1 nexthop via 2001:db8:2::1 dev p1 weight 2",
        "-6 route add 2001:db8:7a::/48 via 2001:db8:99::1 dev p0 onlink",
        "-6 route add 2001:db8:7b::/48 via fe80::1 dev p0 expires 600",
        "-6 route add 2001:db8:7c::/48 via 2001:db8:1::1 metric 5 table 51820",
        "-6 route add default from 2001:db8:1::/64 via 2001:db8:1::1 dev p0",
        "-6 route add blackhole 2001:db8:66::/48",
        "-6 route add unreachable default metric 4294967295",
        "-6 route add prohibit 2001:db8:67::/48",
        "-6 route add throw 2001:db8:68::/48 table 100",
        "-6 route add 2001:db8:55::/48 encap seg6 mode encap segs 2001:db8:1::1 dev p0",
        "-6 route add 2001:db8:56::/48 encap seg6local action End.DT6 table 254 dev p0",
    ];

    private static readonly string[] RulesOfAllKinds =
    [
        "rule add not fwmark 51820 table 51820",
        "rule add table main suppress_prefixlength 0",
        "rule add pref 5000 blackhole",
        "rule add pref 5001 from 192.0.2.0/24 iif p0 table 100",
        "rule add pref 5002 fwmark 0x42/0xff tos 0x10 table 220 protocol static",
        "rule add pref 5003 ipproto udp dport 53 sport 1000-2000 lookup 100",
        "rule add pref 5004 uidrange 1000-2000 oif tun0 table 100",
        "rule add pref 5005 to 10.0.0.0/8 goto 32766",
        "rule add pref 5006 prohibit",
        "rule add pref 5007 unreachable iif nothere0",
        "rule add pref 5008 nop",
        "rule add pref 5009 suppress_ifgroup 7 table main",
        "rule add pref 5010 from 10.1.0.0/16 table 100",
        "rule add pref 5010 from 10.2.0.0/16 table 101",
        "rule add pref 5011 tun_id 42 table 100",
        "-6 rule add not fwmark 51820 table 51820",
        "-6 rule add pref 5001 from 2001:db8:1::/64 iif p0 table 100",
        "-6 rule add pref 5002 to 2001:db8::/32 fwmark 0x42/0xff table 4294967295",
        "-6 rule add pref 5003 ipproto tcp dport 443 lookup 100",
    ];

    private const string Objects = """
        nexthop add id 10 via 192.0.2.1 dev p0
        nexthop add id 11 via 198.51.100.1 dev p1 proto static
        nexthop add id 20 group 10,3/11,5
        nexthop add id 40 blackhole
        nexthop add id 60 via 2001:db8:1::1 dev p0
        nexthop add id 61 dev tun0
        nexthop add id 62 via 203.0.113.5 dev p0 onlink
        route add 10.40.0.0/16 nhid 10
        route add 10.41.0.0/16 nhid 20 metric 3
        route add 10.42.0.0/16 nhid 40
        route add 2001:db8:40::/48 nhid 60
        route add 10.43.0.0/16 nhid 60
        """;

    // Entries that share a key (IPv4) or a metric (IPv6) with others of the table.
    private const string Beside = """
        route append default via 198.51.100.1 dev p1
        route append default via 192.0.2.77 dev p0
        route append 2001:db8:77::/48 via 2001:db8:2::1 dev p1
        """;

    private readonly AdapterWorld _world = new();

    public static TheoryData<string> Routes => [.. RoutesOfAllKinds];

    public static TheoryData<string> Rules => [.. RulesOfAllKinds];

    public void Dispose() => _world.Dispose();

    [Theory]
    [MemberData(nameof(Routes))]
    public void A_route_that_was_read_and_deleted_can_be_added_again_byte_for_byte(string line)
    {
        var without = _world.Show();
        AddOrSkip(line);
        var with = _world.Show();
        Assert.NotEqual(without, with);
        var route = Assert.Single(_world.Read().Routes, IsOurs);

        Assert.Equal(StepOutcome.Applied, _world.Delete(route));
        Assert.Equal(without, _world.Show());
        Assert.Equal(StepResult.AlreadyDone, _world.Delete(route).Result);

        Assert.Equal(StepOutcome.Applied, _world.Add(route));
        Assert.Equal(with, _world.Show());
        Assert.Equal(StepResult.AlreadyDone, _world.Add(route).Result);
        Assert.True(Assert.Single(_world.Read().Routes, IsOurs).IsSameAs(route));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_that_was_read_and_deleted_can_be_added_again_byte_for_byte(string line)
    {
        var without = _world.Show();
        var before = _world.Read().Rules;
        AddOrSkip(line);
        var with = _world.Show();
        var rule = Assert.Single(_world.Read().Rules.Except(before));

        Assert.Equal([StepOutcome.Applied], _world.Apply(new PlanStep.DeleteRule(rule, Reason)));
        Assert.Equal(without, _world.Show());
        Assert.Equal(StepResult.AlreadyDone, _world.Apply(new PlanStep.DeleteRule(rule, Reason))[0].Result);

        Assert.Equal([StepOutcome.Applied], _world.Apply(new PlanStep.AddRule(rule, Reason)));
        Assert.Equal(with, _world.Show());
        Assert.Equal(StepResult.AlreadyDone, _world.Apply(new PlanStep.AddRule(rule, Reason))[0].Result);
    }

    [Fact]
    public void A_table_of_all_kinds_that_was_flushed_is_written_again_byte_for_byte()
    {
        var empty = _world.Show();
        _world.Net.IpBatch(Objects);
        _world.Net.IpBatch(Beside);
        foreach (var line in RoutesOfAllKinds.Concat(RulesOfAllKinds))
        {
            _world.Net.Run("ip", line.Split(' '));
        }

        var full = _world.Show();
        var table = _world.Read();
        var routes = table.Routes.Where(IsOurs).ToArray();
        var rules = table.Rules.Where(rule => rule.Protocol != RouteProtocol.Kernel).ToArray();
        Assert.Empty(_world.Net.Do(() => _world.Kernel.Faults));

        var removed = _world.Apply([
            .. routes.Select(route => new PlanStep.DeleteRoute(route, Reason)),
            .. rules.Select(rule => new PlanStep.DeleteRule(rule, Reason)),
        ]);
        Assert.All(removed, outcome => Assert.Equal(StepOutcome.Applied, outcome));
        _world.Net.Ip("nexthop flush");
        Assert.Equal(empty, _world.Show());

        var written = _world.Apply([
            .. table
                .NextHops.OrderBy(nextHop => nextHop.Id is 20)
                .Select(nextHop => new PlanStep.AddNextHop(nextHop, Reason)),
            .. routes.Select(route => new PlanStep.AddRoute(route, IsBeside: true, Reason)),
            .. rules.Select(rule => new PlanStep.AddRule(rule, Reason)),
        ]);
        Assert.All(written, outcome => Assert.Equal(StepOutcome.Applied, outcome));
        Assert.Equal(full, _world.Show());
        var again = _world.Read();
        Assert.Equal(table.NextHops, again.NextHops);
        Assert.Equal(table.Rules, again.Rules);
    }

    private static bool IsOurs(Route route) => !RouteOwnership.IsKernelOwned(route);

    // A kernel may be built without one kind or the other.
    private void AddOrSkip(string line)
    {
        var done = _world.Net.Run("ip", line.Split(' '));
        var isUnknown =
            done.Faults.Contains("not supported", StringComparison.Ordinal)
            || done.Faults.Contains("Unknown", StringComparison.Ordinal)
            || done.Faults.Contains("CONFIG_", StringComparison.Ordinal);
        Assert.SkipWhen(done.ExitCode != 0 && isUnknown, $"This kernel has no '{line}': {done.Faults.Trim()}");
        done.MustSucceed();
    }
}
