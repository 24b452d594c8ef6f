using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Platform.Recording;

/// <summary>What the kernel said: its lists, datagram by datagram, and what it told while somebody listened.</summary>
/// <param name="Table">The table that the lists make.</param>
/// <param name="Lists">In the order in which they were asked for.</param>
/// <param name="Events">In the order in which they came.</param>
/// <param name="LeftOut">What is missing and why; sentences.</param>
public sealed record KernelTraffic(
    RouteTable Table,
    IReadOnlyList<RecordedDatagram> Lists,
    IReadOnlyList<RecordedEvent> Events,
    IReadOnlyList<string> LeftOut
)
{
    /// <summary>Bytes of all lists; a longer table is recorded as text alone.</summary>
    public const int ListBytesMax = 16 * 1024 * 1024;

    /// <summary>Bytes of all events.</summary>
    public const int EventBytesMax = 4 * 1024 * 1024;

    /// <summary>Events that are kept.</summary>
    public const int EventsMax = 4096;

    /// <summary>The longest time to listen.</summary>
    public static readonly TimeSpan ListenMax = TimeSpan.FromSeconds(60);

    /// <summary>The same with other addresses, in the table and in the bytes alike.</summary>
    public KernelTraffic Redacted(Pseudonyms pseudonyms)
    {
        var bytes = new NetlinkRedaction(pseudonyms);
        byte[] Replaced(byte[] datagram)
        {
            byte[] copy = [.. datagram];
            bytes.Replace(copy);
            return copy;
        }

        RecordedDatagram[] lists = [.. Lists.Select(one => one with { Bytes = Replaced(one.Bytes) })];
        RecordedEvent[] events = [.. Events.Select(one => one with { Bytes = Replaced(one.Bytes) })];
        string[] zeroed = bytes.Zeroed.Count == 0 ? [] : [$"Zeroed: {string.Join(", ", bytes.Zeroed)}."];
        return new(new TableRedaction(pseudonyms, bytes).Of(Table), lists, events, [.. LeftOut, .. zeroed]);
    }

    /// <summary>Feeds recorded lists to the decoders that read a live kernel. Total.</summary>
    /// <param name="lists">Datagrams, those of a list in their order.</param>
    /// <param name="faults">What could not be read; sentences, at most a few.</param>
    /// <exception cref="ArgumentException">More routes share a key than a table may have.</exception>
    public static RouteTable Replay(IEnumerable<RecordedDatagram> lists, out IReadOnlyList<string> faults)
    {
        var draft = new TableDraft(new(), 0);
        List<string> broken = [];
        foreach (var (list, bytes) in lists)
        {
            var messages = new NetlinkMessages(bytes);
            while (messages.TryNext(out var message))
            {
                if (message.Type is not (NetlinkType.Error or NetlinkType.Done))
                {
                    draft.Take(list, message);
                }
            }

            if (!messages.Fault.IsNone && broken.Count < TableDraft.FaultsMax)
            {
                broken.Add($"A datagram of the record was left out: {messages.Fault}.");
            }
        }

        faults = [.. broken, .. draft.Faults];
        return draft.ToTableWithoutDoubles();
    }
}

/// <summary>A part of a list as the kernel sent it.</summary>
public sealed record RecordedDatagram(TableList List, byte[] Bytes);

/// <summary>What the kernel told.</summary>
/// <param name="After">Counted from the beginning of the record.</param>
/// <param name="Bytes">The datagram.</param>
public sealed record RecordedEvent(TimeSpan After, byte[] Bytes);
