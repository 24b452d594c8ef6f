using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace RouteGuard.Core.Routes;

/// <summary>Bytes that the kernel gave and that are not modelled: carried verbatim, compared, printed as hex.</summary>
/// <remarks>On Linux whole padded rtattr records, in the order in which they came (rtnetlink(7)).</remarks>
public sealed class RawAttributes : IEquatable<RawAttributes>
{
    private RawAttributes(ImmutableArray<byte> bytes) => Bytes = bytes;

    public static RawAttributes None { get; } = new([]);

    public ImmutableArray<byte> Bytes { get; }

    public bool IsEmpty => Bytes.IsEmpty;

    public static RawAttributes Of(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? None : new([.. bytes]);

    /// <summary>These and one more rtattr, padded to 4 bytes.</summary>
    /// <param name="type">rta_type.</param>
    /// <param name="payload">At most 65,531 bytes.</param>
    public RawAttributes With(ushort type, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[4];
        MemoryMarshal.Write(header, (ushort)(4 + payload.Length));
        MemoryMarshal.Write(header[2..], type);
        ReadOnlySpan<byte> padding = [0, 0, 0];
        return Of([.. Bytes, .. header, .. payload, .. padding[..(-payload.Length & 3)]]);
    }

    public bool Equals(RawAttributes? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as RawAttributes);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes.AsSpan());
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexStringLower(Bytes.AsSpan());
}
