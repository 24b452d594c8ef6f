using System.CommandLine;
using RouteGuard.Daemon;

namespace RouteGuard.Commands;

/// <summary><c>routeguard daemon</c></summary>
internal static class DaemonCommand
{
    public static Command Make(CommandLine line)
    {
        var command = new Command("daemon", "Runs the guard in the foreground; launchd and systemd start it so.");
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var directories = line.DirectoriesOf(parsed);
                await new DaemonHost(
                    directories,
                    () => line.Surroundings.OpenEngine(directories),
                    line.Surroundings.Time
                ).RunAsync(stop);
                return ExitCode.Done;
            }
        );
        return command;
    }
}
