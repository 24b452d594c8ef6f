using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <summary>One line of the journal: CRC-32C of the rest as eight hex digits, a blank, and a JSON object.</summary>
internal sealed record JournalEntry(
    int SchemaVersion,
    long Number,
    DateTimeOffset At,
    JournalKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Session = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Concludes = 0,
    string Text = "",
    IReadOnlyList<string>? Lines = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PathMark>? Paths = null
)
{
    public const int SchemaVersionKnown = 1;

    /// <summary>A longer text or line is cut, with three dots at its end.</summary>
    public const int TextLengthMax = 2000;

    private const int JsonAt = Crc32C.TextLength + 1;

    /// <summary>Appends the line and its line feed.</summary>
    public static void Write(IBufferWriter<byte> into, JournalRecord record)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        JsonSerializer.Serialize(writer, Of(record), StorageJson.Default.JournalEntry);
        var line = into.GetSpan(JsonAt + json.WrittenCount + 1);
        Crc32C.Of(json.WrittenSpan).TryFormat(line, out _, "x8");
        line[Crc32C.TextLength] = (byte)' ';
        json.WrittenSpan.CopyTo(line[JsonAt..]);
        line[JsonAt + json.WrittenCount] = (byte)'\n';
        into.Advance(JsonAt + json.WrittenCount + 1);
    }

    /// <summary>Reads a line without its line feed; any bytes whatever.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> line,
        [NotNullWhen(true)] out JournalRecord? record,
        [NotNullWhen(false)] out DocumentFault? fault
    )
    {
        record = null;
        fault = new(DocumentTrouble.Damaged, "is damaged: its checksum does not fit");
        if (!IsWhole(line))
        {
            return false;
        }

        try
        {
            var entry = JsonSerializer.Deserialize(line[JsonAt..], StorageJson.Default.JournalEntry)!;
            if (entry.SchemaVersion > SchemaVersionKnown)
            {
                fault = new(DocumentTrouble.Newer, $"was written by a newer RouteGuard (schema {entry.SchemaVersion})");
                return false;
            }

            record = entry.ToRecord();
            fault = null;
            return true;
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            fault = new(DocumentTrouble.Damaged, $"is not understood: {error.Message}");
            return false;
        }
    }

    public static bool IsWhole(ReadOnlySpan<byte> line) =>
        line.Length > JsonAt
        && line[Crc32C.TextLength] == (byte)' '
        && Crc32C.IsTextOf(Crc32C.Of(line[JsonAt..]), line[..Crc32C.TextLength]);

    private static JournalEntry Of(JournalRecord record) =>
        new(
            SchemaVersionKnown,
            record.Number,
            record.At,
            record.Kind,
            record.Session?.Value,
            record.Concludes,
            Cut(record.Text),
            record.Lines.Count == 0 ? null : CutLines(record.Lines),
            record.Paths.Count == 0 ? null : [.. record.Paths.Select(mark => mark with { Route = Cut(mark.Route) })]
        );

    private JournalRecord ToRecord() =>
        new()
        {
            Number = Number,
            At = At,
            Kind = Kind,
            Session = Session is null ? null : SessionId.Parse(Session),
            Concludes = Concludes,
            Text = Text,
            Lines = Lines ?? [],
            Paths = Paths ?? [],
        };

    private static IReadOnlyList<string> CutLines(IReadOnlyList<string> lines) =>
        [
            .. lines.Take(JournalRecord.LinesMax).Select(Cut),
            .. lines.Count > JournalRecord.LinesMax
                ? [$"… and {lines.Count - JournalRecord.LinesMax} more"]
                : Array.Empty<string>(),
        ];

    private static string Cut(string text) =>
        text.Length <= TextLengthMax ? text : $"{text.AsSpan(0, TextLengthMax - 3)}...";
}
