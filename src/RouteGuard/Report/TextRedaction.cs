using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Recording;

namespace RouteGuard.Report;

/// <summary>Takes addresses and a person's own names out of a text.</summary>
/// <remarks>
/// The same address gets the same pseudonym as in a table and in recorded bytes. Found are IPv4 and IPv6 in any
/// spelling, with a length, a port or brackets around them; layer 2 addresses; what stands behind <c>raw</c>; folders
/// below /home and /Users; and the names that were given. Names of interfaces and of programs stay.
/// </remarks>
internal sealed class TextRedaction(Pseudonyms pseudonyms, IRawRedaction raw)
{
    /// <summary>Names that get a number of their own; later ones share one.</summary>
    private const int NamesMax = 10_000;

    private const int QuadParts = 4;
    private const int MacPairsMin = 6;

    private static readonly SearchValues<char> PathEnds = SearchValues.Create(" \t\"'(),;<>");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly string[] Homes = ["/home/", "/Users/"];

    private readonly Dictionary<(string Kind, string Name), string> _names = [];
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _quoted = new(StringComparer.Ordinal);

    /// <summary>A name that is replaced wherever it stands as a word.</summary>
    public void Hide(string word, string other)
    {
        if (word.Length > 0)
        {
            _words[word] = other;
        }
    }

    /// <summary>What a user calls a session. It may be any word, so elsewhere it is replaced only in quotes.</summary>
    public string OfLabel(string label)
    {
        if (label.Length == 0)
        {
            return label;
        }

        var other = Name("label", label);
        _quoted[$"'{label}'"] = $"'{other}'";
        return other;
    }

    public string Of(string text)
    {
        foreach (var (quoted, other) in _quoted)
        {
            text = text.Replace(quoted, other, StringComparison.Ordinal);
        }

        text = Homes.Aggregate(text, OfPaths);
        foreach (var (word, other) in _words)
        {
            text = OfWord(text, word, other);
        }

        return OfAddresses(text);
    }

    private string Name(string kind, string name)
    {
        if (!_names.TryGetValue((kind, name), out var other))
        {
            var count = Math.Min(_names.Keys.Count(known => known.Kind == kind) + 1, NamesMax);
            other = string.Create(CultureInfo.InvariantCulture, $"{kind}-{count}");
            if (_names.Count < NamesMax)
            {
                _names[(kind, name)] = other;
            }
        }

        return other;
    }

    // The user's name, and whatever the user calls the folders and files below.
    private string OfPaths(string text, string home)
    {
        var made = new StringBuilder();
        var rest = text.AsSpan();
        while (rest.IndexOf(home, StringComparison.Ordinal) is var at and >= 0)
        {
            made.Append(rest[..(at + home.Length)]);
            rest = rest[(at + home.Length)..];
            var end = rest.IndexOfAny(PathEnds);
            var path = (end < 0 ? rest : rest[..end]).TrimEnd(".:").ToString();
            var parts = path.Split('/')
                .Select((part, depth) => part.Length == 0 ? part : Name(depth == 0 ? "user" : "file", part));
            made.Append(string.Join('/', parts));
            rest = rest[path.Length..];
        }

        return made.Append(rest).ToString();
    }

    private static string OfWord(string text, string word, string other)
    {
        var made = new StringBuilder();
        var from = 0;
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; )
        {
            var end = at + word.Length;
            var isWord = (at == 0 || !IsOfWord(text[at - 1])) && (end == text.Length || !IsOfWord(text[end]));
            made.Append(text, from, at - from).Append(isWord ? other : word);
            from = end;
            at = text.IndexOf(word, end, StringComparison.Ordinal);
        }

