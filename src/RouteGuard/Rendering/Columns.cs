namespace RouteGuard.Rendering;

/// <summary>Rows of words, aligned; the last column is wrapped where the screen ends.</summary>
internal static class Columns
{
    private const int Gap = 2;

    /// <summary>A last column narrower than this is not wrapped: it would be unreadable.</summary>
    private const int LastMin = 20;

    public static string Print(IReadOnlyList<string> head, IReadOnlyList<string[]> rows, int width = int.MaxValue)
    {
        var widths = head.Select(
                (title, column) =>
                    Math.Max(title.Length, rows.Select(row => Paint.WidthOf(row[column])).DefaultIfEmpty().Max())
            )
            .ToArray();
        var before = widths.SkipLast(1).Sum(one => one + Gap);
        return string.Join(
            '\n',
            rows.Select(row => Line(row, widths, before, width))
                .Prepend(Paint.Dim(Line([.. head], widths, before, width)))
        );
    }

    /// <summary>Breaks a line between words; what follows is indented.</summary>
    public static string Wrap(string text, int indent, int width)
    {
        if (width - indent < LastMin || indent + Paint.WidthOf(text) <= width)
        {
            return text;
        }

        List<string> lines = [string.Empty];
        foreach (var word in text.Split(' '))
        {
            var longer = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            if (lines[^1].Length > 0 && indent + Paint.WidthOf(longer) > width)
            {
                lines.Add($"  {word}");
            }
            else
            {
                lines[^1] = longer;
            }
        }

        return string.Join($"\n{new string(' ', indent)}", lines);
    }

    private static string Line(string[] row, int[] widths, int before, int width) =>
        (
            string.Concat(row.SkipLast(1).Select((word, column) => Paint.PadRight(word, widths[column] + Gap)))
            + Wrap(row[^1], before, width)
        ).TrimEnd();
}
