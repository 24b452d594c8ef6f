using System.Runtime.InteropServices;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Gathers attributes that the model has no words for, each whole and padded to 4 bytes with zeros.</summary>
/// <remarks>Bounded by the message that they come from: it never holds more than that and 3 bytes of padding.</remarks>
internal sealed class UnmodelledBytes
{
    private byte[] _bytes = [];
    private int _lengthBytes;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _lengthBytes);

    public bool IsEmpty => _lengthBytes == 0;

    public void Clear() => _lengthBytes = 0;

    public void Add(in NetlinkAttribute attribute) => Add(attribute.RawType, attribute.Payload);

    public void Add(ushort type, ReadOnlySpan<byte> payload)
    {
        var lengthBytes = NetlinkWriter.AttributeHeaderBytes + payload.Length;
        var padded = (lengthBytes + 3) & ~3;
        if (_lengthBytes + padded > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _lengthBytes + padded));
        }

        var room = _bytes.AsSpan(_lengthBytes, padded);
        MemoryMarshal.Write(room, new AttributeHeader((ushort)lengthBytes, type));
        payload.CopyTo(room[NetlinkWriter.AttributeHeaderBytes..]);
        room[lengthBytes..].Clear();
        _lengthBytes += padded;
    }

    /// <summary>What was gathered; <see cref="RawAttributes.None"/> when it is nothing.</summary>
    public RawAttributes ToRaw() => RawAttributes.Of(Written);
}
