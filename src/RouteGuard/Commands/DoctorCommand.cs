using System.CommandLine;
using System.Globalization;
using RouteGuard.Configuration;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Doctor;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard doctor</c>: what is wrong that no session explains, and the exact repair.</summary>
internal static class DoctorCommand
{
    public static Command Make(CommandLine line)
    {
        var fix = new Option<string?>("--fix") { Description = "Apply repairs: all, or numbers such as 1,3." };
        var command = new Command("doctor", "Finds what dead VPNs left, rivals and missing rights; says the repair.")
        {
            fix,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var directories = line.DirectoriesOf(parsed);
                var facts = line.Surroundings.ReadFacts();
                using var kernel = line.Surroundings.OpenKernel();
                var table = kernel.Read();
                var stored = Stored.TryRead(line, parsed);
                var truth = line.Surroundings.OpenTruth();
                var left = Residue.Find(table, stored.Open, facts.NameServers, facts.SpeaksBsd, truth.Read());
                var chosen = parsed.GetValue(fix) is { } words ? Choose(words, left) : null;

                // Whose routes are a session's is not known then, and a live VPN's could be taken for a leftover.
                if (chosen is not null && stored.WhyNot is { } why)
                {
                    throw new CommandException(ExitCode.NotPermitted, why);
                }

                var done = chosen is null ? null : Fix(line, directories, new(kernel, truth), chosen);
                var view = new DoctorView(
                    [
                        .. await CheckAsync(directories, line.Surroundings.ConfigurationPath, facts, stored, stop),
                        .. Places.Check(directories, facts),
                        .. Managers.Of(ProgramsOf(facts, table), facts.ReadFile),
                    ],
                    [.. left.Select((one, at) => new ResidueView(at + 1, one.What, one.Why, one.Repair))],
                    done
                );
                line.Print(parsed, view, CliJson.Default.DoctorView, DoctorText.Print);
                return done?.Any(one => one.Outcome.StartsWith("Refused", StringComparison.Ordinal)) == true
                    ? ExitCode.Failed
                    : ExitCode.Done;
            }
        );
        return command;
    }

    private static IReadOnlyList<Leftover> Choose(string words, IReadOnlyList<Leftover> left)
    {
        if (words == "all")
        {
            return left;
        }

        List<Leftover> chosen = [];
        foreach (var word in words.Split(','))
        {
            chosen.Add(
                int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= 1
                && number <= left.Count
                    ? left[number - 1]
                    : throw new CommandException(
                        ExitCode.Usage,
                        $"Cannot fix '{word}': there are {left.Count} findings. Name all, or numbers such as 1,3."
                    )
            );
        }

        return chosen;
    }

    // Intent first, then the kernel, then the outcome; the lock keeps a daemon from planning meanwhile.
    private static IReadOnlyList<FixView> Fix(
        CommandLine line,
        Directories directories,
        Hands hands,
        IReadOnlyList<Leftover> chosen
    )
    {
        PlanStep[] steps = [.. chosen.Select(one => one.Step).OfType<PlanStep>()];
        if (steps.Length == 0)
        {
            return [];
        }

        using var held = line.Surroundings.OpenJournal(directories);
        JournalRecord Record(JournalKind kind, long concludes, IEnumerable<string> lines) =>
            new()
            {
                At = line.Surroundings.Time.GetUtcNow(),
                Kind = kind,
                Text = "repair what a dead VPN left (doctor)",
                Concludes = concludes,
                Lines = [.. lines.Take(JournalRecord.LinesMax)],
            };
        var what = chosen.Where(one => one.Step is not null).Select(one => one.What).ToArray();
        var intent = held.Journal.Append(Record(JournalKind.Intent, 0, what.Select(one => $"delete {one}")));
        StepOutcome[] outcomes = [.. steps.Select(hands.Do)];
        held.Journal.Append(Record(JournalKind.Outcome, intent, outcomes.Select(one => one.ToString())));
        return [.. what.Zip(outcomes, (one, outcome) => new FixView(one, outcome.ToString()))];
    }

    // The kernel's own WireGuard has an interface and no process.
    public static HashSet<string> ProgramsOf(MachineFacts facts, RouteTable table) =>
        [
            .. facts.Programs,
            .. table.Links.Any(link => link.Kind == "wireguard") ? [Managers.KernelWireGuard] : Array.Empty<string>(),
        ];

    /// <summary>What is to be said of the kernel, our rights, the state directory, the configuration and the
    /// daemon.</summary>
    public static async Task<IReadOnlyList<CheckView>> CheckAsync(
        Directories directories,
        string? configuration,
        MachineFacts facts,
        Stored stored,
        CancellationToken stop
    )
    {
        List<CheckView> checks =
        [
            new("kernel", "ok", facts.Kernel, null),
            facts.IsPrivileged
                ? new("rights", "ok", "may write routes.", null)
                : new("rights", "note", "may read routes and not write them.", "Use sudo to restore or to fix."),
        ];
        if (stored.WhyNot is { } why)
        {
            checks.Add(new("state", "note", why, "Without it no route can be told to be a session's."));
        }

        checks.AddRange(
            stored.Reading.Faults.Select(fault => new CheckView("state", "problem", fault, "See routeguard status."))
        );
        if (configuration is not null)
        {
            checks.Add(CheckConfiguration(configuration));
        }

        checks.Add(await CheckDaemonAsync(directories, stop));
        return checks;
    }

    /// <summary>Whether the daemon would start with this configuration.</summary>
    public static CheckView CheckConfiguration(string path)
    {
        const string Name = "configuration";
        try
        {
            new ConfigurationFile(path, MustBeThere: false).Read();
            return new(
                Name,
                "ok",
                File.Exists(path) ? $"{path} can be read." : "the usual one; there is no file.",
                null
            );
        }
        catch (ConfigurationException wrong)
        {
            return new(
                Name,
                "problem",
                wrong.Message,
                "The daemon does not start with it, and reads it again for nothing. See routeguard daemon --check-config."
            );
        }
    }

    private static async Task<CheckView> CheckDaemonAsync(Directories directories, CancellationToken stop)
    {
        const string Name = "daemon";
        using var client = new ApiClient(directories);
        try
        {
            var health = await client.AskAsync(daemon => daemon.HealthAsync(stop));
            return health.Problems.Count == 0
                ? new(Name, "ok", $"answers at {directories.Socket}; the verdict is {health.Verdict}.", null)
                : new(Name, "problem", $"says {health.Verdict}: {health.Problems[0]}", "See routeguard status.");
        }
        catch (CommandException missing)
        {
            return new(Name, "problem", missing.Message, null);
        }
    }
}

/// <summary>Who does a repair: the kernel for routes and rules, the system for its own settings.</summary>
internal sealed record Hands(IKernelRoutes Kernel, ILiveTruth Truth)
{
    public StepOutcome Do(PlanStep step) =>
        step is not PlanStep.RemoveOrphan orphan ? Kernel.Apply(Kernel.Prepare([step]))[0]
        : Truth.RemoveOrphan(orphan.Key) is { } why ? new(StepResult.Refused, 0, string.Empty, why)
        : StepOutcome.Applied;
}

/// <summary>The journal, and the lock that goes with it.</summary>
/// <param name="Journal">Written beside no other process.</param>
/// <param name="Holds">Disposed in order.</param>
internal sealed record HeldJournal(IJournal Journal, IReadOnlyList<IDisposable> Holds) : IDisposable
{
    public void Dispose()
    {
        foreach (var hold in Holds)
        {
            hold.Dispose();
        }
    }
}
