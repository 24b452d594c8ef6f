using System.CommandLine;
using System.Globalization;
using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;
using RouteGuard.Story;

namespace RouteGuard.Commands;

/// <summary><c>routeguard history</c>: the journal as a story.</summary>
internal static class HistoryCommand
{
    private const int LastDefault = 200;
    private const int LastMax = 100_000;

    public static Command Make(CommandLine line)
    {
        var last = new Option<int>("--last")
        {
            Description = $"How many records, 1 to {LastMax}.",
            DefaultValueFactory = _ => LastDefault,
        };
        var session = new Option<string?>("--session") { Description = "What happened to this session." };
        var prefix = new Option<string?>("--prefix") { Description = "What happened to this destination." };
        var since = new Option<string?>("--since") { Description = "Not before: 90s, 15m, 2h or 7d ago." };
        var command = new Command(
            "history",
            "What happened: sessions, deaths, steps, drift with who made it, and how long a default was missing or wrong."
        )
        {
            last,
            session,
            prefix,
            since,
        };
        line.Handle(
            command,
            (parsed, _) =>
            {
                var count = parsed.GetValue(last);
                if (count is < 1 or > LastMax)
                {
                    throw Usage($"--last is {count}, and 1 to {LastMax} are possible");
                }

                var filter = new Filter(
                    parsed.GetValue(session) is { } id ? SessionCommands.IdOf(id) : null,
                    parsed.GetValue(prefix) is { } destination ? StoryCommands.PrefixOf(destination) : null,
                    parsed.GetValue(since) is { } ago ? line.Surroundings.Time.GetUtcNow() - SpanOf(ago) : null
                );
                var tail = line.Surroundings.ReadJournal(
                    line.DirectoriesOf(parsed),
                    filter == Filter.None ? count : LastMax
                );
                var history = HistoryView.Of(filter.Of(tail.Records).TakeLast(count), tail.Faults);
                line.Print(parsed, history, ApiJson.Default.HistoryView, HistoryText.Print);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    private static TimeSpan SpanOf(string text)
    {
        var seconds =
            text.Length == 0
                ? 0
                : text[^1] switch
                {
                    's' => 1,
                    'm' => 60,
                    'h' => 3600,
                    'd' => 86_400,
                    _ => 0,
                };
        return
            seconds > 0
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= int.MaxValue / 86_400
            ? TimeSpan.FromSeconds((long)count * seconds)
            : throw Usage($"'{text}' is not a time; write it as 90s, 15m, 2h or 7d");
    }

    private static CommandException Usage(string problem) =>
        new(ExitCode.Usage, $"Cannot show the history: {problem}.");

    private sealed record Filter(SessionId? Session, Prefix? Prefix, DateTimeOffset? Since)
    {
        public static Filter None { get; } = new(null, null, null);

        public IEnumerable<JournalRecord> Of(IEnumerable<JournalRecord> records)
        {
            var isOpen = false;
            foreach (var record in records)
            {
                isOpen |= record.Session == Session && record.Kind == JournalKind.SessionBegun;
                if (IsWanted(record, isOpen))
                {
                    yield return record;
                }

                isOpen &= record.Session != Session || record.Kind != JournalKind.SessionClosed;
            }
        }

        // What concerns the machine, as a leak does, concerns every session that was open then.
        private bool IsWanted(JournalRecord record, bool isOpen) =>
            (Since is not { } since || record.At >= since)
            && (Session is null || record.Session == Session || (record.Session is null && isOpen))
            && (Prefix is not { } prefix || JournalStory.Mentions(record, prefix));
    }
}
