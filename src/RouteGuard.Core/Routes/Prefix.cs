using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>A destination: an address and the number of leading bits that count (0 to 32, or 0 to 128).</summary>
/// <remarks>
/// Strict: host bits are refused, the length is always written, and there is one spelling. <c>0.0.0.0/0</c> and
/// <c>::/0</c> print as <c>default</c> only in the text form of a route, where the family is known from elsewhere.
/// </remarks>
public readonly record struct Prefix : IComparable<Prefix>
{
    private Prefix(IpAddress address, byte length)
    {
        Address = address;
        Length = length;
    }

    public static Prefix DefaultV4 => new(IpAddress.AnyV4, 0);

    public static Prefix DefaultV6 => new(IpAddress.AnyV6, 0);

    public IpAddress Address { get; }

    /// <summary>Leading bits that count.</summary>
    public byte Length { get; }

    public IpFamily Family => Address.Family;

    public bool IsDefault => Length == 0;

    public bool IsHost => Length == Address.BitLength;

    /// <summary>The number of the first address.</summary>
    public UInt128 First => Address.Number;

    /// <summary>The number of the last address, which still belongs to it.</summary>
    /// <remarks>A shift by all 128 bits would be one by none.</remarks>
    public UInt128 Last => First | (IsHost ? UInt128.Zero : LastOf(Family) >> Length);

    /// <summary>The number of the last address of a family.</summary>
    public static UInt128 LastOf(IpFamily family) => family == IpFamily.V4 ? uint.MaxValue : UInt128.MaxValue;

    public static Prefix Default(IpFamily family) => family == IpFamily.V4 ? DefaultV4 : DefaultV6;

    public static Prefix Host(IpAddress address) => new(address, (byte)address.BitLength);

    /// <summary>Makes a prefix; false when the length does not fit the family or a host bit is set.</summary>
    public static bool TryCreate(IpAddress address, int length, out Prefix prefix)
    {
        var fits = length >= 0 && length <= address.BitLength && address.Masked(length) == address;
        prefix = fits ? new(address, (byte)length) : default;
        return fits;
    }

    public static Prefix Parse(string text) =>
        TryParse(text, out var prefix)
            ? prefix
            : throw new FormatException($"'{text}' is not a prefix such as 192.0.2.0/24 (host bits must be zero).");

    /// <summary>Reads <c>ADDRESS/LENGTH</c>, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !IpAddress.TryParse(text[..slash], out var address))
        {
            return false;
        }

        var digits = text[(slash + 1)..];
        return digits.Length is > 0 and <= 3
            && (digits.Length == 1 || digits[0] != '0')
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && TryCreate(address, length, out prefix);
    }

    public bool Contains(IpAddress address) => address.Family == Family && address.Masked(Length) == Address;

    public bool Contains(Prefix other) => other.Length >= Length && Contains(other.Address);

    public int CompareTo(Prefix other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    public static bool operator <(Prefix left, Prefix right) => left.CompareTo(right) < 0;

    public static bool operator >(Prefix left, Prefix right) => left.CompareTo(right) > 0;

    public static bool operator <=(Prefix left, Prefix right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Prefix left, Prefix right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");
}
