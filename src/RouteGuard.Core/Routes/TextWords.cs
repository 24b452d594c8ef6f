using System.Buffers;
using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>Reads one line word by word. Never throws; a word that is missing is empty.</summary>
internal ref struct TextWords(ReadOnlySpan<char> line)
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private static readonly NumberNames TosNames = new(
        (0x00, "default"),
        (0x28, "AF11"),
        (0x30, "AF12"),
        (0x38, "AF13"),
        (0x48, "AF21"),
        (0x50, "AF22"),
        (0x58, "AF23"),
        (0x68, "AF31"),
        (0x70, "AF32"),
        (0x78, "AF33"),
        (0x88, "AF41"),
        (0x90, "AF42"),
        (0x98, "AF43"),
        (0x20, "CS1"),
        (0x40, "CS2"),
        (0x60, "CS3"),
        (0x80, "CS4"),
        (0xA0, "CS5"),
        (0xC0, "CS6"),
        (0xE0, "CS7"),
        (0xB8, "EF")
    );

    private ReadOnlySpan<char> _rest = line.Trim(" \t\r\n");

    public readonly bool IsEnd => _rest.IsEmpty;

    public ReadOnlySpan<char> Next()
    {
        var end = _rest.IndexOfAny(' ', '\t');
        end = end < 0 ? _rest.Length : end;
        var next = end;
        while (next < _rest.Length && _rest[next] is ' ' or '\t')
        {
            next++;
        }

        var word = _rest[..end];
        _rest = _rest[next..];
        return word;
    }

    /// <summary>Takes the next word when it is this one.</summary>
    public bool Take(ReadOnlySpan<char> word)
    {
        var ahead = this;
        if (!ahead.Next().SequenceEqual(word))
        {
            return false;
        }

        this = ahead;
        return true;
    }

    public bool TryNumber(out uint number) =>
        uint.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Decimal, or hexadecimal after 0x.</summary>
    public bool TryNumberOrHex(out uint number) => TryNumberOrHex(Next(), out number);

    public static bool TryNumberOrHex(ReadOnlySpan<char> word, out uint number) =>
        word.StartsWith("0x", StringComparison.Ordinal)
            ? uint.TryParse(word[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Hexadecimal with or without 0x, as for ip(8), or a name of iproute2's rt_dsfield.</summary>
    public bool TryTos(out byte tos)
    {
        var word = Next();
        if (TosNames.TryParseName(word, out var named))
        {
            tos = (byte)named;
            return true;
        }

        word = word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : word;
        return byte.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out tos);
    }

    /// <summary>Lower-case hex digits in pairs, at least one pair.</summary>
    public bool TryRaw(out RawAttributes raw)
    {
        var hex = Next();
        var isHex = !hex.IsEmpty && hex.Length % 2 == 0 && !hex.ContainsAnyExcept(HexDigits);
        raw = isHex ? RawAttributes.Of(Convert.FromHexString(hex)) : RawAttributes.None;
        return isHex;
    }
}
