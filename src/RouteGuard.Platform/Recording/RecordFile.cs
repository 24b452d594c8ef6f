using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Platform.Recording;

/// <summary>A record on disk: JSON, an object a line, each with its <c>kind</c>.</summary>
/// <remarks>
/// <c>head</c> (schema, versions, notes), <c>table</c> (a part of a table as text), <c>list</c> (a datagram of a dump),
/// <c>event</c> (a datagram that was heard), <c>end</c> (how many lines there are, so that a cut file is seen).
/// </remarks>
public sealed record RecordFile(RecordHead Head, IReadOnlyList<RecordedTable> Tables, KernelTraffic Traffic)
{
    public const int SchemaVersion = 1;

    /// <summary>A longer file is no record of ours: lists and events at their bounds, in base64, and text.</summary>
    public const int FileBytesMax = 96 * 1024 * 1024;

    /// <summary>Lines of text in one line of the file.</summary>
    public const int TextLinesMax = 200;

    /// <summary>Lines of text of one table; of a longer one the rest is left out.</summary>
    public const int TableLinesMax = 50_000;

    private const int LinesMax = 100_000;

    private static readonly RecordJson Json = new(
        new JsonSerializerOptions(RecordJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
    );

    public byte[] ToBytes()
    {
        var into = new ArrayBufferWriter<byte>();
        var lines = 0;
        void Write(RecordEntry entry)
        {
            into.Write(JsonSerializer.SerializeToUtf8Bytes(entry, Json.RecordEntry));
            into.Write("\n"u8);
            lines++;
        }

        Write(
            new("head")
            {
                Schema = SchemaVersion,
                At = Head.At,
                Version = Head.Version,
                System = Head.System,
                ByteOrder = BitConverter.IsLittleEndian ? "little" : "big",
                Notes = [.. Head.Notes, .. Traffic.LeftOut],
            }
        );
        foreach (var (name, text) in Tables)
        {
            foreach (var part in text.Take(TableLinesMax).Chunk(TextLinesMax).DefaultIfEmpty([]))
            {
                Write(new("table") { Name = name, Lines = part });
            }
        }

        foreach (var (list, bytes) in Traffic.Lists)
        {
            Write(new("list") { List = list, Bytes = bytes });
        }

        foreach (var (after, bytes) in Traffic.Events)
        {
            Write(new("event") { AfterMilliseconds = Math.Round(after.TotalMilliseconds, 3), Bytes = bytes });
        }

        Write(new("end") { Count = lines });
        return into.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record; any bytes whatever.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="record">What it holds, with the table that its lists make.</param>
    /// <param name="problem">Completes "this is no record of RouteGuard: …".</param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out RecordFile? record,
        [NotNullWhen(false)] out string? problem
    )
    {
        record = null;
        List<RecordEntry> entries = [];
        foreach (var range in bytes.Split((byte)'\n'))
        {
            if (bytes[range].IsEmpty)
            {
                continue;
            }

            if (entries.Count == LinesMax || bytes.Length > FileBytesMax)
            {
                problem = "it is too long";
                return false;
            }

            if (!TryReadEntry(bytes[range], out var entry))
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"line {entries.Count + 1} is not understood");
                return false;
            }

            entries.Add(entry);
        }

