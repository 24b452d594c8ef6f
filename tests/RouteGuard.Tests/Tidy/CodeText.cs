namespace RouteGuard.Tests.Tidy;

/// <summary>Tells the code of a C# file from its comments and literals.</summary>
internal static class CodeText
{
    /// <summary>Comments and literals become blanks, whole interpolations too; every line stays where it is.</summary>
    public static string Blank(string text)
    {
        var code = text.ToCharArray();
        var at = 0;
        while (at < text.Length)
        {
            var end = EndOfQuiet(text, at);
            for (var inside = at; inside < end; inside++)
            {
                code[inside] = text[inside] == '\n' ? '\n' : ' ';
            }

            at = Math.Max(end, at + 1);
        }

        return new(code);
    }

    // Where the comment or literal that starts here ends; the same place when none starts here.
    private static int EndOfQuiet(string text, int at)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith("//"))
        {
            return EndAfter(text, at, "\n") - 1;
        }

        if (rest.StartsWith("/*"))
        {
            return EndAfter(text, at + 2, "*/");
        }

        if (rest[0] == '\'')
        {
            return EndOfPlain(text, at + 1, '\'');
        }

        var dollars = CountOf(text, at, '$');
        var quotesAt = at + dollars;
        var isVerbatim = quotesAt < text.Length && text[quotesAt] == '@';
        quotesAt += isVerbatim ? 1 : 0;
        var quotes = CountOf(text, quotesAt, '"');
        return quotes == 0 ? at
            : quotes >= 3 && !isVerbatim ? EndAfter(text, quotesAt + quotes, new string('"', quotes))
            : dollars > 0 ? EndOfInterpolated(text, quotesAt + 1, isVerbatim)
            : quotes == 2 && !isVerbatim ? quotesAt + 2
            : isVerbatim ? EndOfVerbatim(text, quotesAt + 1)
            : EndOfPlain(text, quotesAt + 1, '"');
    }

    private static int EndOfPlain(string text, int at, char close)
    {
        while (at < text.Length && text[at] != close && text[at] != '\n')
        {
            at += text[at] == '\\' ? 2 : 1;
        }

        return Math.Min(at + 1, text.Length);
    }

    private static int EndOfVerbatim(string text, int at)
    {
        while (at < text.Length)
        {
            var quotes = CountOf(text, at, '"');
            if (quotes % 2 == 1)
            {
                return at + quotes;
            }

            at += Math.Max(quotes, 1);
        }

        return text.Length;
    }

    private static int EndOfInterpolated(string text, int at, bool isVerbatim)
    {
        var depth = 0;
        while (at < text.Length)
        {
            if (depth > 0)
            {
                var end = EndOfQuiet(text, at);
                depth +=
                    end > at
                        ? 0
                        : text[at] switch
                        {
                            '{' => 1,
                            '}' => -1,
                            _ => 0,
                        };
                at = Math.Max(end, at + 1);
                continue;
            }

            switch (text[at])
            {
                case '{' when CountOf(text, at, '{') % 2 == 0:
                    at += 2;
                    break;
                case '{':
                    depth = 1;
                    at++;
                    break;
                case '"' when isVerbatim && CountOf(text, at, '"') >= 2:
                    at += 2;
                    break;
                case '"':
                    return at + 1;
                case '\\' when !isVerbatim:
                    at += 2;
                    break;
                default:
                    at++;
                    break;
            }
        }

        return text.Length;
    }

    private static int EndAfter(string text, int from, string what)
    {
        var found = from >= text.Length ? -1 : text.IndexOf(what, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + what.Length;
    }

    private static int CountOf(string text, int at, char letter)
    {
        var count = 0;
        while (at + count < text.Length && text[at + count] == letter)
        {
            count++;
        }

        return count;
    }
}
