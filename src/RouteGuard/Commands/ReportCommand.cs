using System.CommandLine;
using System.Text;
using RouteGuard.Core.Api;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Story;

namespace RouteGuard.Commands;

/// <summary><c>routeguard report --output FILE.html</c>: everything that a support ticket needs, on one page.</summary>
internal static class ReportCommand
{
    private const int RecordsMax = 1000;

    public static Command Make(CommandLine line)
    {
        var output = new Option<string>("--output", "-o") { Description = "The page; a new file.", Required = true };
        var redact = new Option<bool>("--redact") { Description = "Other addresses for all addresses, consistently." };
        var command = new Command("report", "Writes one page for a support ticket: events, tables, plan, journal.")
        {
            output,
            redact,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var facts = await GatherAsync(line, parsed, stop);
                var page = ReportPage.Write(facts);
                Write(parsed.GetValue(output)!, parsed.GetValue(redact) ? new Redaction().Apply(page) : page);
                line.Write(
                    $"The report is in {parsed.GetValue(output)}. "
                        + (
                            parsed.GetValue(redact)
                                ? "Its addresses are replaced; names of interfaces and programs are not."
                                : "It holds addresses of this machine; --redact replaces them."
                        )
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<ReportFacts> GatherAsync(CommandLine line, ParseResult parsed, CancellationToken stop)
    {
        List<string> notes = [];
        var directories = line.DirectoriesOf(parsed);
        using var kernel = line.Surroundings.OpenKernel();
        var now = kernel.Read();
        var stored = Stored.TryRead(line, parsed);
        notes.AddRange(stored.WhyNot is { } why ? [why] : stored.Reading.Faults);
        ReportView? plan = null;
        JournalTail journal = new([], []);
        try
        {
            plan = await RestoreCommand.AskAsync(line, directories, null, isDryRun: true, stop);
            journal = line.Surroundings.ReadJournal(directories, RecordsMax);
            notes.AddRange(journal.Faults);
        }
        catch (Exception refused) when (refused is StateStoreException or CommandException)
        {
            notes.Add(refused.Message);
        }

        List<(string, IReadOnlyList<string>)> tables = [];
        RouteTable? before = null;
        if (stored.Open.Count > 0)
        {
            before = stored.Open[0].Baseline.Table;
            tables.Add(("Before: the baseline", Lines(before)));
            tables.Add(("During: baseline and overlay together", Lines(WantedTable.Of(stored.Open))));
        }
        else if (stored.Reading.Closed is [.., var last])
        {
            before = last.Baseline.Table;
            tables.Add(("Before: the baseline of the last session", Lines(before)));
            tables.Add(("During: what the last session made of it", Lines(WantedTable.Of([last]))));
        }

        tables.Add(("Now", Lines(now)));
        return new(
            line.Surroundings.Time.GetUtcNow(),
            View.Version,
            line.Surroundings.ReadFacts().Kernel,
            before is null ? null : DiffCommand.Compare(("baseline", before), ("now", now)),
            tables,
            plan,
            [.. journal.Records.Select(HistoryRecordView.Of)],
            notes
        );
    }

    private static IReadOnlyList<string> Lines(RouteTable table) =>
        [
            .. table
                .Routes.Where(route => !RouteOwnership.IsBookkeeping(route))
                .Select(route => RouteText.Print(route, table.Names)),
            .. table.Rules.Select(rule => $"rule {rule}"),
        ];

    // Never through a link and never over a file: this is often root, in a folder that others may write to.
    private static void Write(string path, string page)
    {
        try
        {
            using var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            file.Write(Encoding.UTF8.GetBytes(page));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                refused is UnauthorizedAccessException ? ExitCode.NotPermitted : ExitCode.Failed,
                $"Cannot write {path}: {refused.Message.TrimEnd('.')}. Name a new file in a folder of yours."
            );
        }
    }
}
