using RouteGuard.Commands;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Contract;

/// <summary>The command line in one of the situations that a script may meet.</summary>
internal sealed class CommandWorld : IAsyncDisposable
{
    private const string LowerHalf = "0.0.0.0/1 via 10.8.0.1 dev tun0";

    private static readonly TimeSpan TurnTime = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan ComesMax = TimeSpan.FromSeconds(20);

    private readonly DaemonWorld _daemon = new();
    private bool _hasDaemon;

    public CommandWorld()
    {
        // The daemon's clock is virtual, and passes while it waits.
        var inner = Guarded.Machine.OnWait;
        Guarded.Machine.OnWait = wait =>
        {
            inner(wait);
            Guarded.Time.Advance(wait < TurnTime ? wait : TurnTime);
        };
    }

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public Directories Directories => _daemon.Directories;

    /// <summary>The id of the session, where there is one.</summary>
    public string Id { get; private set; } = "nobody";

    private GuardWorld Guarded => _daemon.Guarded;

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    /// <summary>Brings a situation about. The words are those of the table.</summary>
    public Task ArrangeAsync(string situation) =>
        situation switch
        {
            "no daemon" => Task.CompletedTask,
            "daemon" => StartAsync(),
            "session" => BeginAsync(DriftPolicy.Reassert, Guarded.FourSteps),
            "drift" => DriftAsync(),
            "contested" => ContestAsync(),
            "degraded" => DegradeAsync(),
            "stranger" => EstrangeAsync(),
            "dead vpn" => LeaveBehind(_ => { }),
            "dead vpn, uplink down" => LeaveBehind(kernel =>
                kernel.ChangeLink("phys0", link => link with { IsUp = false })
            ),
            "dead vpn, lame kernel" => LeaveBehind(kernel => kernel.Refuse = _ => StepOutcome.Applied),
            _ => throw new ArgumentOutOfRangeException(nameof(situation), situation, "is no situation"),
        };

    /// <summary>Runs one command, with its own eyes on the kernel and the disk.</summary>
    public async Task<int> RunAsync(params string[] words)
    {
        Out.GetStringBuilder().Clear();
        Error.GetStringBuilder().Clear();
        var kernel = Guarded.Kernel;
        StoredSession[] stored = [.. Guarded.Machine.Stored.Values];
        JournalRecord[] records = [.. Guarded.Machine.Records];
        if (_hasDaemon)
        {
            kernel = new();
            await _daemon.HappensAsync(() =>
            {
                kernel.Become(Guarded.Kernel.Table);
                stored = [.. Guarded.Machine.Stored.Values];
                records = [.. Guarded.Machine.Records];
            });
        }

        var surroundings = new Surroundings(
            Out,
            Error,
            _ => new(Guarded.Guard, Guarded.Machine, []),
            () => kernel,
            (_, recordsMax) => new([.. records.TakeLast(recordsMax)], []),
            Guarded.Machine.BootId,
            TimeProvider.System
        )
        {
            ReadState = _ => new([.. stored], [], []),
            OpenEvents = () => Changing(kernel),
            OpenJournal = _ => new(Guarded.Machine, []),
            ReadFacts = () => new(true, "a kernel", new HashSet<string>(), [], false, _ => null),
        };
        return await new CommandLine(surroundings).RunAsync([
            .. words.Select(word => word == "{id}" ? Id : word),
            "--state-dir",
            _daemon.Directories.State,
            "--runtime-dir",
            _daemon.Directories.Runtime,
        ]);
    }

    // Whoever watches sees one route come.
    private static FakeMachine Changing(MemoryKernel kernel)
    {
        var events = new FakeMachine();
        events.OnWait = _ =>
        {
            kernel.Add("198.51.100.0/24 via 192.0.2.9 dev phys0");
            events.Tell(KernelEvent.TableChanged.Instance);
            events.Tell(new KernelEvent.RouteWritten(Prefix.Parse("198.51.100.0/24"), "rivald (66)"));
        };
        return events;
    }

    private async Task StartAsync()
    {
        await _daemon.StartAsync();
        _hasDaemon = true;
    }

    private async Task BeginAsync(DriftPolicy onDrift, Action vpn)
    {
        await StartAsync();
        string[] words = ["session", "begin", "--label", "home", "--pid", $"{GuardWorld.Vpn.Pid}", "--tunnel", "tun0"];
        string[] policy = ["--on-drift", Core.Api.View.Word(onDrift), "--lease", "3600"];
        Assert.Equal(ExitCode.Done, await RunAsync([.. words, .. policy]));
        Id = Out.ToString().Trim();
        await _daemon.HappensAsync(vpn);
        Assert.Equal(ExitCode.Done, await RunAsync("session", "up", Id, "--tunnel", "tun0"));
    }

    private async Task DriftAsync()
    {
        await BeginAsync(DriftPolicy.Report, Guarded.Halves);
        await UntilAsync("drift", () => Guarded.Somebody(kernel => TryDelete(kernel, LowerHalf)));
    }

    private async Task ContestAsync()
    {
        await BeginAsync(DriftPolicy.Reassert, Guarded.Halves);
        await UntilAsync("contested", () => Guarded.Somebody(kernel => TryDelete(kernel, LowerHalf)));
    }

    private async Task DegradeAsync()
    {
        await BeginAsync(DriftPolicy.Reassert, Guarded.FourSteps);
        await _daemon.HappensAsync(() =>
        {
            Guarded.Kernel.ChangeLink("phys0", link => link with { IsUp = false });
            Guarded.TunnelVanishes();
        });
        await UntilAsync("degraded", () => { });
    }

    private async Task EstrangeAsync()
    {
        await BeginAsync(DriftPolicy.Reassert, Guarded.FourSteps);
        _daemon.Caller = new(1, uint.MaxValue - 1, false);
    }

    private Task LeaveBehind(Action<MemoryKernel> trouble)
    {
        Guarded.Begin();
        Guarded.FourSteps();
        Guarded.Guard.Up(Guarded.Guard.Sessions[0].Id, new(null));
        Id = Guarded.Guard.Sessions[0].Id.Value;
        Guarded.Kernel.RemoveLink("tun0");
        trouble(Guarded.Kernel);
        Guarded.NewProcess();
        return Task.CompletedTask;
    }

    private async Task UntilAsync(string verdict, Action again)
    {
        using var late = new CancellationTokenSource(ComesMax);
        while ((await _daemon.Client.AskAsync(daemon => daemon.StatusAsync(late.Token))).Verdict != verdict)
        {
            await _daemon.HappensAsync(again);
        }
    }

    private static void TryDelete(MemoryKernel kernel, string line)
    {
        if (Tables.Lines(kernel.Table).Contains(line, StringComparison.Ordinal))
        {
            kernel.Delete(line);
        }
    }
}
