using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard status</c> and <c>routeguard routes</c>.</summary>
internal static class StatusCommands
{
    public static Command MakeStatus(CommandLine line)
    {
        var command = new Command("status", "One screen: verdict, sessions, drift, the last restore.");
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var status = await client.GetAsync("/v1/status", ApiJson.Default.StatusView, stop);
                line.Print(parsed, status, ApiJson.Default.StatusView, StatusText.Print);
                return status.Verdict == "contested" ? ExitCode.Contested : ExitCode.Done;
            }
        );
        return command;
    }

    public static Command MakeRoutes(CommandLine line)
    {
        var command = new Command("routes", "All routes and policy rules, in the words of ip.");
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var table = await ReadAsync(line, line.DirectoriesOf(parsed), stop);
                line.Print(parsed, table, ApiJson.Default.TableView, StatusText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }

    // Reading needs neither daemon nor rights, so a missing daemon is no reason to fail.
    private static async Task<TableView> ReadAsync(CommandLine line, Directories directories, CancellationToken stop)
    {
        using var client = new ApiClient(directories);
        try
        {
            return await client.GetAsync("/v1/routes", ApiJson.Default.TableView, stop);
        }
        catch (CommandException missing) when (missing.Code == ExitCode.NoDaemon)
        {
            using var kernel = line.Surroundings.OpenKernel();
            return View.Of(kernel.Read(), line.Surroundings.Time.GetUtcNow());
        }
    }
}

/// <summary><c>routeguard version</c></summary>
internal static class VersionCommand
{
    public static Command Make(CommandLine line)
    {
        var command = new Command("version", "Prints the version.");
        line.Handle(
            command,
            (_, _) =>
            {
                line.Out.WriteLine(View.Version);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }
}
