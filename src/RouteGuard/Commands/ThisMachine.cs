using RouteGuard.Configuration;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.AnySystem;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.MacOS;
using RouteGuard.Platform.Recording;
using RouteGuard.Platform.Storage;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary>The real kernel, the real disk and the real clock.</summary>
internal static class ThisMachine
{
    /// <summary>A command waits this long for another one that holds the state directory.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    /// <summary>The dying VPN, another one, or configd may write late (measured by others on Macs).</summary>
    private static readonly TimeSpan[] RechecksOnMacOS =
    [
        TimeSpan.FromMilliseconds(500),
        TimeSpan.FromMilliseconds(2500),
        TimeSpan.FromMilliseconds(12500),
        TimeSpan.FromSeconds(30),
    ];

    public static Surroundings Surroundings(TextWriter output, TextWriter error) =>
        new(
            output,
            error,
            OpenEngine,
            OpenKernel,
            (directories, recordsMax) => StateReader.ReadJournal(directories.State, recordsMax),
            BootId(),
            TimeProvider.System
        )
        {
            Screen = Screen.OfOutput(),
            ErrorScreen = Screen.OfError(),
            OnInterrupt = stop => new Interrupts(stop),
            OpenEvents = OpenEvents,
            HostName = Environment.MachineName,
            Record = Record,
            ConfigurationPath = ConfigurationFile.UsualPath,
            OpenTruth = static () => OperatingSystem.IsMacOS() ? DarwinPlatform.Open().Truth : NoLiveTruth.Instance,
        };

    private static OpenedEngine OpenEngine(Directories directories)
    {
        var state = StateDirectory.Open(directories.State, LockWait);
        var journal = new JournalFile(state);
        var ports = OpenPorts(new StateStore(state), journal, out var options);
        return new(
            new Guard(ports, options, TimeProvider.System, Random.Shared, [journal, state]),
            ports.Events,
            journal.OpenFaults
        )
        {
            JournalBytes = () => journal.LengthBytes,
        };
    }

    private static GuardPorts OpenPorts(StateStore store, JournalFile journal, out GuardOptions options)
    {
        if (OperatingSystem.IsMacOS())
        {
            var mac = DarwinPlatform.Open();
            options = new() { RechecksAfterRestore = RechecksOnMacOS };
            return new(Patient(mac.Kernel), mac.Events, mac.Machine, store, journal, mac.Dns, mac.Truth)
            {
                Probes = new EchoProbes(mac.Events.Wake),
            };
        }

        options = new();
        return OperatingSystem.IsLinux() && LinuxPlatform.Open() is var linux
            ? new(Patient(linux.Kernel), linux.Events, linux.Machine, store, journal, linux.Dns, NoLiveTruth.Instance)
            {
                Probes = new EchoProbes(linux.Events.Wake),
            }
            : throw Unsupported();
    }

    private static PatientKernelRoutes Patient(IKernelRoutes kernel) => new(kernel, PatientKernelRoutes.PauseFirst);

    private static IKernelRoutes OpenKernel() =>
        OperatingSystem.IsLinux() ? new LinuxKernelRoutes()
        : OperatingSystem.IsMacOS() ? DarwinKernelRoutes.Open()
        : throw Unsupported();

    private static IKernelEvents OpenEvents() =>
        OperatingSystem.IsLinux() ? new LinuxKernelEvents()
        : OperatingSystem.IsMacOS() ? DarwinPlatform.Open().Events
        : throw Unsupported();

    private static KernelTraffic? Record(TimeSpan listenFor, CancellationToken stop) =>
        OperatingSystem.IsLinux() ? LinuxRecorder.Record(listenFor, TimeProvider.System, stop) : null;

    private static string BootId() =>
        OperatingSystem.IsLinux() ? new LinuxMachine().BootId
        : OperatingSystem.IsMacOS() ? DarwinMachine.Open().BootId
        : string.Empty;

    private static CommandException Unsupported() =>
        new(ExitCode.Failed, "Cannot guard this system: RouteGuard knows Linux and macOS. See the README.");
}
