using System.Diagnostics;
using RouteGuard.Commands;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Demo;

namespace RouteGuard.Tests.Demo;

/// <summary>The demo on its simulated kernel: what it shows, and that it can fail.</summary>
public sealed class DemoTests : IDisposable
{
    private const string Baseline = """
             default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
             198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50
             ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        """;

    private const string WithVpn = """
           - default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
           + default dev tun0
           + default via 192.0.2.1 dev phys0 metric 4000
             198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50
           + 203.0.113.2 via 192.0.2.1 dev phys0
             ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        """;

    private const string Killed = """
           - default dev tun0
             default via 192.0.2.1 dev phys0 metric 4000
             198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50
             203.0.113.2 via 192.0.2.1 dev phys0
             ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        """;

    private const string Restored = """
           - default via 192.0.2.1 dev phys0 metric 4000
           - 203.0.113.2 via 192.0.2.1 dev phys0
           + default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
             198.51.100.0/24 via 192.0.2.2 dev phys0 proto static metric 50
             ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-demo-test-");
    private readonly StringWriter _out = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_tells_the_story_act_by_act_and_ends_with_the_same_table()
    {
        var line = new CommandLine(ThisMachine.Surroundings(_out, TextWriter.Null));
        var started = Stopwatch.StartNew();
        Assert.Equal(ExitCode.Done, await line.RunAsync(["demo", "--simulated"]));
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(10), $"it took {started.Elapsed}");

        var told = _out.ToString();
        Assert.Equal([Baseline, WithVpn, Killed, Restored, Baseline], TablesOf(told));
        var at = 0;
        string[] story =
        [
            "The kernel is simulated",
            "Act 1 of 5. Before the VPN",
            "Act 2 of 5. The VPN comes up",
            "1. a host route",
            "add 203.0.113.2 via 192.0.2.1 dev phys0",
            "2. the default route is taken away",
            "delete default via 192.0.2.1 dev phys0 proto dhcp",
            "3. it comes back behind everything",
            "4. the tunnel becomes the default",
            "add default dev tun0",
            "Act 3 of 5. The VPN is killed",
            "Act 4 of 5. routeguard restore",
            "because it belongs to the baseline",
            "Act 5 of 5. Once more",
            "after the sign of death: ",
            "The three tables are the same",
            "What to do next:",
            "sudo routeguard run -- openvpn",
        ];
        foreach (var sentence in story)
        {
            at = told.IndexOf(sentence, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{sentence}' is not told, or not in its place:\n{told}");
        }

        Assert.All(told.Split('\n'), row => Assert.True(row.Length <= 80, row));
        Assert.DoesNotContain('\e', told);
    }

    [Fact]
    public void A_kernel_that_puts_nothing_back_is_told_and_ends_with_one()
    {
        using var stage = new LameStage();
        var story = new DemoStory(stage, _folder.FullName, _out, TimeProvider.System)
        {
            RestoreMax = TimeSpan.FromMilliseconds(200),
        };
        Assert.Equal(ExitCode.Failed, story.Play());
        Assert.Contains("The tables differ", _out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("What to do next", _out.ToString(), StringComparison.Ordinal);
    }

    // The simulated kernel against the habits that the guard counts on.
    [Fact]
    public void The_simulated_kernel_refuses_and_forgives_as_the_real_one()
    {
        using var stage = new SimulatedStage();
        var kernel = stage.Kernel;
        StepOutcome Do(Func<Route, PlanStep> step, string line) =>
            kernel.Apply(kernel.Prepare([step(RouteText.Parse(line, kernel.Read().Names))]))[0];
        PlanStep Add(Route route) => new PlanStep.AddRoute(route, IsBeside: false, "test");
        PlanStep Delete(Route route) => new PlanStep.DeleteRoute(route, "test");
        const string Line = "10.0.0.0/8 via 192.0.2.1 dev phys0 metric 7";

        Assert.Equal("Applied", Do(Add, Line).ToString());
        Assert.Equal("AlreadyDone: EEXIST (17)", Do(Add, "10.0.0.0/8 via 192.0.2.9 dev phys0 metric 7").ToString());
        Assert.Equal("AlreadyDone: ESRCH (3)", Do(Delete, "10.0.0.0/8 via 192.0.2.9 dev phys0 metric 7").ToString());
        Assert.Equal("Applied", Do(Delete, Line).ToString());
        Assert.Equal("AlreadyDone: ESRCH (3)", Do(Delete, Line).ToString());
        Assert.Equal("Refused: ENETDOWN (100)", Do(Add, "10.0.0.0/8 dev if77").ToString());
        Assert.Equal(kernel.Read().FindLink("phys0")!.Index, kernel.WayTo(IpAddress.Parse("203.0.113.9")));
    }

    [Fact]
    public void The_simulated_machine_tells_of_a_death_once_and_of_none_that_nobody_watches()
    {
        using var stage = new SimulatedStage();
        var machine = stage.Open();
        List<KernelEvent> told = [];
        using var watched = stage.StartVpn();
        using var other = stage.StartVpn();
        Assert.True(machine.Events.TryWatch(machine.Machine.TryIdentify(watched.Pid)!.Value));
        watched.Connect();
        watched.Kill();
        other.Kill();
        machine.Events.Wait(TimeSpan.Zero, told);
        Assert.Single(told.OfType<KernelEvent.ProcessExited>());
        Assert.Contains(told, one => one is KernelEvent.LinkChanged { IsGone: true, Name: "tun0" });
        Assert.Null(machine.Machine.TryIdentify(watched.Pid));
        told.Clear();
        machine.Events.Wait(TimeSpan.Zero, told);
        Assert.Empty(told);
    }

    private static IReadOnlyList<string> TablesOf(string told)
    {
        List<string> tables = [];
        List<string> rows = [];
        foreach (var row in told.Split('\n').Append(string.Empty))
        {
            if (row.Length > 5 && row[..3] == "   " && row[3] is ' ' or '+' or '-' && row[4] == ' ' && row[5] != ' ')
            {
                rows.Add(row);
            }
            else if (rows.Count > 0)
            {
                tables.Add(string.Join('\n', rows));
                rows.Clear();
            }
        }

        return tables;
    }

    /// <summary>A stage whose kernel says yes to every step of the guard, and does nothing.</summary>
    private sealed class LameStage : IDemoStage
    {
        private readonly SimulatedStage _stage = new();

        public string Where => "It is a test.";

        public IKernelRoutes Kernel => _stage.Kernel;

        public DemoPorts Open()
        {
            var ports = _stage.Open();
            return ports with { Kernel = new Lame(ports.Kernel) };
        }

        public IDemoVpn StartVpn() => _stage.StartVpn();

        public void Dispose() => _stage.Dispose();

        private sealed class Lame(IKernelRoutes kernel) : IKernelRoutes
        {
            public bool HasSiblings => kernel.HasSiblings;

            public RouteTable Read() => kernel.Read();

            public InterfaceIndex? WayTo(IpAddress destination) => kernel.WayTo(destination);

            public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => kernel.Prepare(steps);

            public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps) =>
                [.. steps.Steps.Select(_ => StepOutcome.Applied)];

            public void Dispose() { }
        }
    }
}
