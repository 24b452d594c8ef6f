using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Rendering;
using RouteGuard.Story;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Commands;

/// <summary><c>routeguard blame</c> and <c>watch</c>: what happened, and what happens.</summary>
internal static class StoryCommands
{
    /// <summary>A watch looks at least this often whether it is to end.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    private const int RecordsMax = 100_000;

    public static Command MakeBlame(CommandLine line)
    {
        var prefix = new Argument<string>("prefix")
        {
            Description = "A destination: default, 10.0.0.0/8, 2001:db8::/32, or an address for what leads there.",
        };
        var command = new Command("blame", "Says who put a route there, and what became of it.") { prefix };
        line.Handle(
            command,
            (parsed, _) =>
            {
                using var kernel = line.Surroundings.OpenKernel();
                var now = kernel.Read();
                var asked = DestinationOf(parsed.GetValue(prefix)!, now);
                var stored = Stored.TryRead(line, parsed);
                var journal = TryReadJournal(line, parsed);
                var there = now.Routes.Where(route => route.Destination == asked && route.Table != Route.TableLocal);
                var view = new BlameView(
                    asked.IsDefault && asked.Family == IpFamily.V4 ? "default" : asked.ToString(),
                    [.. there.Select(route => stored.View(route, now.Names))],
                    JournalStory.Of(journal.Records, asked),
                    [.. stored.Reading.Faults, .. journal.Faults]
                );
                line.Print(parsed, view, CliJson.Default.BlameView, StoryText.Print);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    public static Command MakeWatch(CommandLine line)
    {
        var count = new Option<int?>("--count", "-n") { Description = "End after so many changes." };
        var all = new Option<bool>("--all") { Description = "The kernel's own entries too (local, multicast)." };
        var command = new Command("watch", "Prints every change of the table as it happens, and who made it.")
        {
            count,
            all,
        };
        line.Handle(
            command,
            (parsed, stop) =>
            {
                var left = parsed.GetValue(count) ?? int.MaxValue;
                using var events = line.Surroundings.OpenEvents();
                using var kernel = line.Surroundings.OpenKernel();
                var before = kernel.Read();
                List<KernelEvent> happened = [];
                while (left > 0 && !stop.IsCancellationRequested)
                {
                    happened.Clear();
                    events.Wait(Turn, happened);
                    if (happened.Count == 0)
                    {
                        continue;
                    }

                    var now = kernel.Read();
                    var changes = TableWatch.Between(
                        OfInterest(before, parsed.GetValue(all)),
                        OfInterest(now, parsed.GetValue(all)),
                        happened,
                        line.Surroundings.Time.GetUtcNow()
                    );
                    foreach (var change in changes.Take(left))
                    {
                        Write(line, parsed, change);
                    }

                    line.Out.Flush();
                    left -= Math.Min(left, changes.Count);
                    before = now;
                }

                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    private static JournalTail TryReadJournal(CommandLine line, ParseResult parsed)
    {
        var directories = line.DirectoriesOf(parsed);
        try
        {
            return line.Surroundings.ReadJournal(directories, RecordsMax);
        }
        catch (StateStoreException refused)
        {
            // The kernel's part of the answer needs no journal.
            return new([], Directory.Exists(directories.State) ? [refused.Message] : []);
        }
    }

    private static void Write(CommandLine line, ParseResult parsed, WatchView change)
    {
        if (line.IsJson(parsed))
        {
            line.Out.WriteLine(OneLine(change));
        }
        else
        {
            line.Write(StoryText.Print(change));
        }
    }

    // A stream of JSON is one object a line.
    private static string OneLine(WatchView change)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            JsonSerializer.Serialize(writer, change, CliJson.Default.WatchView);
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static RouteTable OfInterest(RouteTable table, bool all) =>
        all ? table : table.WithRoutes(table.Routes.Where(route => !RouteOwnership.IsBookkeeping(route)));

    /// <summary>A destination as a person writes it; an address means the route to it alone.</summary>
    public static Prefix PrefixOf(string text) =>
        text == "default" ? Prefix.DefaultV4
        : Prefix.TryParse(text, out var prefix) ? prefix
        : IpAddress.TryParse(text, out var address) ? Prefix.Host(address)
        : throw new CommandException(
            ExitCode.Usage,
            $"Cannot look for '{text}': it is not a destination such as default or 192.0.2.0/24 (host bits zero)."
        );

    // An address without a length means the route that leads there.
    private static Prefix DestinationOf(string text, RouteTable now) =>
        IpAddress.TryParse(text, out var address) && Lookup.Of(now, address).Winner is { } winner
            ? winner.Destination
            : PrefixOf(text);
}
