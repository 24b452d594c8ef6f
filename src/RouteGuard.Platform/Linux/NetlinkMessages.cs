using System.Diagnostics.CodeAnalysis;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Splits a datagram into its messages. Total.</summary>
/// <remarks>
/// <c>while (messages.TryNext(out var message)) …</c>, then <see cref="Fault"/> tells whether the end was clean.
/// </remarks>
public ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    private WireReader _reader = new(datagram);

    /// <summary>Why the walk ended before the end of the datagram; none when all of it was read.</summary>
    public WireFault Fault { get; private set; }

    /// <summary>The next message; false at the end, and for ever after a fault.</summary>
    public bool TryNext(out NetlinkMessage message)
    {
        message = default;
        if (!Fault.IsNone || _reader.IsEnd)
        {
            return false;
        }

        var at = _reader.OffsetBytes;
        if (!_reader.TryRead(out NetlinkHeader header))
        {
            Fault = new("nlmsghdr", at, "is cut off");
            return false;
        }

        if (
            header.LengthBytes > int.MaxValue
            || !_reader.TryTake((int)header.LengthBytes - NetlinkWriter.MessageHeaderBytes, out var body)
        )
        {
            Fault = new("nlmsg_len", at, "is shorter than its header or longer than what was received");
            return false;
        }

        _reader.Align4();
        message = new(header, body);
        return true;
    }
}

/// <summary>One message of a datagram; its body is what follows the 16 bytes of header.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Bytes on loan are not compared.")]
public readonly ref struct NetlinkMessage(NetlinkHeader header, ReadOnlySpan<byte> body)
{
    public NetlinkHeader Header { get; } = header;

    public ReadOnlySpan<byte> Body { get; } = body;

    public ushort Type => Header.Type;

    public ushort Flags => Header.Flags;

    public uint Sequence => Header.Sequence;

    public uint PortId => Header.PortId;

    /// <summary>The table changed while it was dumped: the whole dump is to be read again.</summary>
    public bool IsDumpInterrupted => (Header.Flags & NetlinkFlags.DumpInterrupted) != 0;
}
