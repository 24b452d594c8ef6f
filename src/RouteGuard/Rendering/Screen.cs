using System.Globalization;

namespace RouteGuard.Rendering;

/// <summary>What the answer is printed on.</summary>
/// <param name="Width">Columns; no line is wrapped or cut where it is not a terminal.</param>
/// <param name="IsTerminal">A person looks at it.</param>
/// <param name="HasColor">It is a terminal, and nobody said NO_COLOR (no-color.org) or TERM=dumb.</param>
internal sealed record Screen(int Width, bool IsTerminal, bool HasColor)
{
    private const int WidthUsual = 80;
    private const int WidthMin = 40;
    private const int HeightUsual = 24;

    // POSIX: the first of these that is not empty decides.
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    public static Screen Plain { get; } = new(int.MaxValue, IsTerminal: false, HasColor: false);

    /// <summary>Lines; what moves shows no more than these.</summary>
    public int Height { get; init; } = HeightUsual;

    /// <summary>It can be written over: a terminal, and not TERM=dumb.</summary>
    public bool MovesCursor { get; init; } = HasColor;

    /// <summary>The locale is one of UTF-8; else only ASCII is shown.</summary>
    public bool IsUnicode { get; init; } = true;

    /// <summary>Reads a line from the person in front of it; null when there is none.</summary>
    public Func<string?> Ask { get; init; } = () => null;

    public static Screen OfOutput() => Of(Console.IsOutputRedirected);

    public static Screen OfError() => Of(Console.IsErrorRedirected);

    /// <summary>What the environment says of a terminal.</summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="width">Columns as the terminal itself says; 0 when it does not.</param>
    /// <param name="height">Lines, likewise.</param>
    public static Screen OfTerminal(Func<string, string?> variable, int width, int height)
    {
        var isDumb = variable("TERM") is null or "" or "dumb";
        var hasNoColor = variable("NO_COLOR") is { Length: > 0 };
        var columns = Number(variable("COLUMNS")) is > 0 and var said ? said : width;
        return new(Math.Max(WidthMin, columns > 0 ? columns : WidthUsual), IsTerminal: true, !isDumb && !hasNoColor)
        {
            Height = height > 0 ? height : HeightUsual,
            MovesCursor = !isDumb,
            IsUnicode = IsUtf8(variable),
        };
    }

    private static bool IsUtf8(Func<string, string?> variable) =>
        LocaleVariables
            .Select(variable)
            .FirstOrDefault(said => said is not (null or ""))
            ?.Replace("-", "", StringComparison.Ordinal)
            .Contains("UTF8", StringComparison.OrdinalIgnoreCase) == true;

    private static Screen Of(bool isRedirected)
    {
        if (isRedirected)
        {
            return Plain with { IsUnicode = IsUtf8(Environment.GetEnvironmentVariable) };
        }

        var (width, height) = SizeNow();
        return OfTerminal(Environment.GetEnvironmentVariable, width, height) with
        {
            Ask = () => Console.IsInputRedirected ? null : Console.ReadLine(),
        };
    }

    private static (int Width, int Height) SizeNow()
    {
        try
        {
            return (Console.WindowWidth, Console.WindowHeight);
        }
        catch (IOException)
        {
            return (0, 0);
        }
    }

    private static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
