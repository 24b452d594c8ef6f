using System.Text.Json;
using RouteGuard.Commands;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Doctor;
using RouteGuard.Rendering;
using RouteGuard.Tests.Darwin;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Doctor;

/// <summary>doctor --fix: each kind of leftover goes, it is written down before, and nothing else goes.</summary>
public sealed class FixTests
{
    private const string Home = "default via 192.0.2.1 dev phys0 proto dhcp\n192.0.2.0/24 dev phys0 proto kernel";

    private static readonly NetworkLink Dead = Tables.Tun0Link with { HasCarrier = false };

    private static readonly NetworkLink Down = Tables.Tun0Link with { IsUp = false };

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public static TheoryData<string, string> Kinds =>
        new()
        {
            { "a gateway that is no longer on the link", "203.0.113.2 via 198.51.100.1 dev phys0" },
            { "IPv6 has them too", "2001:db8:9::/48 via 2001:db8:7::1 dev phys0" },
            { "a tunnel that nobody serves", "0.0.0.0/1 dev tun0" },
            { "an interface that is gone", "10.0.0.0/8 dev if77" },
            { "a hold that no session wants", "unreachable 0.0.0.0/0 metric 1" },
            { "a table of wg-quick that no rule leads to", "default via 192.0.2.1 dev phys0 table 51820" },
            { "a table of strongSwan that no rule leads to", "10.9.0.0/16 via 192.0.2.1 dev phys0 table 220" },
            { "a table of Tailscale that no rule leads to", "10.9.0.0/16 via 192.0.2.1 dev phys0 table 52" },
            { "a rule to an empty table", "rule pref 32765 not fwmark 0xca6c lookup 51820" },
            { "its companion", "rule pref 32764 lookup main suppress_prefixlength 0" },
            { "a rule of IPv6", "rule -6 pref 220 lookup 220" },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_of_leftover_is_removed_and_nothing_else(string kind, string left)
    {
        var world = new GuardWorld();
        world.Kernel.Become(Tables.Parse($"{Home}\n{left}", Tables.Phys0Link, Dead));

        Assert.Equal(ExitCode.Done, await RunAsync(world, "doctor", "--json"));
        var found = Assert.Single(View.Residue);
        Assert.Null(View.Fixed);
        Assert.Empty(world.Kernel.Sent);

        List<int> recordsWhenSent = [];
        world.Kernel.Refuse = _ =>
        {
            recordsWhenSent.Add(world.Machine.Records.Count);
            return null;
        };
        Assert.True(await RunAsync(world, "doctor", "--fix", "all", "--json") == ExitCode.Done, $"{kind}: {_error}");

        Assert.Equal([1], recordsWhenSent);
        Assert.Equal([new(found.What, "Applied")], View.Fixed!);
        Assert.Equal(Tables.Lines(Tables.Parse(Home, Tables.Phys0Link, Dead)), world.Now);
        var intent = world.Machine.Records[0];
        Assert.Equal(JournalKind.Intent, intent.Kind);
        Assert.Equal([$"delete {found.What}"], intent.Lines);
        Assert.Equal(intent.Number, world.Machine.Records[1].Concludes);
    }

    [Fact]
    public async Task A_route_to_a_tunnel_that_is_down_is_removed()
    {
        var world = new GuardWorld();
        world.Kernel.Become(Tables.Parse($"{Home}\n0.0.0.0/1 dev tun0", Tables.Phys0Link, Down));
        Assert.Equal(ExitCode.Done, await RunAsync(world, "doctor", "--fix", "1"));
        Assert.DoesNotContain("tun0", world.Now, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_that_the_kernel_refuses_ends_with_one_and_says_why()
    {
        var world = new GuardWorld();
        world.Kernel.Become(Tables.Parse($"{Home}\n10.0.0.0/8 dev if77", Tables.Phys0Link));
        world.Kernel.Refuse = _ => new(StepResult.Refused, 1, "EPERM");
        Assert.Equal(ExitCode.Failed, await RunAsync(world, "doctor", "--fix", "all", "--json"));
        Assert.Equal("Refused: EPERM (1)", Assert.Single(View.Fixed!).Outcome);
    }

    // The four steps, the halves, both with a tunnel that is dying, and by rules as wg-quick does.
    [Theory]
    [InlineData("four steps")]
    [InlineData("halves")]
    [InlineData("rules")]
    public void What_a_live_session_made_is_never_a_finding(string shape)
    {
        var world = new GuardWorld();
        world.Begin();
        switch (shape)
        {
            case "four steps":
                world.FourSteps();
                break;
            case "halves":
                world.Halves();
                break;
            default:
                world.TunnelComes();
                world.Kernel.Add("default dev tun0 table 51820");
                world.Kernel.Add("rule pref 32764 lookup main suppress_prefixlength 0");
                world.Kernel.Add("rule pref 32765 not fwmark 0xca6c lookup 51820");
                break;
        }

        world.Guard.Up(world.Guard.Sessions[0].Id, new("tun0"));
        StoredSession[] open = [.. world.Machine.Stored.Values];
        Func<NetworkLink, NetworkLink>[] fates =
        [
            link => link,
            link => link with { HasCarrier = false },
            link => link with { HasCarrier = true, Addresses = new([]) },
        ];
        foreach (var fate in fates)
        {
            world.Kernel.ChangeLink("tun0", fate);
            Assert.Empty(Residue.Find(world.Kernel.Table, open, [], speaksBsd: false));
        }

        world.Kernel.ChangeLink("tun0", link => link with { HasCarrier = false });
        Assert.NotEmpty(Residue.Find(world.Kernel.Table, [], [], speaksBsd: false));
    }

    [Fact]
    public async Task On_a_Mac_what_a_dead_program_told_configd_is_found_and_taken_out()
    {
        var world = new MacWorld();
        world.Configd.Publish(
            new("it's a VPN", "utun9", "10.8.0.2", 24, "10.8.0.1") { IsConfigured = false, OverridesPrimary = true }
        );
        const string Key = "State:/Network/Service/it's a VPN/IPv4";
        Assert.Equal("it's a VPN", world.Platform.Truth.Read().PrimaryV4);
        var machine = new FakeMachine();

        Assert.Equal(ExitCode.Done, await RunOnMacAsync(world, machine, "doctor", "--json"));
        var found = Assert.Single(View.Residue, one => one.What == Key);
        Assert.Equal("it names utun9, which is gone, and no service of this Mac is set up so", found.Why);
        var word = Key.Replace("'", @"'\''", StringComparison.Ordinal);
        Assert.Equal($"printf '%s\\n' 'remove {word}' | scutil", found.Repair);

        var code = await RunOnMacAsync(world, machine, "doctor", "--fix", $"{found.Number}", "--json");
        Assert.Equal(ExitCode.Done, code);

        Assert.Equal([new(Key, "Applied")], View.Fixed!);
        Assert.Equal("WIFI", world.Platform.Truth.Read().PrimaryV4);
        Assert.Equal([JournalKind.Intent, JournalKind.Outcome], machine.Records.Select(record => record.Kind));
        await RunOnMacAsync(world, machine, "doctor", "--json");
        Assert.DoesNotContain(View.Residue, one => one.What == Key);
    }

    [Fact]
    public async Task When_configd_refuses_it_is_said()
    {
        var world = new MacWorld();
        world.Configd.Publish(new("VPN", "utun9", "10.8.0.2", 24, "10.8.0.1") { IsConfigured = false });
        var truth = new Deaf(world.Platform.Truth);
        Assert.Equal(ExitCode.Failed, await RunOnMacAsync(world, new(), truth, "doctor", "--fix", "all", "--json"));
        Assert.Contains(View.Fixed!, one => one.Outcome == "Refused: it says kSCStatusAccessError (1003)");
    }

    [Fact]
    public void What_a_live_program_told_configd_is_no_leftover()
    {
        var world = new MacWorld();
        world.TunnelComes(3);
        world.Configd.Publish(new("VPN", "utun3", "10.8.0.2", 24, "10.8.0.1") { IsConfigured = false });
        world.Configd.Publish(new("USB", "en7", "10.9.0.2", 24, "10.9.0.1"));
        Assert.Empty(Orphans(world, []));
        world.Kernel.CloseTunnel(3);
        Assert.Equal(["State:/Network/Service/VPN/IPv4"], Orphans(world, []));
    }

    [Fact]
    public void What_the_guard_itself_is_about_to_take_out_is_no_leftover()
    {
        var world = new MacWorld();
        world.Guard.Start();
        world.Begin();
        world.FourCommands();
        world.Configd.Publish(new("VPN", "utun3", "10.8.0.2", 24, "10.8.0.1") { IsConfigured = false });
        var session = world.Guard.Up(world.Guard.Sessions[0].Id, new("utun3"));
        world.Kernel.CloseTunnel(3);
        var baseline = new Baseline
        {
            TakenAt = default,
            BootId = "",
            Table = RouteTable.Empty,
        };
        Assert.Empty(Orphans(world, [new(session, baseline)]));
    }

    private static IEnumerable<string> Orphans(MacWorld world, IReadOnlyList<StoredSession> open) =>
        Residue
            .Find(world.Platform.Kernel.Read(), open, [], speaksBsd: true, world.Platform.Truth.Read())
            .Where(left => left.Step is PlanStep.RemoveOrphan)
            .Select(left => left.What);

    private DoctorView View => JsonSerializer.Deserialize(_out.ToString(), CliJson.Default.DoctorView)!;

    private Task<int> RunOnMacAsync(MacWorld world, FakeMachine machine, params string[] words) =>
        RunOnMacAsync(world, machine, world.Platform.Truth, words);

    private Task<int> RunOnMacAsync(MacWorld world, FakeMachine machine, ILiveTruth truth, params string[] words) =>
        RunAsync(() => new Undisposed(world.Platform.Kernel), machine, truth, words);

    private Task<int> RunAsync(GuardWorld world, params string[] words) =>
        RunAsync(() => world.Kernel, world.Machine, NoLiveTruth.Instance, words);

    private Task<int> RunAsync(Func<IKernelRoutes> kernel, FakeMachine machine, ILiveTruth truth, string[] words)
    {
        _out.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        var surroundings = new Surroundings(
            _out,
            _error,
            _ => throw new InvalidOperationException("the doctor needs no engine"),
            kernel,
            (_, recordsMax) => machine.ReadTail(recordsMax),
            machine.BootId,
            TimeProvider.System
        )
        {
            ReadState = _ => new([.. machine.Stored.Values], [], []),
            OpenJournal = _ => new(machine, []),
            OpenTruth = () => truth,
            ReadFacts = () => new(true, "a kernel", new HashSet<string>(), [], truth is not NoLiveTruth, _ => null),
        };
        string[] nowhere = ["--runtime-dir", "/nowhere", "--state-dir", "/nowhere"];
        return new CommandLine(surroundings).RunAsync([.. words, .. nowhere]);
    }

    // The simulated Mac lives on after a command.
    private sealed class Undisposed(IKernelRoutes kernel) : IKernelRoutes
    {
        public bool HasSiblings => kernel.HasSiblings;

        public RouteTable Read() => kernel.Read();

        public InterfaceIndex? WayTo(IpAddress destination) => kernel.WayTo(destination);

        public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => kernel.Prepare(steps);

        public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps) => kernel.Apply(steps);

        public void Dispose() { }
    }

    private sealed class Deaf(ILiveTruth truth) : ILiveTruth
    {
        public LiveTruth Read() => truth.Read();

        public string? RemoveOrphan(string key) => "it says kSCStatusAccessError (1003)";

        public string? Reapply(TruthService service) => null;

        public string? Refresh(string interfaceName) => null;
    }
}