        return made.Append(text, from, text.Length - from).ToString();
    }

    private static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-';

    private static bool IsOfAddress(char letter) => char.IsAsciiHexDigit(letter) || letter is ':' or '.';

    private string OfAddresses(string text)
    {
        var made = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            if (IsRaw(text, at))
            {
                at = AppendRaw(made, text, at);
            }
            else if (IsOfAddress(text[at]))
            {
                at = AppendRun(made, text, at);
            }
            else
            {
                made.Append(text[at++]);
            }
        }

        return made.ToString();
    }

    private static bool IsRaw(string text, int at) =>
        text.AsSpan(at).StartsWith("raw ", StringComparison.Ordinal) && (at == 0 || text[at - 1] == ' ');

    private int AppendRaw(StringBuilder made, string text, int at)
    {
        const int WordLength = 4;
        var hex = text.AsSpan(at + WordLength);
        var length = hex.IndexOfAnyExcept(HexDigits);
        hex = length < 0 ? hex : hex[..length];
        made.Append(text, at, WordLength);
        if (hex.Length % 2 == 0)
        {
            var bytes = RawAttributes.Of(Convert.FromHexString(hex));
            var isRule = text.AsSpan(0, at).Contains("rule ", StringComparison.Ordinal);
            made.Append(isRule ? raw.OfRule(bytes) : raw.OfRoute(bytes));
        }
        else
        {
            made.Append('0', hex.Length);
        }

        return at + WordLength + hex.Length;
    }

    // A run of letters that addresses are made of, and what it is beside.
    private int AppendRun(StringBuilder made, string text, int from)
    {
        var end = from;
        while (end < text.Length && IsOfAddress(text[end]))
        {
            end++;
        }

        var run = text.AsSpan(from, end - from);
        var isFree = (from == 0 || !IsOfWord(text[from - 1])) && (end == text.Length || !IsOfWord(text[end]));
        var closing = run.Length - TrimEnd(run).Length;
        var body = run[..^closing];
        if (isFree && body.Contains(':') && TryWhole(body, out var whole))
        {
            return Append(made, whole, body, text, end - closing);
        }

        // Parts between colons: an address and its port, or a word and an address.
        var at = from;
        foreach (var range in run.Split(':'))
        {
            var part = run[range];
            var start = part.IndexOfAnyInRange('0', '9');
            var quad = start < 0 ? part : part[start..].TrimEnd('.');
            made.Append(text, at, from + range.Start.GetOffset(run.Length) - at);
            at = from + range.End.GetOffset(run.Length);
            if (start < 0 || !TryQuad(quad, out var address))
            {
                made.Append(part);
                continue;
            }

            made.Append(part[..start]);
            var quadEnd = from + range.Start.GetOffset(run.Length) + start + quad.Length;
            at = Append(made, address, quad, text, quadEnd);
            if (at > end)
            {
                return at;
            }
        }

        made.Append(text, at, end - at);
        return end;
    }

    private static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> run)
    {
        var body = run.TrimEnd('.');
        return body.EndsWith("::") || !body.EndsWith(":") ? body : body[..^1];
    }

    // Null for a layer 2 address, which is replaced as text.
    private static bool TryWhole(ReadOnlySpan<char> body, out IpAddress? address)
    {
        address = null;
        var colons = body.Count(':');
        var isMac =
            colons + 1 >= MacPairsMin
            && body.Length == (3 * (colons + 1)) - 1
            && colons != 7
            && !body.Contains('.')
            && !body.Contains("::", StringComparison.Ordinal);
        if (isMac)
        {
            return true;
        }

        if (colons < 2 || !IPAddress.TryParse(body, out var parsed))
        {
            return false;
        }

        IpAddress.TryFromBytes(parsed.GetAddressBytes(), out var made);
        address = made;
        return true;
    }

    private static bool TryQuad(ReadOnlySpan<char> quad, out IpAddress? address)
    {
        address = null;
        uint bits = 0;
        var parts = 0;
        foreach (var range in quad.Split('.'))
        {
            if (
                ++parts > QuadParts
                || !byte.TryParse(quad[range], NumberStyles.None, CultureInfo.InvariantCulture, out var part)
            )
            {
                return false;
            }

            bits = (bits << 8) | part;
        }

        address = IpAddress.V4(bits);
        return parts == QuadParts;
    }

    // With the length that follows it, if one does: then its first bits alone count.
    private int Append(StringBuilder made, IpAddress? address, ReadOnlySpan<char> body, string text, int end)
    {
        if (address is not { } known)
        {
            made.Append(pseudonyms.OfLayer2(body.ToString()));
            return end;
        }

        var digits = end < text.Length && text[end] == '/' ? DigitsAt(text, end + 1) : 0;
        if (
            digits > 0
            && byte.TryParse(text.AsSpan(end + 1, digits), CultureInfo.InvariantCulture, out var length)
            && Prefix.TryCreate(known, length, out var prefix)
        )
        {
            made.Append(pseudonyms.Of(prefix));
            return end + 1 + digits;
        }

        made.Append(pseudonyms.Of(known));
        return end;
    }

    private static int DigitsAt(string text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - at;
    }
}
