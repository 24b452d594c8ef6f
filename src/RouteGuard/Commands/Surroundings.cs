using RouteGuard.Core.Ports;
using RouteGuard.Doctor;
using RouteGuard.Platform.Recording;
using RouteGuard.Platform.Storage;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary>What a command needs from outside, so that tests can give it something else.</summary>
/// <param name="Out">Where the answer goes.</param>
/// <param name="Error">Where a refusal goes.</param>
/// <param name="OpenEngine">Opens the engine over the kernel and the state directory, which it locks.</param>
/// <param name="OpenKernel">Opens the kernel's table alone, for reading.</param>
/// <param name="ReadJournal">Reads the last records of the journal, beside a daemon or without.</param>
/// <param name="BootId">Tells one boot from the next.</param>
/// <param name="Time">The clock.</param>
internal sealed record Surroundings(
    TextWriter Out,
    TextWriter Error,
    Func<Directories, OpenedEngine> OpenEngine,
    Func<IKernelRoutes> OpenKernel,
    Func<Directories, int, JournalTail> ReadJournal,
    string BootId,
    TimeProvider Time
)
{
    /// <summary>What the answer is printed on.</summary>
    public Screen Screen { get; init; } = Screen.Plain;

    /// <summary>What a refusal is printed on.</summary>
    public Screen ErrorScreen { get; init; } = Screen.Plain;

    /// <summary>Calls when the person says Ctrl-C, or the system SIGTERM, once; a second time ends the
    /// process.</summary>
    public Func<Action, IDisposable> OnInterrupt { get; init; } = static _ => new CancellationTokenSource();

    /// <summary>The daemon's configuration file; null where none is followed unless it is named.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>Reads the stored sessions, beside a daemon or without one.</summary>
    public Func<Directories, StateReading> ReadState { get; init; } =
        static directories => StateReader.Read(directories.State);

    /// <summary>Listens to the kernel.</summary>
    public Func<IKernelEvents> OpenEvents { get; init; } =
        static () => throw new CommandException(ExitCode.Failed, "Cannot watch: nothing tells of changes here.");

    /// <summary>Opens the system's own word on its routes.</summary>
    public Func<ILiveTruth> OpenTruth { get; init; } = static () => NoLiveTruth.Instance;

    /// <summary>Reads what the doctor asks of the machine.</summary>
    public Func<MachineFacts> ReadFacts { get; init; } = MachineFacts.Read;

    /// <summary>What the machine is called.</summary>
    public string HostName { get; init; } = "this machine";

    /// <summary>Takes down what the kernel says, and then for so long what it tells; null where nobody can.</summary>
    public Func<TimeSpan, CancellationToken, KernelTraffic?> Record { get; init; } = static (_, _) => null;

    /// <summary>Opens the journal for writing, with the lock of the state directory.</summary>
    public Func<Directories, HeldJournal> OpenJournal { get; init; } =
        static directories =>
        {
            var state = StateDirectory.Open(directories.State);
            var journal = new JournalFile(state);
            return new(journal, [journal, state]);
        };
}
