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

    public static Screen Plain { get; } = new(int.MaxValue, IsTerminal: false, HasColor: false);

    /// <summary>Reads a line from the person in front of it; null when there is none.</summary>
    public Func<string?> Ask { get; init; } = () => null;

    public static Screen OfThisProcess()
    {
        if (Console.IsOutputRedirected)
        {
            return Plain;
        }

        var isDumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        var hasNoColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        return new(Math.Max(WidthMin, WidthOf()), IsTerminal: true, !isDumb && !hasNoColor)
        {
            Ask = () => Console.IsInputRedirected ? null : Console.ReadLine(),
        };
    }

    private static int WidthOf()
    {
        if (
            int.TryParse(
                Environment.GetEnvironmentVariable("COLUMNS"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var said
            )
        )
        {
            return said;
        }

        try
        {
            return Console.WindowWidth is > 0 and var width ? width : WidthUsual;
        }
        catch (IOException)
        {
            return WidthUsual;
        }
    }
}
