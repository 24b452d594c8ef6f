using RouteGuard.Commands;
using RouteGuard.Core.Reconciling;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>Commands without a daemon, over a guard and a kernel in memory.</summary>
internal sealed class CommandWorld
{
    public GuardWorld Guarded { get; } = new();

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    /// <summary>What a command finds around it, changed.</summary>
    public Func<Surroundings, Surroundings> Around { get; set; } = usual => usual;

    /// <summary>A session, its tunnel, and the tunnel's routes.</summary>
    public void TunnelIsUp()
    {
        Guarded.Begin();
        Guarded.FourSteps();
        Guarded.Guard.Up(Guarded.Guard.Sessions[0].Id, new(null));
    }

    public Task<int> RunAsync(params string[] words)
    {
        Out.GetStringBuilder().Clear();
        Error.GetStringBuilder().Clear();
        var usual = new Surroundings(
            Out,
            Error,
            _ => new(NewGuard(), Guarded.Machine, []),
            () => Guarded.Kernel,
            (_, recordsMax) => Guarded.Machine.ReadTail(recordsMax),
            Guarded.Machine.BootId,
            Guarded.Time
        )
        {
            ReadState = _ => new([.. Guarded.Machine.Stored.Values], [], []),
            OpenEvents = () => Guarded.Machine,
            OpenJournal = _ => new(Guarded.Machine, []),
            ReadFacts = () => new(true, "a kernel", new HashSet<string>(), [], false, _ => null),
        };
        return new CommandLine(Around(usual)).RunAsync([.. words, "--runtime-dir", "/nowhere"]);
    }

    // Each command is a process of its own.
    private Guard NewGuard()
    {
        Guarded.NewProcess();
        return Guarded.Guard;
    }
}
