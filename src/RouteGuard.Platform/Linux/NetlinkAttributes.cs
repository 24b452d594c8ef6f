using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Walks over attributes (<c>struct rtattr</c>). Total.</summary>
/// <param name="bytes">The attributes, each padded to 4 bytes; the last one's padding may be missing.</param>
/// <param name="offsetBytes">Where they begin in the message, for faults.</param>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes, int offsetBytes)
{
    private readonly int _offsetBytes = offsetBytes;
    private WireReader _reader = new(bytes);

    /// <summary>Why the walk ended before the end; none when all was read.</summary>
    public WireFault Fault { get; private set; }

    /// <summary>The next attribute; false at the end, and for ever after a fault.</summary>
    public bool TryNext(out NetlinkAttribute attribute)
    {
        attribute = default;
        if (_reader.IsEnd || !Fault.IsNone)
        {
            return false;
        }

        var at = _reader.OffsetBytes;
        var whole = _reader;
        if (
            !_reader.TryRead(out AttributeHeader header)
            || !_reader.TrySkip(header.LengthBytes - NetlinkWriter.AttributeHeaderBytes)
            || !whole.TryTake(header.LengthBytes, out var bytes)
        )
        {
            Fault = new("rta_len", _offsetBytes + at, "is shorter than its header or longer than what is left");
            return false;
        }

        _reader.Align4();
        attribute = new(header.Type, bytes, _offsetBytes + at);
        return true;
    }
}

/// <summary>One attribute.</summary>
/// <param name="type">rta_type with its two flags.</param>
/// <param name="whole">Header and payload, without padding.</param>
/// <param name="offsetBytes">Where it begins in the message.</param>
internal readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> whole, int offsetBytes)
{
    /// <summary>rta_type without its two flags.</summary>
    internal const ushort TypeMask = 0x3fff;

    /// <summary>The number, without NLA_F_NESTED and NLA_F_NET_BYTEORDER.</summary>
    public ushort Type { get; } = (ushort)(type & TypeMask);

    /// <summary>The number with its two flags.</summary>
    public ushort RawType { get; } = type;

    public ReadOnlySpan<byte> Whole { get; } = whole;

    public int OffsetBytes { get; } = offsetBytes;

    public ReadOnlySpan<byte> Payload => Whole[NetlinkWriter.AttributeHeaderBytes..];

    public bool IsAbsent => Whole.IsEmpty;

    /// <summary>The attributes inside.</summary>
    public NetlinkAttributes Nested => new(Payload, OffsetBytes + NetlinkWriter.AttributeHeaderBytes);

    /// <summary>A number or structure of exactly this size.</summary>
    public bool TryRead<T>(string field, out T value, out WireFault fault)
        where T : unmanaged
    {
        fault = default;
        if (Payload.Length == Unsafe.SizeOf<T>())
        {
            value = MemoryMarshal.Read<T>(Payload);
            return true;
        }

        value = default;
        fault = new(field, OffsetBytes, "has another size than its type");
        return false;
    }

    /// <summary>An address of this family.</summary>
    public bool TryReadAddress(string field, IpFamily family, out IpAddress address, out WireFault fault)
    {
        fault = default;
        if (IpAddress.TryFromBytes(Payload, out address) && address.Family == family)
        {
            return true;
        }

        fault = new(field, OffsetBytes, "is no address of the message's family");
        return false;
    }

    /// <summary>Text up to its closing zero; bytes that are no UTF-8 are replaced.</summary>
    public string Text()
    {
        var end = Payload.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Payload : Payload[..end]);
    }

    /// <summary>One word that reads back as the same bytes: UTF-8 without blanks and control characters.</summary>
    public bool TryReadName([NotNullWhen(true)] out string? name)
    {
        var text = Text();
        var isName =
            text.Length > 0
            && !text.AsSpan().ContainsAnyInRange('\0', ' ')
            && !text.Contains('\ufffd', StringComparison.Ordinal);
        name = isName ? text : null;
        return isName;
    }
}
