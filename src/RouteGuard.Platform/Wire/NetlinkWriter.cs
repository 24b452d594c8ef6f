using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace RouteGuard.Platform.Wire;

/// <summary>Appends whole netlink messages to one buffer, ready to be sent in one system call.</summary>
/// <remarks>
/// A message is begun, given its fixed header and its attributes, and ended; ending patches its length. The buffer
/// grows by doubling and is kept by <see cref="Clear"/>, so a writer that is used again allocates nothing. Numbers
/// are in the order of the host. Sources: netlink(7) <c>struct nlmsghdr</c>, rtnetlink(7) <c>struct rtattr</c>;
/// lengths include the header, and what follows is aligned to 4 bytes.
/// </remarks>
public sealed class NetlinkWriter
{
    /// <summary>
    /// A batch of this size does not fit a default send buffer (212,992 bytes) any more; larger is a bug.
    /// </summary>
    public const int LengthBytesMax = 1024 * 1024;

    /// <summary>An attribute's length is a 16-bit number that counts its own 4 bytes of header.</summary>
    public const int PayloadBytesMax = ushort.MaxValue - AttributeHeaderBytes;

    /// <summary><c>struct nlmsghdr</c>: length, type, flags, sequence number, port.</summary>
    public const int MessageHeaderBytes = 16;

    /// <summary><c>struct rtattr</c>: length and type.</summary>
    public const int AttributeHeaderBytes = 4;

    private const int NoMessage = -1;
    private const int CapacityBytesFirst = 4096;

    private byte[] _buffer = new byte[CapacityBytesFirst];
    private int _messageAt = NoMessage;

    /// <summary>Bytes of all messages.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>Messages that were ended.</summary>
    public int Messages { get; private set; }

    /// <summary>Everything written since the last <see cref="Clear"/>; valid until the next call that writes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, LengthBytes);

    /// <summary>As <see cref="Written"/>, for callers that keep it over a wait.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, LengthBytes);

    /// <summary>Forgets all messages and keeps the buffer.</summary>
    public void Clear()
    {
        LengthBytes = 0;
        Messages = 0;
        _messageAt = NoMessage;
    }

    /// <summary>Begins a message; the one before must have ended.</summary>
    /// <param name="type">nlmsg_type.</param>
    /// <param name="flags">nlmsg_flags.</param>
    /// <param name="sequence">nlmsg_seq, which the answer repeats.</param>
    /// <exception cref="InvalidOperationException">A message is open.</exception>
    public void BeginMessage(ushort type, ushort flags, uint sequence)
    {
        if (_messageAt != NoMessage)
        {
            throw new InvalidOperationException("The message before has not ended.");
        }

        _messageAt = LengthBytes;
        var header = Reserve(MessageHeaderBytes);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Patches the length into the message's header.</summary>
    /// <exception cref="InvalidOperationException">No message is open.</exception>
    public void EndMessage()
    {
        if (_messageAt == NoMessage)
        {
            throw new InvalidOperationException("No message was begun.");
        }

        MemoryMarshal.Write(_buffer.AsSpan(_messageAt), (uint)(LengthBytes - _messageAt));
        _messageAt = NoMessage;
        Messages++;
    }

    /// <summary>Appends a structure, such as the fixed header of a message, padded to 4 bytes.</summary>
    public void Append<T>(in T value)
        where T : unmanaged => MemoryMarshal.Write(Reserve(Unsafe.SizeOf<T>()), value);

    /// <summary>Appends bytes as they are, padded to 4 bytes.</summary>
    public void AppendBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Appends one attribute with its padding.</summary>
    /// <exception cref="ArgumentException">The payload is larger than <see cref="PayloadBytesMax"/>.</exception>
    public void Attribute(ushort type, ReadOnlySpan<byte> payload) =>
        payload.CopyTo(ReserveAttribute(type, payload.Length));

    /// <summary>Appends an attribute with a number or a structure.</summary>
    public void Attribute<T>(ushort type, in T value)
        where T : unmanaged => MemoryMarshal.Write(ReserveAttribute(type, Unsafe.SizeOf<T>()), value);

    /// <summary>Appends an attribute with text and its closing zero.</summary>
    public void AttributeText(ushort type, string text)
    {
        var lengthBytes = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text, ReserveAttribute(type, lengthBytes + 1));
    }

    /// <summary>Room for an attribute's payload, zeroed; the caller fills it before the next call.</summary>
    public Span<byte> ReserveAttribute(ushort type, int payloadBytes)
    {
        if ((uint)payloadBytes > PayloadBytesMax)
        {
            throw new ArgumentException(
                $"An attribute holds at most {PayloadBytesMax} bytes, not {payloadBytes}.",
                nameof(payloadBytes)
            );
        }

        var attribute = Reserve(AttributeHeaderBytes + payloadBytes);
        MemoryMarshal.Write(attribute, (ushort)(AttributeHeaderBytes + payloadBytes));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[AttributeHeaderBytes..];
    }

    /// <summary>Begins an attribute whose payload is written piece by piece.</summary>
    /// <returns>Where it began, for <see cref="EndNested"/>.</returns>
    public int BeginNested(ushort type)
    {
        var at = LengthBytes;
        ReserveAttribute(type, 0);
        return at;
    }

    /// <summary>Patches the length of an attribute that was begun by <see cref="BeginNested"/>.</summary>
    /// <exception cref="InvalidOperationException">It holds more than <see cref="PayloadBytesMax"/> bytes.</exception>
    public void EndNested(int at) => PatchLength(at);

    /// <summary>
    /// Patches the 16-bit length of a record that began at <paramref name="at"/>: attribute or <c>struct
    /// rtnexthop</c>.
    /// </summary>
    public void PatchLength(int at)
    {
        var lengthBytes = LengthBytes - at;
        if ((uint)lengthBytes > ushort.MaxValue)
        {
            throw new InvalidOperationException($"A record of {lengthBytes} bytes does not fit its 16-bit length.");
        }

        MemoryMarshal.Write(_buffer.AsSpan(at), (ushort)lengthBytes);
    }

    private Span<byte> Reserve(int bytes)
    {
        var padded = (bytes + 3) & ~3;
        var needed = LengthBytes + padded;
        if ((uint)needed > LengthBytesMax)
        {
            throw new InvalidOperationException($"A batch holds at most {LengthBytesMax} bytes.");
        }

        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(needed, Math.Min(_buffer.Length * 2, LengthBytesMax)));
        }

        var room = _buffer.AsSpan(LengthBytes, padded);
        room.Clear();
        LengthBytes = needed;
        return room[..bytes];
    }
}
