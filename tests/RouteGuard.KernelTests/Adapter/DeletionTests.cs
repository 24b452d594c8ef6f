using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>A deletion removes the entry that was named, and no twin of it.</summary>
[SupportedOSPlatform("linux")]
public sealed class DeletionTests : IDisposable
{
    private const string Reason = "is tested";

    private readonly AdapterWorld _world = new();

    /// <summary>Routes of one destination that differ in one thing each, in the order in which they are
    /// appended.</summary>
    public static TheoryData<string, string> Twins =>
        new()
        {
            {
                "gateway",
                "10.50.0.0/16 via 192.0.2.1 dev p0|10.50.0.0/16 via 192.0.2.2 dev p0|10.50.0.0/16 via 198.51.100.1 dev p1"
            },
            {
                "metric",
                "10.50.0.0/16 via 192.0.2.1|10.50.0.0/16 via 192.0.2.1 metric 5|10.50.0.0/16 via 192.0.2.1 metric 100"
            },
            {
                "protocol",
                "10.50.0.0/16 via 192.0.2.1 proto boot|10.50.0.0/16 via 192.0.2.1 proto dhcp|10.50.0.0/16 via 192.0.2.1 proto static"
            },
            {
                "tos",
                "10.50.0.0/16 via 192.0.2.1|10.50.0.0/16 tos 0x10 via 192.0.2.1|10.50.0.0/16 tos 0x8 via 192.0.2.1"
            },
            {
                "type",
                "10.50.0.0/16 via 192.0.2.1|blackhole 10.50.0.0/16|unreachable 10.50.0.0/16|prohibit 10.50.0.0/16"
            },
            { "device", "10.50.0.0/16 dev p0|10.50.0.0/16 dev p1|10.50.0.0/16 dev tun0" },
            { "scope", "10.50.0.0/16 dev p0 scope link|10.50.0.0/16 dev p0 scope global" },
            {
                "table",
                "10.50.0.0/16 via 192.0.2.1|10.50.0.0/16 via 192.0.2.1 table 100|10.50.0.0/16 via 192.0.2.1 table 1000"
            },
            {
                "source",
                "10.50.0.0/16 via 192.0.2.1 src 192.0.2.10|10.50.0.0/16 via 192.0.2.1 src 10.8.0.2|10.50.0.0/16 via 192.0.2.1"
            },
            {
                "mtu",
                "10.50.0.0/16 via 192.0.2.1 mtu 1300|10.50.0.0/16 via 192.0.2.1 mtu lock 1300|10.50.0.0/16 via 192.0.2.1"
            },
            { "onlink", "10.50.0.0/16 via 192.0.2.1 dev p0 onlink|10.50.0.0/16 via 192.0.2.1 dev p0" },
            {
                "legs",
                "10.50.0.0/16 nexthop via 192.0.2.1 nexthop via 198.51.100.1|10.50.0.0/16 nexthop via 192.0.2.1 weight 2 nexthop via 198.51.100.1"
            },
            { "object", "10.50.0.0/16 nhid 10|10.50.0.0/16 nhid 11|10.50.0.0/16 via 192.0.2.1 dev p0" },
            {
                "v6 gateway",
                "2001:db8:50::/48 via 2001:db8:1::1 dev p0 metric 1|2001:db8:50::/48 via 2001:db8:1::2 dev p0 metric 2"
            },
            {
                "v6 legs",
                "2001:db8:50::/48 via 2001:db8:1::1|2001:db8:50::/48 via 2001:db8:2::1|2001:db8:50::/48 dev tun0"
            },
            {
                "v6 metric",
                "2001:db8:50::/48 via 2001:db8:1::1|2001:db8:50::/48 via 2001:db8:1::1 metric 5|2001:db8:50::/48 via 2001:db8:1::1 metric 2000"
            },
            {
                "v6 gateway and none",
                "2001:db8:50::/48 via 2001:db8:1::1 dev p0|2001:db8:50::/48 dev p0|2001:db8:50::/48 dev tun0"
            },
            {
                "v6 type",
                "2001:db8:50::/48 dev lo|blackhole 2001:db8:50::/48 metric 1023|2001:db8:50::/48 via 2001:db8:1::1 dev p0 metric 1023"
            },
            { "v6 table", "2001:db8:50::/48 via 2001:db8:1::1|2001:db8:50::/48 via 2001:db8:1::1 table 100" },
            {
                "v6 source",
                "2001:db8:50::/48 via 2001:db8:1::1|2001:db8:50::/48 from 2001:db8:1::/64 via 2001:db8:1::1"
            },
        };

    public void Dispose() => _world.Dispose();

