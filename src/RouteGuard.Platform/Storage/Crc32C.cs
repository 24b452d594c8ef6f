using System.Buffers.Binary;
using System.Numerics;

namespace RouteGuard.Platform.Storage;

/// <summary>CRC-32C (Castagnoli; RFC 3720 §12.1), which the processor computes.</summary>
/// <remarks>Finds every error of one bit, and every burst of up to 32.</remarks>
internal static class Crc32C
{
    /// <summary>Length of a checksum as text: eight lower-case hex digits.</summary>
    public const int TextLength = 8;

    public const uint Start = uint.MaxValue;

    /// <summary>Takes in more bytes; begin with <see cref="Start"/>, and complement at the end.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var last in bytes)
        {
            state = BitOperations.Crc32C(state, last);
        }

        return state;
    }

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Update(Start, bytes);

    /// <summary>True when the text is this checksum in its one spelling.</summary>
    public static bool IsTextOf(uint checksum, ReadOnlySpan<byte> text)
    {
        Span<byte> digits = stackalloc byte[TextLength];
        return checksum.TryFormat(digits, out _, "x8") && text.SequenceEqual(digits);
    }
}
