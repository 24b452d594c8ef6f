using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace RouteGuard.Core.Routes;

/// <summary>The two families whose tables are guarded.</summary>
public enum IpFamily : byte
{
    V4 = 4,
    V6 = 6,
}

/// <summary>An IPv4 or IPv6 address without a zone; the interface of a route stands beside it.</summary>
/// <remarks>
/// An IPv4 address lives in the low 32 bits of <see cref="Low"/>. Text has one spelling (RFC 5952 for IPv6, four
/// decimal numbers for IPv4): what is read is exactly what is printed, so octal, short and mapped spellings are
/// refused.
/// </remarks>
public readonly record struct IpAddress(IpFamily Family, ulong High, ulong Low) : IComparable<IpAddress>
{
    /// <summary>Longest text: eight groups of four hex digits and seven colons, with room for a mapped tail.</summary>
    public const int TextLengthMax = 45;

    public static IpAddress AnyV4 => new(IpFamily.V4, 0, 0);

    public static IpAddress AnyV6 => new(IpFamily.V6, 0, 0);

    /// <summary>The address as a number: 0 to 2^32 - 1, or 0 to 2^128 - 1.</summary>
    public UInt128 Number => new(High, Low);

    /// <summary>Width in bits: 32 or 128.</summary>
    public int BitLength => Family == IpFamily.V4 ? 32 : 128;

    /// <summary>Width in bytes: 4 or 16.</summary>
    public int ByteLength => Family == IpFamily.V4 ? 4 : 16;

    public bool IsUnspecified => (High | Low) == 0;

    /// <summary>fe80::/10 (RFC 4291 §2.5.6): means nothing without an interface.</summary>
    public bool IsLinkLocal => Family == IpFamily.V6 && High >> 54 == 0xfe80 >> 6;

    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => Family == IpFamily.V4 ? Low >> 28 == 0xe : High >> 56 == 0xff;

    public static IpAddress V4(uint bits) => new(IpFamily.V4, 0, bits);

    /// <summary>The address that has this <see cref="Number"/>; of an IPv4 number only the low 32 bits count.</summary>
    public static IpAddress FromNumber(IpFamily family, UInt128 number) =>
        family == IpFamily.V4 ? V4((uint)(ulong)number) : new(IpFamily.V6, (ulong)(number >> 64), (ulong)number);

    /// <summary>Reads 4 or 16 bytes in network order.</summary>
    /// <returns>False when the length is neither 4 nor 16.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out IpAddress address)
    {
        switch (bytes.Length)
        {
            case 4:
                address = V4(BinaryPrimitives.ReadUInt32BigEndian(bytes));
                return true;
            case 16:
                address = new(
                    IpFamily.V6,
                    BinaryPrimitives.ReadUInt64BigEndian(bytes),
                    BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])
                );
                return true;
            default:
                address = default;
                return false;
        }
    }

    /// <summary>Writes the address in network order.</summary>
    /// <returns>Bytes written: 4 or 16. The span must have room for them.</returns>
    public int WriteBytes(Span<byte> into)
    {
        if (Family == IpFamily.V4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(into, (uint)Low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(into, High);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], Low);
        return 16;
    }

    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address.");

    /// <summary>Reads the one canonical spelling.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        if (text.IsEmpty || text.Length > TextLengthMax)
        {
            return false;
        }

        return text.Contains(':') ? TryParseV6(text, out address) : TryParseV4(text, out address);
    }

    private static bool TryParseV4(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        uint bits = 0;
        for (var part = 0; part < 4; part++)
        {
            var end = part < 3 ? text.IndexOf('.') : text.Length;
            if (end is < 1 or > 3 || (end > 1 && text[0] == '0'))
            {
                return false;
            }

            uint value = 0;
            foreach (var digit in text[..end])
            {
                if (!char.IsAsciiDigit(digit))
                {
                    return false;
                }

                value = (value * 10) + (uint)(digit - '0');
            }

            if (value > 255)
            {
                return false;
            }

            bits = (bits << 8) | value;
            text = part < 3 ? text[(end + 1)..] : [];
        }

        address = V4(bits);
        return true;
    }

    private static bool TryParseV6(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        if (text.ContainsAny('%', '[', '/') || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (!parsed.TryWriteBytes(bytes, out var length) || length != 16 || !TryFromBytes(bytes, out address))
        {
            return false;
        }

        // One spelling: anything that would print differently is refused.
        Span<char> canonical = stackalloc char[TextLengthMax];
        return address.TryFormat(canonical, out var written) && text.SequenceEqual(canonical[..written]);
    }

    /// <summary>Prints into a buffer; <see cref="TextLengthMax"/> characters always suffice.</summary>
    public bool TryFormat(Span<char> into, out int written)
    {
        if (Family == IpFamily.V4)
        {
            return TryFormatV4(into, out written);
        }

        Span<byte> bytes = stackalloc byte[16];
        WriteBytes(bytes);
        return new IPAddress(bytes).TryFormat(into, out written);
    }

    private bool TryFormatV4(Span<char> into, out int written)
    {
        Span<char> text = stackalloc char[15];
        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
        {
            var part = (byte)(Low >> shift);
            if (part >= 100)
            {
                text[length++] = (char)('0' + (part / 100));
            }

            if (part >= 10)
            {
                text[length++] = (char)('0' + (part / 10 % 10));
            }

            text[length++] = (char)('0' + (part % 10));
            if (shift > 0)
            {
                text[length++] = '.';
            }
        }

        var fits = text[..length].TryCopyTo(into);
        written = fits ? length : 0;
        return fits;
    }

    /// <summary>The address with all bits after the first <paramref name="length"/> cleared.</summary>
    public IpAddress Masked(int length)
    {
        if (Family == IpFamily.V4)
        {
            return V4(length == 0 ? 0 : (uint)Low & (uint.MaxValue << (32 - length)));
        }

        var high =
            length >= 64 ? High
            : length == 0 ? 0
            : High & (ulong.MaxValue << (64 - length));
        var low = length <= 64 ? 0 : Low & (ulong.MaxValue << (128 - length));
        return new(IpFamily.V6, high, low);
    }

    public int CompareTo(IpAddress other)
    {
        var byFamily = ((byte)Family).CompareTo((byte)other.Family);
        if (byFamily != 0)
        {
            return byFamily;
        }

        var byHigh = High.CompareTo(other.High);
        return byHigh != 0 ? byHigh : Low.CompareTo(other.Low);
    }

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;

    [SuppressMessage(
        "Design",
        "MA0081",
        Justification = "A record struct prints its parts by default; this is the text."
    )]
    public override string ToString()
    {
        Span<char> text = stackalloc char[TextLengthMax];
        return TryFormat(text, out var written) ? new string(text[..written]) : string.Empty;
    }
}
