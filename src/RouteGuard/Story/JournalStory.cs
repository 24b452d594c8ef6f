using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;

namespace RouteGuard.Story;

/// <summary>What the journal says of one destination. Pure.</summary>
internal static class JournalStory
{
    /// <summary>Records that speak of it, with those of their lines that do.</summary>
    public static IReadOnlyList<HistoryRecordView> Of(IReadOnlyList<JournalRecord> records, Prefix prefix) =>
        [
            .. records
                .Where(record => Mentions(record, prefix))
                .Select(record =>
                    HistoryRecordView.Of(record) with
                    {
                        Lines = [.. record.Lines.Where(line => Mentions(line, prefix))],
                    }
                ),
        ];

    /// <summary>True when the record speaks of this destination, in the words of <c>ip</c>.</summary>
    public static bool Mentions(JournalRecord record, Prefix prefix) =>
        record.Lines.Append(record.Text).Any(line => Mentions(line, prefix));

    /// <summary>True when a line has the destination as one of its words.</summary>
    public static bool Mentions(string line, Prefix prefix)
    {
        // A gateway or a source is no destination: the word after these is passed over.
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words
            .Where((_, at) => at == 0 || words[at - 1] is not ("via" or "src" or "inet6" or "inet"))
            .Any(word => Is(word.TrimEnd(':', ',', '.'), prefix));
    }

    private static bool Is(string word, Prefix prefix) =>
        word == prefix.ToString()
        || (prefix.IsHost && word == prefix.Address.ToString())
        || (prefix.IsDefault && prefix.Family == IpFamily.V4 && word == "default");
}
