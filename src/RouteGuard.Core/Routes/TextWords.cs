using System.Buffers;
using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>Reads one line word by word. Never throws; a word that is missing is empty.</summary>
internal ref struct TextWords(ReadOnlySpan<char> line)
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

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

    /// <summary>Lower-case hex digits in pairs, at least one pair.</summary>
    public bool TryRaw(out RawAttributes raw)
    {
        var hex = Next();
        var isHex = !hex.IsEmpty && hex.Length % 2 == 0 && !hex.ContainsAnyExcept(HexDigits);
        raw = isHex ? RawAttributes.Of(Convert.FromHexString(hex)) : RawAttributes.None;
        return isHex;
    }
}
