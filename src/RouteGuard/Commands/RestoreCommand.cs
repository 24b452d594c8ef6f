using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard restore</c>: through the daemon, or without it when there is none.</summary>
internal static class RestoreCommand
{
    public static Command Make(CommandLine line)
    {
        var session = new Option<string?>("--session") { Description = "Only this session's baseline." };
        var isDryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done, and why." };
        var isOffline = new Option<bool>("--offline") { Description = "Do it in this process, without the daemon." };
        var from = new Option<string?>("--from")
        {
            Description = "Put back what a file of routeguard snapshot holds; deletes nothing.",
        };
        var command = new Command("restore", "Puts the baseline back.") { session, isDryRun, isOffline, from };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var directories = line.DirectoriesOf(parsed);
                var id = IdOf(parsed.GetValue(session));
                var report =
                    parsed.GetValue(from) is { } file
                        ? SnapshotCommand.RestoreFrom(line, directories, file, parsed.GetValue(isDryRun))
                    : parsed.GetValue(isOffline) ? Offline(line, directories, id, parsed.GetValue(isDryRun))
                    : await AskAsync(line, directories, id, parsed.GetValue(isDryRun), stop);
                return line.PrintReport(parsed, report);
            }
        );
        return command;
    }

    /// <summary>Asks the daemon; one that is not there is done without.</summary>
    public static async Task<ReportView> AskAsync(
        CommandLine line,
        Directories directories,
        SessionId? id,
        bool isDryRun,
        CancellationToken stop
    )
    {
        using var client = new ApiClient(directories);
        try
        {
            return await client.PostAsync(
                "/v1/restore",
                new(id?.Value, isDryRun),
                ApiJson.Default.RestoreBody,
                ApiJson.Default.ReportView,
                stop
            );
        }
        catch (CommandException missing) when (missing.Code == ExitCode.NoDaemon)
        {
            return Offline(line, directories, id, isDryRun);
        }
    }

    private static ReportView Offline(CommandLine line, Directories directories, SessionId? id, bool isDryRun)
    {
        using var engine = line.OpenOffline(directories);
        var report = engine.Restore(id, isDryRun);
        string[] problems = [.. engine.Status().Problems.Concat(report.Problems).Distinct(StringComparer.Ordinal)];

        // A session that could not be read was not restored, and to say "nothing to do" would be a lie.
        var result =
            report.Result == RestoreResult.NothingToDo && problems.Length > 0 ? RestoreResult.Failed : report.Result;
        return View.Of(report with { Result = result, Problems = problems });
    }

    private static SessionId? IdOf(string? text) =>
        text is null ? null
        : SessionId.TryParse(text, out var id) ? id
        : throw new CommandException(
            ExitCode.Usage,
            $"Cannot find session '{text}': that is not a session id. See routeguard session list."
        );
}

/// <summary><c>routeguard plan</c>: what a restore would do now.</summary>
internal static class PlanCommand
{
    public static Command Make(CommandLine line)
    {
        var command = new Command("plan", "Says what a restore would do now, and why.");
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var report = await RestoreCommand.AskAsync(
                    line,
                    line.DirectoriesOf(parsed),
                    null,
                    isDryRun: true,
                    stop
                );
                line.Print(parsed, report, ApiJson.Default.ReportView, ReportText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }
}
