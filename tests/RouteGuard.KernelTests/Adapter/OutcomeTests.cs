using System.Runtime.Versioning;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.KernelTests.Namespaces;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>What the adapter says became of a step.</summary>
[SupportedOSPlatform("linux")]
public sealed class OutcomeTests : IDisposable
{
    private const string Reason = "is tested";

    private readonly AdapterWorld _world = new();

    /// <summary>A route that cannot be, and what the kernel says to it.</summary>
    public static TheoryData<string, string, string?> Refusals =>
        new()
        {
            { "10.70.0.0/16 via 203.0.113.77 dev p0", "ENETUNREACH", "Nexthop has invalid gateway" },
            { "10.70.0.0/16 via 192.0.2.1 dev p0 src 192.0.2.99", "EINVAL", "Invalid prefsrc address" },
            { "10.70.0.0/16 dev if4242", "ENODEV", null },
            { "10.70.0.0/16 nhid 4242", "EINVAL", "Nexthop id does not exist" },
            { "2001:db8:70::/48 via 2001:db8:1::10 dev p0", "EINVAL", "Gateway can not be a local address" },
            { "2001:db8:70::/48 dev if4242", "ENODEV", null },
        };

    public void Dispose() => _world.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refused_step_carries_the_errno_and_the_kernels_sentence(string words, string errno, string? sentence)
    {
        var before = _world.Show();

        var outcome = _world.Add(_world.Route(words));

        Assert.Equal((StepResult.Refused, errno, sentence), (outcome.Result, outcome.ErrnoName, outcome.KernelMessage));
        Assert.Equal(before, _world.Show());
    }

    [Fact]
    public void A_batch_of_a_thousand_reports_exactly_its_three_bad_routes()
    {
        int[] bad = [7, 127, 999];
        var good = _world.Route("10.0.0.0/24 via 192.0.2.1 dev p0");
        var gateway = new NextHop.Via(IpAddress.Parse("203.0.113.77"), good.NextHop.Device);
        PlanStep[] steps =
        [
            .. Enumerable
                .Range(0, 1000)
                .Select(at => new PlanStep.AddRoute(
                    good with
                    {
                        Destination = Network(at),
                        NextHop = bad.Contains(at) ? gateway : good.NextHop,
                    },
                    false,
                    Reason
                )),
        ];

        var outcomes = _world.Apply(steps);

        Assert.Equal(bad, Enumerable.Range(0, 1000).Where(at => outcomes[at].Result != StepResult.Applied));
        Assert.All(
            bad,
            at => Assert.Equal("Refused: ENETUNREACH (101) Nexthop has invalid gateway", outcomes[at].ToString())
        );
        Assert.Equal(997, _world.Read().Routes.Count(route => route.NextHop is NextHop.Via));
    }

    [Fact]
    public void A_thousand_refusals_are_all_heard()
    {
        var route = _world.Route("10.0.0.0/24 via 203.0.113.77 dev p0");

        var outcomes = _world.Apply([
            .. Enumerable
                .Range(0, 1000)
                .Select(at => new PlanStep.AddRoute(route with { Destination = Network(at) }, false, Reason)),
        ]);

        Assert.Equal(1000, outcomes.Count(outcome => outcome.ErrnoName == "ENETUNREACH"));
    }

    [Fact]
    public void Steps_that_are_applied_twice_change_nothing_the_second_time()
    {
        _world.Net.IpBatch("route add 10.71.0.0/16 via 192.0.2.1\nnexthop add id 9 dev p0\nrule add pref 9 table 9");
        var table = _world.Read();
        var nextHop = Assert.Single(table.NextHops);
        _world.Net.IpBatch("nexthop del id 9\nrule del pref 9");
        PlanStep[] steps =
        [
            new PlanStep.AddNextHop(nextHop, Reason),
            new PlanStep.AddRoute(_world.Route("10.72.0.0/16 via 192.0.2.1 dev p0"), false, Reason),
            new PlanStep.AddRoute(_world.Route("10.72.0.0/16 via 192.0.2.2 dev p0"), true, Reason),
            new PlanStep.AddRoute(_world.Route("2001:db8:72::/48 via 2001:db8:1::1 dev p0"), false, Reason),
            new PlanStep.AddRoute(_world.Route("2001:db8:72::/48 via 2001:db8:2::1 dev p1"), true, Reason),
            new PlanStep.ReplaceRoute(
                table.Find(_world.Route("10.71.0.0/16 via 192.0.2.1 dev p0"))!,
                _world.Route("10.71.0.0/16 via 192.0.2.2 dev p0"),
                Reason
            ),
            new PlanStep.AddRule(table.Rules.Single(rule => rule.Priority == 9), Reason),
            new PlanStep.DeleteRoute(_world.Route("10.73.0.0/16 via 192.0.2.2 dev p0"), Reason),
        ];
        _world.Net.Do(() =>
        {
            var prepared = _world.Kernel.Prepare(steps);
            var first = _world.Kernel.Apply(prepared);
            var once = _world.Show();
            var second = _world.Kernel.Apply(prepared);

            Assert.All(first.SkipLast(1), outcome => Assert.Equal(StepOutcome.Applied, outcome));
            Assert.Equal(once, _world.Show());
            Assert.DoesNotContain(second, outcome => outcome.Result == StepResult.Refused);
            Assert.Equal(
                ["EEXIST", "EEXIST", "EEXIST", "EEXIST", "EEXIST", "", "EEXIST", "ESRCH"],
                second.Select(outcome => outcome.ErrnoName)
            );
        });
    }

    [Fact]
    public void No_steps_are_no_system_call()
    {
        Assert.Empty(_world.Apply());
    }

    [Fact]
    public void Without_the_capability_the_sentence_says_what_to_do()
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            using var kernel = new LinuxKernelRoutes();
            var route = kernel.Read().Routes[0] with
            {
                Destination = Prefix.Parse("10.0.0.0/8"),
                Table = Route.TableMain,
            };
            ThreadCapabilities.DropAll();

            var refused = Assert.Throws<KernelRoutesException>(() =>
                kernel.Apply(
                    kernel.Prepare([
                        new PlanStep.AddRoute(route, false, Reason),
                        new PlanStep.DeleteRoute(route, Reason),
                    ])
                )
            );

            Assert.Equal(
                "Cannot change routes: the kernel says EPERM (1). Run routeguard as root or with CAP_NET_ADMIN.",
                refused.Message
            );
            Assert.NotEmpty(kernel.Read().Routes);
        });
    }

    private static Prefix Network(int at) => Prefix.Parse($"10.{at / 250}.{at % 250}.0/24");
}
