using System.CommandLine;
using System.Text;
using RouteGuard.Core.Api;
using RouteGuard.Core.Ports;
using RouteGuard.Doctor;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Recording;
using RouteGuard.Report;

namespace RouteGuard.Commands;

/// <summary><c>routeguard report --output FILE.html</c>: everything that a support ticket needs, on one page; with
/// <c>--record</c> also a file that can be replayed.</summary>
internal static class ReportCommand
{
    private const int RecordsMax = 100_000;
    private const string RecordEnding = ".record.jsonl";

    public static Command Make(CommandLine line)
    {
        var output = new Option<string>("--output", "-o") { Description = "The page; a new file.", Required = true };
        var redact = new Option<bool>("--redact")
        {
            Description = "Other addresses for all addresses, consistently, and no names of yours.",
        };
        var record = new Option<string?>("--record")
        {
            Description = "Also a file that can be replayed, beside the page or FILE; implies --redact.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seconds = new Option<int>("--seconds")
        {
            Description = $"Listen so long for the record, 0 to {KernelTraffic.ListenMax.TotalSeconds:0}.",
        };
        var command = new Command("report", "Writes one page for a support ticket: events, tables, plan, journal.")
        {
            output,
            redact,
            record,
            seconds,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var page = parsed.GetValue(output)!;
                var isRecorded = parsed.GetResult(record) is not null;
                var file = parsed.GetValue(record) ?? Path.ChangeExtension(page, null) + RecordEnding;
                var listen = ListenFor(parsed.GetValue(seconds), isRecorded);
                var facts = await GatherAsync(line, parsed, stop);
                if (!isRecorded && !parsed.GetValue(redact))
                {
                    Write(page, Encoding.UTF8.GetBytes(ReportPage.Write(facts)));
                    line.Write($"The report is in {page}. It holds addresses of this machine; --redact replaces them.");
                    return ExitCode.Done;
                }

                using var pseudonyms = Pseudonyms.WithRandomKey();
                var redaction = new FactsRedaction(pseudonyms, RawOf(pseudonyms));
                var redacted = redaction.Of(facts);
                var bytes = Encoding.UTF8.GetBytes(ReportPage.Write(redacted));
                var recorded = isRecorded ? Record(line, redacted, pseudonyms, listen, stop).ToBytes() : [];
                Write(page, bytes);
                if (isRecorded)
                {
                    Write(file, recorded);
                }

                line.Write(
                    $"The report is in {page}{(isRecorded ? $" and the record in {file}" : "")}. Addresses, labels and names of yours are replaced; names of interfaces and programs are not."
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static TimeSpan ListenFor(int seconds, bool isRecorded) =>
        (seconds == 0 || isRecorded) && seconds >= 0 && seconds <= KernelTraffic.ListenMax.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandException(
                ExitCode.Usage,
                $"Cannot listen for {seconds} s: 0 to {KernelTraffic.ListenMax.TotalSeconds:0} are possible, and only with --record."
            );

    private static IRawRedaction RawOf(Pseudonyms pseudonyms) =>
        OperatingSystem.IsLinux() ? new NetlinkRedaction(pseudonyms) : ZeroedRaw.Instance;

    private static RecordFile Record(
        CommandLine line,
        ReportFacts redacted,
        Pseudonyms pseudonyms,
        TimeSpan listen,
        CancellationToken stop
    )
    {
        var traffic = line.Surroundings.Record(listen, stop)?.Redacted(pseudonyms);
        List<RecordedTable> tables = [];
        if (redacted is { Before: { } before, During: { } during })
        {
            tables.Add(RecordedTable.Of("before", before));
            tables.Add(RecordedTable.Of("during", during));
        }

        // The text of the very moment that the bytes are of.
        tables.Add(RecordedTable.Of("now", traffic?.Table ?? redacted.Now));
        string[] notes = traffic is null
            ?
            [
                "Addresses are pseudonyms.",
                "The kernel's own messages are not recorded on this system; the tables are text.",
            ]
            : ["Addresses are pseudonyms, the same in text and bytes."];
        return new(
            new(redacted.At, redacted.Version, redacted.Machine.Kernel, notes),
            tables,
            traffic ?? new(redacted.Now, [], [], [])
        );
    }

    private static async Task<ReportFacts> GatherAsync(CommandLine line, ParseResult parsed, CancellationToken stop)
    {
        List<string> notes = [];
        var directories = line.DirectoriesOf(parsed);
        using var kernel = line.Surroundings.OpenKernel();
        var now = kernel.Read();
        var machine = line.Surroundings.ReadFacts();
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

        CheckView[] checks =
        [
            .. await DoctorCommand.CheckAsync(directories, line.Surroundings.ConfigurationPath, machine, stored, stop),
            .. Managers.Of(DoctorCommand.ProgramsOf(machine, now), machine.ReadFile),
        ];
        var truth = line.Surroundings.OpenTruth();
        var left = Residue.Find(now, stored.Open, machine.NameServers, machine.SpeaksBsd, truth.Read());
        var shown = stored.Open.Count > 0 ? stored.Open : [.. stored.Reading.Closed.TakeLast(1)];
        return new()
        {
            At = line.Surroundings.Time.GetUtcNow(),
            Version = View.Version,
            Machine = new(line.Surroundings.HostName, SystemOf(machine), machine.Kernel),
            IsGuarded = await IsGuardedAsync(directories, stop),
            Sessions = [.. stored.Reading.Closed.Concat(stored.Open).Select(one => one.Session)],
            Before = shown.Count > 0 ? shown[0].Baseline.Table : null,
            During = shown.Count > 0 ? ReportFacts.Wanted(shown) : null,
            Now = now,
            Plan = plan,
            Checks = checks,
            Residue = [.. left.Select((one, at) => new ResidueView(at + 1, one.What, one.Why, one.Repair))],
            Journal = JournalExcerpt.Of(journal.Records),
            Notes = notes,
        };
    }

    // What changed since the last record would have been written down: only then is silence knowledge.
    private static async Task<bool> IsGuardedAsync(Directories directories, CancellationToken stop)
    {
        using var client = new ApiClient(directories);
        try
        {
            return (await client.AskAsync(daemon => daemon.AliveAsync(stop))).Alive;
        }
        catch (CommandException)
        {
            return false;
        }
    }

    // os-release(5); a Mac says it in its kernel's description.
    private static string SystemOf(MachineFacts machine)
    {
        const string Key = "PRETTY_NAME=";
        var named = machine
            .ReadFile("/etc/os-release")
            ?.Split('\n')
            .FirstOrDefault(word => word.StartsWith(Key, StringComparison.Ordinal));
        return named is null ? "not told" : named[Key.Length..].Trim().Trim('"');
    }

    // Never through a link and never over a file: this is often root, in a folder that others may write to.
    private static void Write(string path, byte[] bytes)
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
            file.Write(bytes);
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
