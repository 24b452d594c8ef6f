using System.Globalization;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Report;

/// <summary>Reads how a family's default path was over time out of the journal. Pure.</summary>
/// <remarks>
/// Between two marks nothing changed, for the guard looks at every change while a session is open. Where it did not run
/// or no session was open, nothing is known, and that is a span of its own.
/// </remarks>
internal static class PathReading
{
    private const string NobodyLooked = "no guard looked";
    private const string NoSession = "no session was open";
    private const string NotWritten = "the journal does not say";

    public static IReadOnlyList<PathSpan> Of(
        IpFamily family,
        IReadOnlyList<JournalRecord> records,
        DateTimeOffset to,
        bool isGuarded
    )
    {
        var reading = new Reading(family, records[0].At);
        HashSet<SessionId> open = [];
        foreach (var record in records)
        {
            foreach (var mark in record.Paths.Where(mark => mark.Family == family))
            {
                reading.Take(mark);
            }

            reading.KnownUntil(record.At);
            if (record.Session is { } session && record.Kind == JournalKind.SessionClosed)
            {
                open.Remove(session);
                if (open.Count == 0)
                {
                    reading.Leave(NoSession);
                }
            }
            else if (record.Session is { } other)
            {
                open.Add(other);
            }
        }

        reading.End(to, isGuarded);
        return reading.Spans;
    }

    /// <summary>What was read so far.</summary>
    private sealed class Reading(IpFamily family, DateTimeOffset from)
    {
        private readonly List<PathSpan> _spans = [];
        private PathMark? _now;
        private DateTimeOffset _since = from;
        private DateTimeOffset _known = from;
        private string _whyNot = NotWritten;

        public IReadOnlyList<PathSpan> Spans => [.. _spans.TakeLast(IncidentStory.SpansMax)];

        public void Take(PathMark mark)
        {
            if (mark.IsAfterGap && _now is not null)
            {
                Close(_known);
                Unknown(_known, NobodyLooked);
            }

            Close(mark.At);
            (_now, _since) = mark.Owner == PathOwner.Unknown ? (null, mark.At) : (mark, mark.At);
            _whyNot = mark.Owner == PathOwner.Unknown ? "the table is too long to be searched" : _whyNot;
        }

        public void KnownUntil(DateTimeOffset at) => _known = at > _known ? at : _known;

        public void Leave(string why)
        {
            Close(_known);
            Unknown(_known, why);
        }

        public void End(DateTimeOffset to, bool isGuarded)
        {
            if (_now is not null && !isGuarded && _known < to)
            {
                Leave(NobodyLooked);
            }

            Close(to);
        }

        private void Unknown(DateTimeOffset since, string why) => (_now, _since, _whyNot) = (null, since, why);

        private void Close(DateTimeOffset at)
        {
            if (at <= _since)
            {
                return;
            }

            var mark = _now ?? new PathMark(_since, family, PathOwner.Unknown, null, string.Empty, string.Empty, false);
            _spans.Add(new(mark, _since, at, _now is null ? _whyNot : string.Empty));
        }
    }
}

/// <summary>Reads a leak out of its record, <c>IPv4: there was no default for 12.3 ms</c>. Pure.</summary>
internal static class LeakReading
{
    private const string For = " for ";
    private const string Milliseconds = " ms";
    private const double MillisecondsMax = 1e12;

    public static LeakSpan? TryRead(JournalRecord record)
    {
        var text = record.Text.AsSpan();
        var at = text.LastIndexOf(For);
        var isLeak =
            record.Kind == JournalKind.LeakWindow
            && at > 0
            && text.EndsWith(Milliseconds)
            && (text.StartsWith("IPv4: ") || text.StartsWith("IPv6: "));
        if (
            !isLeak
            || !double.TryParse(
                text[(at + For.Length)..^Milliseconds.Length],
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var lasted
            )
            || lasted > MillisecondsMax
        )
        {
            return null;
        }

        const int Head = 6;
        return new(
            text[3] == '4' ? IpFamily.V4 : IpFamily.V6,
            record.At - TimeSpan.FromMilliseconds(lasted),
            record.At,
            text[Head..at].ToString()
        );
    }
}
