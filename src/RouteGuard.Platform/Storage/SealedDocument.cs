using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RouteGuard.Platform.Storage;

/// <summary>Reads JSON content that is known to be whole. Says no by <see cref="FormatException"/> or as JSON readers
/// do.</summary>
internal delegate T DocumentReader<T>(ReadOnlySpan<byte> json);

/// <summary>What is the matter with a document.</summary>
internal enum DocumentTrouble
{
    Missing,

    /// <summary>The disk refused to read it; it may be whole.</summary>
    Unreadable,

    Damaged,

    /// <summary>A newer version wrote it: it is whole, and left alone.</summary>
    Newer,
}

/// <summary>Why a document cannot be used.</summary>
/// <param name="Trouble">The kind.</param>
/// <param name="Problem">Completes "the file …".</param>
internal sealed record DocumentFault(DocumentTrouble Trouble, string Problem);

/// <summary>
/// A JSON object whose first property is its schema version and whose last is the CRC-32C of all bytes before the
/// digits.
/// The bytes after them are fixed, so no bit can flip and no byte can go without being noticed.
/// </summary>
/// <remarks>This frame is the same in every schema version.</remarks>
internal static class SealedDocument
{
    /// <summary>How an indented object ends; the seal takes its place.</summary>
    public static ReadOnlySpan<byte> EndOfObject => "\n}"u8;

    public static ReadOnlySpan<byte> BeforeChecksum => ",\n  \"crc32c\": \""u8;

    public static ReadOnlySpan<byte> AfterChecksum => "\"\n}\n"u8;

    /// <summary>Reads a document of any bytes whatever.</summary>
    public static bool TryRead<T>(
        ReadOnlySpan<byte> bytes,
        int schemaVersion,
        DocumentReader<T> read,
        [NotNullWhen(true)] out T? value,
        [NotNullWhen(false)] out DocumentFault? fault
    )
        where T : class
    {
        value = null;
        fault = null;
        if (!IsWhole(bytes))
        {
            fault = new(DocumentTrouble.Damaged, $"is damaged: the checksum does not fit its {bytes.Length} bytes");
            return false;
        }

        try
        {
            var version = SchemaVersionOf(bytes);
            if (version > schemaVersion)
            {
                fault = new(
                    DocumentTrouble.Newer,
                    $"was written by a newer RouteGuard (schema {version}; {schemaVersion} is known)"
                );
                return false;
            }

            value = read(bytes);
            return true;
        }
        catch (Exception error)
            when (error is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            fault = new(DocumentTrouble.Damaged, $"is not understood: {error.Message}");
            return false;
        }
    }

    /// <summary>True when the checksum fits.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        var digitsAt = bytes.Length - AfterChecksum.Length - Crc32C.TextLength;
        return digitsAt >= BeforeChecksum.Length
            && bytes.EndsWith(AfterChecksum)
            && bytes[..digitsAt].EndsWith(BeforeChecksum)
            && Crc32C.IsTextOf(Crc32C.Of(bytes[..digitsAt]), bytes.Slice(digitsAt, Crc32C.TextLength));
    }

    private static int SchemaVersionOf(ReadOnlySpan<byte> bytes)
    {
        var json = new Utf8JsonReader(bytes);
        var isFirst = json.Read() && json.Read() && json.ValueTextEquals("schemaVersion"u8) && json.Read();
        return isFirst && json.GetInt32() is var version and > 0
            ? version
            : throw new FormatException("its first property is not a schemaVersion of 1 or more");
    }
}
