using System.CommandLine;
using System.Text.Json;
using RouteGuard.Configuration;
using RouteGuard.Daemon;
using RouteGuard.Platform.Native;

namespace RouteGuard.Commands;

/// <summary><c>routeguard daemon</c></summary>
internal static class DaemonCommand
{
    public static Command Make(CommandLine line)
    {
        var file = new Option<string?>("--config")
        {
            Description = $"The configuration file; without it {ConfigurationFile.UsualPath}, if it is there.",
        };
        var check = new Option<bool>("--check-config")
        {
            Description = "Only read the configuration and print what is in force; exit code 2 when it is wrong.",
        };
        var command = new Command("daemon", "Runs the guard in the foreground; launchd and systemd start it so.")
        {
            file,
            check,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var settings = OpenSettings(line, parsed.GetValue(file));
                if (parsed.GetValue(check))
                {
                    line.Out.WriteLine(
                        JsonSerializer.Serialize(
                            ConfigurationDocument.Of(settings.Now),
                            ConfigurationJson.Default.ConfigurationDocument
                        )
                    );
                    return ExitCode.Done;
                }

                var directories = line.DirectoriesOf(parsed);
                UserIds.UsePrivateUmask();
                await new DaemonHost(
                    directories,
                    () => line.Surroundings.OpenEngine(directories),
                    line.Surroundings.Time
                )
                {
                    Settings = settings,
                }.RunAsync(stop);
                return ExitCode.Done;
            }
        );
        return command;
    }

    /// <summary>Reads the configuration file that was named, or the usual one if it is there.</summary>
    /// <exception cref="CommandException">It is wrong.</exception>
    public static Settings OpenSettings(CommandLine line, string? named)
    {
        var path = named ?? line.Surroundings.ConfigurationPath;
        try
        {
            return Settings.Open(
                path is null ? null : new ConfigurationFile(Path.GetFullPath(path), MustBeThere: named is not null)
            );
        }
        catch (ConfigurationException wrong)
        {
            throw new CommandException(ExitCode.Usage, wrong.Message);
        }
    }
}
