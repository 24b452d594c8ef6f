using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;
using Spectre.Console;

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
                var wish = new Wish(
                    line.DirectoriesOf(parsed),
                    parsed.GetValue(session) is { } word ? SessionCommands.IdOf(word) : null,
                    parsed.GetValue(from),
                    parsed.GetValue(isOffline)
                );
                if (parsed.GetValue(isDryRun))
                {
                    return line.PrintReport(parsed, await PlanAsync(line, wish, stop));
                }

                var isAsked = line.Screen.IsTerminal && !parsed.GetValue(yes) && !line.IsJson(parsed);
                return isAsked && await AskFirstAsync(line, parsed, wish, stop) is { } code
                    ? code
                    : await DoAsync(line, parsed, wish, isAsked, stop);
            }
        );
        return command;
    }

    // Null when it shall be done.
    private static async Task<int?> AskFirstAsync(
        CommandLine line,
        ParseResult parsed,
        Wish wish,
        CancellationToken stop
    )
    {
        var plan = await PlanAsync(line, wish, stop);
        if (plan.Result != "planned")
        {
            return line.PrintReport(parsed, plan);
        }

        line.Write(new Rows(ReportText.Print(plan), Phrase.Empty));
        line.Prompt(Paint.Bold("Do it? [y/N]"));
        return line.Screen.Ask()?.Trim() is "y" or "Y" or "yes"
            ? null
            : line.Refuse("Nothing was changed.", ExitCode.Failed);
    }

    private static async Task<int> DoAsync(
        CommandLine line,
        ParseResult parsed,
        Wish wish,
        bool isPlanKnown,
        CancellationToken stop
    )
    {
        using var following = new Following(line.Surroundings.OnInterrupt, stop);
        if (line.IsJson(parsed))
        {
            return line.PrintReport(parsed, await RunAsync(line, wish, isDryRun: false, following, following.Stop));
        }

        var sight = RestoreSight.Before(line, wish.Directories);
        var restore = RunAsync(line, wish, isDryRun: false, following, following.Stop);
        return line.PrintReport(
            parsed,
            await following.ShowAsync(restore, line),
            shown => RestoreText.Print(shown, sight.After(line, shown), areStepsKnown: isPlanKnown)
        );
    }

    private static Task<ReportView> PlanAsync(CommandLine line, Wish wish, CancellationToken stop) =>
        RunAsync(line, wish, isDryRun: true, following: null, stop);

    private static Task<ReportView> RunAsync(
        CommandLine line,
        Wish wish,
        bool isDryRun,
        Following? following,
        CancellationToken stop
    ) =>
        wish.File is { } file
            ? Task.Run(() => SnapshotCommand.RestoreFrom(line, wish.Directories, file, isDryRun, following))
        : wish.IsOffline ? OfflineAsync(line, wish.Directories, wish.Session, isDryRun, following)
        : AskAsync(line, wish.Directories, wish.Session, isDryRun, stop, following);

    /// <summary>Asks the daemon; one that is not there is done without.</summary>
    public static async Task<ReportView> AskAsync(
        CommandLine line,
        Directories directories,
        SessionId? id,
        bool isDryRun,
        CancellationToken stop,
        Following? following = null
    )
    {
        using var client = new ApiClient(directories);
        try
        {
            return await client.AskAsync(daemon => daemon.RestoreAsync(new(id?.Value, isDryRun), following, stop));
        }
        catch (CommandException missing) when (missing.Code == ExitCode.NoDaemon)
        {
            return await OfflineAsync(line, directories, id, isDryRun, following);
        }
        catch (OperationCanceledException) when (following is not null)
        {
            throw new CommandException(
                ExitCode.Failed,
                "Cannot tell how it ended: it was not waited for, and the daemon goes on. See routeguard status."
            );
        }
    }

    // One thread has the engine from its opening to its end; this one looks how far it is.
    private static Task<ReportView> OfflineAsync(
        CommandLine line,
        Directories directories,
        SessionId? id,
        bool isDryRun,
        Following? following
    ) =>
        Task.Run(() =>
        {
            using var engine = line.OpenOffline(directories);
            following?.Follow(engine);
            var report = engine.Restore(id, isDryRun);
            string[] problems = [.. engine.Status().Problems.Concat(report.Problems).Distinct(StringComparer.Ordinal)];

            // A session that could not be read was not restored, and to say "nothing to do" would be a lie.
            var result =
                report.Result == RestoreResult.NothingToDo && problems.Length > 0
                    ? RestoreResult.Failed
                    : report.Result;
            return View.Of(report with { Result = result, Problems = problems });
        });

    /// <summary>What shall be restored, and by whom.</summary>
    /// <param name="Directories">Where the daemon and the state are.</param>
    /// <param name="Session">Only this one's baseline; null for all open sessions'.</param>
    /// <param name="File">A snapshot to put back instead; or null.</param>
    /// <param name="IsOffline">In this process, whether there is a daemon or not.</param>
    private sealed record Wish(Directories Directories, SessionId? Session, string? File, bool IsOffline);
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
