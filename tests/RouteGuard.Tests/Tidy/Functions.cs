using System.Text.RegularExpressions;

namespace RouteGuard.Tests.Tidy;

/// <summary>A method, constructor or operator, from its first word to its last brace or semicolon.</summary>
public sealed record Function(string Header, int FirstLine, int Lines);

/// <summary>Finds functions by counting braces. Local functions and lambdas are part of the one around.</summary>
internal static partial class Functions
{
    private const int MatchMillisecondsMax = 5000;

    public static IEnumerable<Function> Of(SourceFile file)
    {
        var code = file.Code;
        var depth = 0;
        var typeDepth = 0;
        var start = 0;
        for (var at = 0; at < code.Length; at++)
        {
            switch (code[at])
            {
                case '(' or '[':
                    at = EndOfBrackets(code, at);
                    break;
                case '{' when depth == typeDepth && TypeHeader().IsMatch(Header(code, start, at)):
                    typeDepth = ++depth;
                    start = at + 1;
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when depth == typeDepth:
                    typeDepth = --depth;
                    start = at + 1;
                    break;
                case '}' when --depth == typeDepth && !IsContinued(code, at):
                case ';' when depth == typeDepth:
                    if (FunctionIn(code, start, at) is { } function)
                    {
                        yield return function;
                    }

                    start = at + 1;
                    break;
            }
        }
    }

    private static Function? FunctionIn(string code, int start, int end)
    {
        start = SkipAttributes(code, start, end);
        var member = code[start..(end + 1)];
        var header = HeaderEnd().Split(member, 2)[0];
        if (!header.Contains('(', StringComparison.Ordinal) || TypeHeader().IsMatch(BeforeParenthesis(header)))
        {
            return null;
        }

        var firstLine = code.AsSpan(0, start).Count('\n') + 1;
        return new(BeforeParenthesis(header).Trim(), firstLine, member.AsSpan().Count('\n') + 1);
    }

    private static string Header(string code, int start, int end) =>
        BeforeParenthesis(code[SkipAttributes(code, start, end)..end]);

    private static string BeforeParenthesis(string header) => header.Split('(', 2)[0];

    private static int SkipAttributes(string code, int start, int end)
    {
        while (start < end && (char.IsWhiteSpace(code[start]) || code[start] == '['))
        {
            start = code[start] == '[' ? EndOfBrackets(code, start) + 1 : start + 1;
        }

        return start;
    }

    // A switch expression or an initialiser goes on after its brace.
    private static bool IsContinued(string code, int brace)
    {
        var next = code.AsSpan(brace + 1).TrimStart();
        return next.Length > 0 && next[0] is ';' or ',' or '.' or ')' or '=' or '?' or '|' or '&' or '+' or '!';
    }

    private static int EndOfBrackets(string code, int at)
    {
        var depth = 0;
        for (; at < code.Length; at++)
        {
            depth += code[at] switch
            {
                '(' or '[' or '{' => 1,
                ')' or ']' or '}' => -1,
                _ => 0,
            };
            if (depth == 0)
            {
                return at;
            }
        }

        return code.Length - 1;
    }

    [GeneratedRegex(
        @"\b(class|struct|interface|enum|record|namespace)\s+[\w.]",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"\{|=>|[^=!<>]=[^=]|;", RegexOptions.ExplicitCapture, MatchMillisecondsMax)]
    private static partial Regex HeaderEnd();
}
