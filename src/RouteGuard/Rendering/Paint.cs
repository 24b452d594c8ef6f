using System.Globalization;
using System.Text;

namespace RouteGuard.Rendering;

/// <summary>Colour as marks inside the text, which become escape sequences, or nothing, only when it is
/// printed.</summary>
/// <remarks>
/// So text can be measured, aligned and tested without them, and what came from outside can never be one: whatever
/// controls a terminal is made visible at the same place.
/// </remarks>
internal static class Paint
{
    // Private use area (U+E000 to U+F8FF): nothing that a kernel or a program prints.
    private const char First = '\uE0F0';
    private const char Last = '\uE0F6';
    private const char Off = First;

    private static readonly string[] Codes = ["0", "1", "2", "31", "32", "33", "36"];

    public static string Bold(string text) => Mark(1, text);

    public static string Dim(string text) => Mark(2, text);

    public static string Red(string text) => Mark(3, text);

    public static string Green(string text) => Mark(4, text);

    public static string Yellow(string text) => Mark(5, text);

    public static string Cyan(string text) => Mark(6, text);

    /// <summary>How many columns it takes, one a character.</summary>
    public static int WidthOf(string text) => text.Count(letter => !IsMark(letter));

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - WidthOf(text)));

    /// <summary>Text that came from outside, as one line: a program may call itself what it likes.</summary>
    public static string Foreign(string text) => Escape(text, keepsLines: false, keepsMarks: false);

    /// <summary>The text as a terminal, or a file, is to get it.</summary>
    public static string Finish(string text, bool hasColor)
    {
        var safe = Escape(text, keepsLines: true, keepsMarks: true);
        var finished = new StringBuilder(safe.Length);
        foreach (var letter in safe)
        {
            if (!IsMark(letter))
            {
                finished.Append(letter);
            }
            else if (hasColor)
            {
                finished.Append(CultureInfo.InvariantCulture, $"\e[{Codes[letter - First]}m");
            }
        }

        return finished.ToString();
    }

    private static string Mark(int code, string text) => $"{(char)(First + code)}{text}{Off}";

    private static bool IsMark(char letter) => letter is >= First and <= Last;

    // Cc and Cf: escape sequences, and the marks that turn the direction of a line around.
    private static string Escape(string text, bool keepsLines, bool keepsMarks)
    {
        bool IsHarmless(char letter) =>
            (keepsLines && letter == '\n')
            || (IsMark(letter) ? keepsMarks : !char.IsControl(letter))
                && char.GetUnicodeCategory(letter)
                    is not (
                        UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
                    );
        return text.All(IsHarmless)
            ? text
            : string.Concat(
                text.Select(letter =>
                    IsHarmless(letter) ? letter.ToString()
                    : letter < 0x100 ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}")
                    : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}")
                )
            );
    }
}