        return TryMake(entries, out record, out problem);
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> line, [NotNullWhen(true)] out RecordEntry? entry)
    {
        try
        {
            entry = JsonSerializer.Deserialize(line, Json.RecordEntry);
        }
        catch (JsonException)
        {
            entry = null;
        }

        return entry is not null;
    }

    private static bool TryMake(
        List<RecordEntry> entries,
        [NotNullWhen(true)] out RecordFile? record,
        [NotNullWhen(false)] out string? problem
    )
    {
        record = null;
        var order = BitConverter.IsLittleEndian ? "little" : "big";
        problem =
            entries is not [{ Kind: "head", Version: not null, System: not null } head, ..] ? "it has no head"
            : head.Schema != SchemaVersion ? $"its schema is {head.Schema}, and {SchemaVersion} is known"
            : head.ByteOrder != order ? "it was made on a machine of another byte order"
            : entries[^1] is not { Kind: "end" } end || end.Count != entries.Count - 1 ? "it is cut off"
            : null;
        if (problem is not null)
        {
            return false;
        }

        RecordedDatagram[] lists =
        [
            .. entries
                .Where(entry => entry is { Kind: "list", List: not null, Bytes: not null })
                .Select(entry => new RecordedDatagram(entry.List!.Value, entry.Bytes!)),
        ];
        try
        {
            var table = KernelTraffic.Replay(lists, out var faults);
            RecordedEvent[] events =
            [
                .. entries
                    .Where(entry => entry is { Kind: "event", Bytes: not null })
                    .Select(entry => new RecordedEvent(
                        TimeSpan.FromMilliseconds(Math.Clamp(entry.AfterMilliseconds ?? 0, 0, int.MaxValue)),
                        entry.Bytes!
                    )),
            ];
            var tables = entries
                .Where(entry => entry is { Kind: "table", Name: not null, Lines: not null })
                .GroupBy(entry => entry.Name!, StringComparer.Ordinal)
                .Select(parts => new RecordedTable(parts.Key, [.. parts.SelectMany(part => part.Lines!)]));
            var known = entries[0];
            record = new(
                new(known.At ?? default, known.Version!, known.System!, known.Notes ?? []),
                [.. tables],
                new(table, lists, events, faults)
            );
            return true;
        }
        catch (ArgumentException unusable)
        {
            problem = unusable.Message;
            return false;
        }
    }
}

/// <summary>What a record says of itself.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Version">Of RouteGuard.</param>
/// <param name="System">Kernel and distribution.</param>
/// <param name="Notes">What is left out and why, and that the addresses are pseudonyms.</param>
public sealed record RecordHead(DateTimeOffset At, string Version, string System, IReadOnlyList<string> Notes);

/// <summary>A table as text.</summary>
/// <param name="Name">before, during or now.</param>
/// <param name="Lines">Routes, rules (<c>rule …</c>) and interfaces (<c>link …</c>).</param>
public sealed record RecordedTable(string Name, IReadOnlyList<string> Lines)
{
    public static RecordedTable Of(string name, RouteTable table) =>
        new(
            name,
            [
                .. table.Routes.Select(route => RouteText.Print(route, table.Names)),
                .. table.Rules.Select(rule => $"rule {rule}"),
                .. table.Links.Select(Describe),
            ]
        );

    private static string Describe(NetworkLink link)
    {
        var state =
            !link.IsUp ? "down"
            : link.HasCarrier ? "up"
            : "no-carrier";
        var kind = link.Kind.Length > 0 ? link.Kind : "hardware";
        var addresses = string.Join(' ', link.Addresses);
        return string.Create(
                CultureInfo.InvariantCulture,
                $"link {link.Index.Value} {link.Name} {state} kind {kind} mtu {link.Mtu} {link.Mac} {addresses}"
            )
            .TrimEnd();
    }
}

/// <summary>A line of the file; what does not belong to its kind is absent.</summary>
internal sealed record RecordEntry(string Kind)
{
    public int? Schema { get; init; }

    public DateTimeOffset? At { get; init; }

    public string? Version { get; init; }

    public string? System { get; init; }

    /// <summary>little or big: netlink speaks in the order of the host.</summary>
    public string? ByteOrder { get; init; }

    public IReadOnlyList<string>? Notes { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string>? Lines { get; init; }

    public TableList? List { get; init; }

    public double? AfterMilliseconds { get; init; }

    /// <summary>In base64.</summary>
    public byte[]? Bytes { get; init; }

    public int? Count { get; init; }
}

/// <summary>The file's JSON, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(WordConverter<TableList>)]
)]
[JsonSerializable(typeof(RecordEntry))]
internal sealed partial class RecordJson : JsonSerializerContext;
