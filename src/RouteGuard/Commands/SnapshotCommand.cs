using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Core.Baselines;
using RouteGuard.Platform.Storage;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard snapshot</c>: the table as it is now, to look at or to go back to.</summary>
internal static class SnapshotCommand
{
    public static Command Make(CommandLine line)
    {
        var output = new Option<string?>("--output")
        {
            Description = "Write a baseline file, for routeguard restore --from.",
        };
        var command = new Command("snapshot", "Reads the whole table and prints it, or writes a baseline file.")
        {
            output,
        };
        line.Handle(
            command,
            (parsed, _) =>
            {
                using var kernel = line.Surroundings.OpenKernel();
                var baseline = new Baseline
                {
                    TakenAt = line.Surroundings.Time.GetUtcNow(),
                    BootId = line.Surroundings.BootId,
                    Table = kernel.Read(),
                };
                if (parsed.GetValue(output) is { } file)
                {
                    BaselineFile.Write(file, baseline);
                }

                line.Print(
                    parsed,
                    View.Of(baseline),
                    ApiJson.Default.TableView,
                    shown =>
                        parsed.GetValue(output) is { } written
                            ? Paint.Say($"{shown.Routes.Count} routes and {shown.Rules.Count} rules are in {written}.")
                            : TableText.Print(shown)
                );
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    /// <summary>Puts back what a file holds. Nothing is deleted: a file says what was there, not who made what is there
    /// now.</summary>
    public static ReportView RestoreFrom(
        CommandLine line,
        Directories directories,
        string file,
        bool isDryRun,
        Following? following
    )
    {
        var baseline = BaselineFile.Read(file);
        using var engine = line.OpenOffline(directories);
        following?.Follow(engine);
        return View.Of(engine.RestoreTo(baseline, isDryRun));
    }
}
