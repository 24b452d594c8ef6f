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
        var all = new Option<bool>("--all") { Description = "Of all open sessions; so it is without --session." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask. Nobody is asked where no terminal is." };
        var command = new Command("restore", "Puts the baseline back: shows the plan, does it, verifies it.")
        {
            session,
            all,
            yes,
            isDryRun,
            isOffline,
            from,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(session) is not null)
            {
                result.AddError("Cannot restore --all and --session together. Choose one.");
            }
        });
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var directories = line.DirectoriesOf(parsed);
                SessionId? id = parsed.GetValue(session) is { } word ? SessionCommands.IdOf(word) : null;
                async Task<ReportView> RunAsync(bool dryRun) =>
                    parsed.GetValue(from) is { } file ? SnapshotCommand.RestoreFrom(line, directories, file, dryRun)
                    : parsed.GetValue(isOffline) ? Offline(line, directories, id, dryRun)
                    : await AskAsync(line, directories, id, dryRun, stop);
                var isAsked = line.Screen.IsTerminal && !parsed.GetValue(yes) && !line.IsJson(parsed);
                if (isAsked && !parsed.GetValue(isDryRun))
                {
                    var plan = await RunAsync(dryRun: true);
                    if (plan.Result != "planned")
                    {
                        return line.PrintReport(parsed, plan);
                    }

                    line.Write($"{ReportText.Print(plan)}\n\nDo it? [y/N]");
                    if (line.Screen.Ask()?.Trim() is not ("y" or "Y" or "yes"))
                    {
                        return line.Refuse("Nothing was changed.", ExitCode.Failed);
                    }
                }

                return line.PrintReport(parsed, await RunAsync(parsed.GetValue(isDryRun)));
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
            return await client.AskAsync(daemon => daemon.RestoreAsync(new(id?.Value, isDryRun), stop: stop));
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
