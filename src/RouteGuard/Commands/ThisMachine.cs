using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Commands;

/// <summary>The real kernel, the real disk and the real clock.</summary>
internal static class ThisMachine
{
    /// <summary>A command waits this long for another one that holds the state directory.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    public static Surroundings Surroundings(TextWriter output, TextWriter error) =>
        new(
            output,
            error,
            OpenEngine,
            OpenKernel,
            OperatingSystem.IsLinux() ? new LinuxMachine().BootId : string.Empty,
            TimeProvider.System
        );

    private static (IGuardEngine Engine, IKernelEvents Events) OpenEngine(Directories directories)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw Unsupported();
        }

        var state = StateDirectory.Open(directories.State, LockWait);
        var platform = LinuxPlatform.Open();
        var journal = new JournalFile(state);
        var ports = new GuardPorts(
            platform.Kernel,
            platform.Events,
            platform.Machine,
            new StateStore(state),
            journal,
            platform.Dns,
            NoLiveTruth.Instance
        );
        return (
            new Guard(ports, new GuardOptions(), TimeProvider.System, Random.Shared, [journal, state]),
            platform.Events
        );
    }

    private static IKernelRoutes OpenKernel() =>
        OperatingSystem.IsLinux() ? new LinuxKernelRoutes() : throw Unsupported();

    private static CommandException Unsupported() =>
        new(ExitCode.Failed, "Cannot guard this system yet: this version knows Linux. See the README.");
}
