using System.Buffers;
using System.Globalization;
using System.Text;
using Spectre.Console;

namespace RouteGuard.Rendering;

/// <summary>Words with a colour, and the one rule for what may reach a terminal.</summary>
/// <remarks>
/// Everything that is shown is made here, as a <see cref="Phrase"/>, and is never read as markup: a square bracket is a
/// square bracket. What controls a terminal is made visible when a phrase is made, so that it is counted as it is seen,
/// and once more by <see cref="Sheet"/>, so that nothing else can get past.
/// </remarks>
internal static class Paint
{
    private static readonly SearchValues<char> Printable = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    );

    private static readonly Style BoldStyle = new(decoration: Decoration.Bold);
    private static readonly Style DimStyle = new(decoration: Decoration.Dim);
    private static readonly Style RedStyle = new(Color.Maroon);
    private static readonly Style GreenStyle = new(Color.Green);
    private static readonly Style YellowStyle = new(Color.Olive);
    private static readonly Style CyanStyle = new(Color.Teal);

    /// <summary>Without a colour.</summary>
    public static Phrase Say(string text) => new(text, Style.Plain);

    public static Phrase Bold(string text) => new(text, BoldStyle);

    public static Phrase Dim(string text) => new(text, DimStyle);

    public static Phrase Red(string text) => new(text, RedStyle);

    public static Phrase Green(string text) => new(text, GreenStyle);

    public static Phrase Yellow(string text) => new(text, YellowStyle);

    public static Phrase Cyan(string text) => new(text, CyanStyle);

    /// <summary>Text that came from outside, as one line: a program may call itself what it likes.</summary>
    public static string Foreign(string text) => Visible(text, keepsLines: false, isAscii: false);

    /// <summary>The same for a screen that knows no letters but those of ASCII.</summary>
    public static string Ascii(string text) => Visible(text, keepsLines: false, isAscii: true);

    /// <summary>Text with everything visible that a terminal would obey.</summary>
    /// <param name="text">Any text, ill-formed UTF-16 included.</param>
    /// <param name="keepsLines">A line feed ends a line and is no danger here.</param>
    /// <param name="isAscii">Only ASCII can be shown.</param>
    public static string Visible(string text, bool keepsLines, bool isAscii)
    {
        if (!text.AsSpan().ContainsAnyExcept(Printable))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; )
        {
            var isLetter = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) == OperationStatus.Done;
            if ((isLetter && IsHarmless(rune) && (rune.IsAscii || !isAscii)) || (keepsLines && text[at] == '\n'))
            {
                shown.Append(text.AsSpan(at, length));
            }
            else
            {
                shown.Append(Named(isLetter ? rune.Value : text[at]));
            }

            at += length;
        }

        return shown.ToString();
    }

    // Cc and Cf: escape sequences, and the marks that turn the direction of a line around. How a private letter looks
    // nobody knows.
    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
            );

    private static string Named(int letter) =>
        letter switch
        {
            '…' => "...",
            < 0x100 => string.Create(CultureInfo.InvariantCulture, $"\\x{letter:x2}"),
            <= char.MaxValue => string.Create(CultureInfo.InvariantCulture, $"\\u{letter:x4}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"\\U{letter:x8}"),
        };
}
