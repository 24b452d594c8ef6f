using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RouteGuard.Platform.MacOS;

/// <summary>Writes one message: header, then addresses in the order of their slots, each padded to 4 bytes.</summary>
/// <remarks>The buffer is kept, so a writer that is used again allocates nothing.</remarks>
internal sealed class MessageWriter
{
    /// <summary>The largest header (160) and eight addresses of the largest length (256 with padding).</summary>
    public const int LengthBytesMax = 160 + (8 * 256);

    private readonly byte[] _buffer = new byte[LengthBytesMax];
    private int _lengthBytes;

    /// <summary>Bytes of the last address that are padding.</summary>
    private int _paddingBytes;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _lengthBytes);

    /// <summary>Begins a message. The header carries type, version and address bits already.</summary>
    public void Begin<T>(in T header)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer, header);
        _lengthBytes = Unsafe.SizeOf<T>();
        _paddingBytes = 0;
    }

    /// <summary>Appends an address; its first byte must be its length. Empty bytes stand for a length of 0.</summary>
    public void Address(ReadOnlySpan<byte> address)
    {
        var stepBytes = SocketAddress.StepBytes(address.Length);
        var room = _buffer.AsSpan(_lengthBytes, stepBytes);
        room.Clear();
        address.CopyTo(room);
        _lengthBytes += stepBytes;
        _paddingBytes = stepBytes - address.Length;
    }

    /// <summary>Appends bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_lengthBytes));
        _lengthBytes += bytes.Length;
        _paddingBytes = 0;
    }

    /// <summary>Patches the length.</summary>
    /// <param name="isLastPadded">False leaves the last address unpadded, as the kernel's own reports do
    /// (rt_msg1).</param>
    public ReadOnlySpan<byte> End(bool isLastPadded = true)
    {
        _lengthBytes -= isLastPadded ? 0 : _paddingBytes;
        MemoryMarshal.Write(_buffer, (ushort)_lengthBytes);
        return Written;
    }
}
