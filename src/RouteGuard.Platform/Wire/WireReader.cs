using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Wire;

/// <summary>Takes bytes from the front of a message. Total: it says no instead of reading past the end.</summary>
/// <remarks>A reader that said no has not moved. Numbers and structures are in the order of the host.</remarks>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes taken so far.</summary>
    public int OffsetBytes { get; private set; }

    public readonly int RemainingBytes => _bytes.Length - OffsetBytes;

    public readonly bool IsEnd => RemainingBytes == 0;

    /// <summary>Takes this many bytes; false when there are fewer, or for a negative length.</summary>
    public bool TryTake(int lengthBytes, out ReadOnlySpan<byte> taken)
    {
        // One unsigned comparison guards every read: a negative length is a huge one.
        if ((uint)lengthBytes > (uint)RemainingBytes)
        {
            taken = default;
            return false;
        }

        taken = _bytes.Slice(OffsetBytes, lengthBytes);
        OffsetBytes += lengthBytes;
        return true;
    }

    public bool TrySkip(int lengthBytes) => TryTake(lengthBytes, out _);

    /// <summary>Takes a number or a structure without references.</summary>
    public bool TryRead<T>(out T value)
        where T : unmanaged
    {
        if (!TryTake(Unsafe.SizeOf<T>(), out var taken))
        {
            value = default;
            return false;
        }

        value = MemoryMarshal.Read<T>(taken);
        return true;
    }

    /// <summary>
    /// Skips to the next multiple of 4 from the beginning, or to the end where the padding is cut off.
    /// </summary>
    public void Align4() => OffsetBytes += Math.Min(-OffsetBytes & 3, RemainingBytes);
}
