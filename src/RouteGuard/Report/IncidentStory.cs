using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;

namespace RouteGuard.Report;

/// <summary>How a family's default path was for a while.</summary>
/// <param name="Mark">As it was seen; <see cref="PathOwner.Unknown"/> where nobody looked.</param>
/// <param name="From">From when on.</param>
/// <param name="To">Until when.</param>
/// <param name="WhyNot">Why nothing is known; empty when something is.</param>
internal sealed record PathSpan(PathMark Mark, DateTimeOffset From, DateTimeOffset To, string WhyNot)
{
    public IpFamily Family => Mark.Family;
}

/// <summary>A default was missing or wrong.</summary>
internal sealed record LeakSpan(IpFamily Family, DateTimeOffset From, DateTimeOffset To, string What);

/// <summary>A session, as far as the story has it.</summary>
/// <param name="IsClosed">It ended within the story.</param>
internal sealed record SessionSpan(string Id, DateTimeOffset From, DateTimeOffset To, bool IsClosed);

/// <summary>Something that happened at one moment.</summary>
/// <param name="Number">From 1, for the drawing and the table below it.</param>
internal sealed record StoryEvent(int Number, JournalRecord Record);

/// <summary>What befell a session, ready to be drawn: nothing is in it that the journal does not say. Pure.</summary>
internal sealed record IncidentStory(
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<PathSpan> Paths,
    IReadOnlyList<LeakSpan> Leaks,
    IReadOnlyList<SessionSpan> Sessions,
    IReadOnlyList<StoryEvent> Events,
    JournalRecord? Death,
    IReadOnlyList<string> LeftOut
)
{
    /// <summary>Spans of one family; the first ones of more are left out.</summary>
    public const int SpansMax = 200;

    public const int LeaksMax = 200;

    /// <summary>Sessions beside each other; more are left out.</summary>
    public const int SessionsMax = 6;

    /// <summary>Events; those in the middle of more are left out.</summary>
    public const int EventsMax = 120;

    private static readonly JournalKind[] Drawn =
    [
        JournalKind.SessionBegun,
        JournalKind.SessionUp,
        JournalKind.Death,
        JournalKind.Outcome,
        JournalKind.Drift,
        JournalKind.BaselineMoved,
        JournalKind.SessionClosed,
    ];

    public bool IsEmpty => Events.Count == 0 && Paths.Count == 0;

    /// <summary>The time around a death that shows what happened then; null when there was none, or the whole is no
    /// longer.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? CloseUp
    {
        get
        {
            const int WorthIt = 6;
            if (Death is not { } death)
            {
                return null;
            }

            var after = Events.Where(one => one.Record.Number >= death.Number).Select(one => one.Record.At);
            var begins = Leaks.Where(leak => leak.To >= death.At && leak.From < death.At).Select(leak => leak.From);
            var first = begins.Append(death.At).Min();
            var span = after.Append(death.At).Max() - first;
            var margin = TimeSpan.FromMilliseconds(Math.Max(2, span.TotalMilliseconds / 4));
            var whole = (To - From) / WorthIt;
            return span + (2 * margin) < whole ? (first - margin, first + span + margin) : null;
        }
    }

    public static IncidentStory Of(JournalExcerpt journal, DateTimeOffset now, bool isGuarded)
    {
        var records = journal.Story;
        if (records.Count == 0)
        {
            return new(now, now, [], [], [], [], null, []);
        }

        List<string> leftOut =
            journal.StoryTotal > records.Count
                ? [$"{journal.StoryTotal - records.Count} records in the middle of the story are left out."]
                : [];
        var marks = records.SelectMany(record => record.Paths);
        var from = marks.Select(mark => mark.At).Concat(records.Select(record => record.At)).Min();
        var to = journal.IsOver ? Afterwards(from, records.Max(record => record.At), now) : now;
        var leaks = records.Select(LeakReading.TryRead).OfType<LeakSpan>().ToArray();
        var sessions = SessionsOf(records, to).ToArray();
        var events = records.Where(IsDrawn).ToArray();
        LeaveOut(leftOut, "leaks", leaks.Length, LeaksMax);
        LeaveOut(leftOut, "sessions", sessions.Length, SessionsMax);
        LeaveOut(leftOut, "events", events.Length, EventsMax);
        if (events.Length > EventsMax)
        {
            events = [.. events.Take(EventsMax / 2), .. events.TakeLast(EventsMax / 2)];
        }

        return new(
            leaks.Select(leak => leak.From).Append(from).Min(),
            to,
            [
                .. PathReading.Of(IpFamily.V4, records, to, isGuarded),
                .. PathReading.Of(IpFamily.V6, records, to, isGuarded),
            ],
            [.. leaks.TakeLast(LeaksMax)],
            [.. sessions.TakeLast(SessionsMax)],
            [.. events.Select((record, at) => new StoryEvent(at + 1, record))],
            records.LastOrDefault(record => record.Kind == JournalKind.Death && record.Session == journal.Focus),
            leftOut
        );
    }

    // A little of what came after the end, which nobody knows: or the end would look like the edge of the paper.
    private static DateTimeOffset Afterwards(DateTimeOffset from, DateTimeOffset end, DateTimeOffset now)
    {
        const int Part = 20;
        var after = end + ((end - from) / Part);
        return now > end && now < after ? now : after;
    }

    private static bool IsDrawn(JournalRecord record) => Drawn.Contains(record.Kind);

    private static void LeaveOut(List<string> leftOut, string what, int count, int max)
    {
        if (count > max)
        {
            leftOut.Add($"{count - max} of {count} {what} are not drawn.");
        }
    }

    private static IEnumerable<SessionSpan> SessionsOf(IReadOnlyList<JournalRecord> records, DateTimeOffset to) =>
        records
            .Where(record => record.Session is not null)
            .GroupBy(record => record.Session!.Value)
            .Select(of => (Id: of.Key.Value, First: of.First(), Last: of.Last()))
            .Select(of => new SessionSpan(
                of.Id,
                of.First.At,
                of.Last.Kind == JournalKind.SessionClosed ? of.Last.At : to,
                of.Last.Kind == JournalKind.SessionClosed
            ));
}
