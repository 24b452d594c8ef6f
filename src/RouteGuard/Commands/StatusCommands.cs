using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard status</c></summary>
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