    [Theory]
    [MemberData(nameof(Twins))]
    public void Of_routes_that_differ_in_one_thing_the_one_that_was_named_goes(string difference, string lines)
    {
        Assert.NotEmpty(difference);
        _world.Net.IpBatch("nexthop add id 10 via 192.0.2.1 dev p0\nnexthop add id 11 via 192.0.2.2 dev p0");
        var twins = lines.Split('|');
        for (var named = 0; named < twins.Length; named++)
        {
            _world.Net.IpBatch(string.Join('\n', twins.Select(line => $"route append {line}")));
            var all = Destinations();
            Assert.True(all.Length >= 2, $"{difference}: {string.Join(" | ", all.AsEnumerable())}");
            var victim = all[named % all.Length];

            Assert.Equal(StepOutcome.Applied, _world.Delete(victim));

            Assert.Equal(Lines(all.Where(route => !ReferenceEquals(route, victim))), Lines(Destinations()));
            Assert.All(
                _world.Apply([.. Destinations().Select(route => new PlanStep.DeleteRoute(route, Reason))]),
                Applied
            );
        }

        Assert.Empty(Destinations());
    }

    [Fact]
    public void A_route_that_is_not_there_costs_no_other_route()
    {
        // A metric of 0 and a missing source mean "any" to the kernel: it removes the twin, and we put it back.
        _world.Net.IpBatch("route add 10.50.0.0/16 via 192.0.2.1 src 10.8.0.2 metric 100");
        var before = _world.Show();

        var outcome = _world.Delete(_world.Route("10.50.0.0/16 via 192.0.2.1 dev p0"));

        Assert.Equal((StepResult.AlreadyDone, "ESRCH"), (outcome.Result, outcome.ErrnoName));
        Assert.Equal(before, _world.Show());
    }

    [Fact]
    public void Deletions_in_one_batch_each_take_their_own_entry()
    {
        _world.Net.IpBatch(
            string.Join(
                '\n',
                Enumerable.Range(0, 200).Select(at => $"route append 10.50.{at}.0/24 via 192.0.2.1 src 192.0.2.10")
            )
        );
        _world.Net.IpBatch(
            string.Join('\n', Enumerable.Range(0, 200).Select(at => $"route append 10.50.{at}.0/24 via 192.0.2.1"))
        );
        var plain = _world.Read().Routes.Where(route => route.Ordinal == 1).ToArray();
        Assert.Equal(200, plain.Length);

        var outcomes = _world.Apply([.. plain.Select(route => new PlanStep.DeleteRoute(route, Reason))]);

        Assert.All(outcomes, Applied);
        var left = _world
            .Read()
            .Routes.Where(route => route.Destination.Length == 24 && route.NextHop is NextHop.Via)
            .ToArray();
        Assert.Equal(200, left.Length);
        Assert.All(left, route => Assert.NotNull(route.Attributes.PreferredSource));
    }

    [Fact]
    public void Of_rules_at_one_priority_the_one_that_was_named_goes()
    {
        _world.Net.IpBatch(
            "rule add pref 5000 table 100\nrule add pref 5000 from 10.1.0.0/16 table 100\nrule add pref 5000 from 10.1.0.0/16 fwmark 1 table 100"
        );
        var all = Rules();
        foreach (var victim in all)
        {
            // It comes back behind its twins, so that the kernel finds them first when it is to go again.
            Assert.All(_world.Apply(new PlanStep.DeleteRule(victim, Reason)), Applied);
            Assert.Equal(all.Where(rule => rule != victim).ToHashSet(), [.. Rules()]);
            Assert.All(_world.Apply(new PlanStep.AddRule(victim, Reason)), Applied);
            Assert.Equal(StepResult.AlreadyDone, _world.Apply(new PlanStep.AddRule(victim, Reason))[0].Result);
            Assert.Equal(all.ToHashSet(), [.. Rules()]);
            Assert.Equal(all.Length, Rules().Length);
        }

        Assert.All(
            all,
            victim =>
            {
                var before = Rules();
                Assert.All(_world.Apply(new PlanStep.DeleteRule(victim, Reason)), Applied);
                Assert.Equal(before.Where(rule => rule != victim).ToHashSet(), [.. Rules()]);
            }
        );
    }

    private static void Applied(StepOutcome outcome) => Assert.Equal(StepOutcome.Applied, outcome);

    private Route[] Destinations() =>
        [
            .. _world
                .Read()
                .Routes.Where(route =>
                    route.Destination == Prefix.Parse("10.50.0.0/16")
                    || route.Destination == Prefix.Parse("2001:db8:50::/48")
                ),
        ];

    private PolicyRule[] Rules() => [.. _world.Read().Rules.Where(rule => rule.Priority == 5000)];

    private string[] Lines(IEnumerable<Route> routes)
    {
        var names = _world.Read().Names;
        return [.. routes.Select(route => RouteText.Print(route, names)).Order(StringComparer.Ordinal)];
    }
}
