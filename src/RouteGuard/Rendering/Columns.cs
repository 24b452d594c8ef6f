namespace RouteGuard.Rendering;

/// <summary>Rows of words, aligned.</summary>
internal static class Columns
{
    public static string Print(IReadOnlyList<string> head, IReadOnlyList<string[]> rows)
    {
        var widths = head.Select((title, column) => Math.Max(title.Length, rows.Max(row => row[column].Length)))
            .ToArray();
        return string.Join('\n', rows.Prepend([.. head]).Select(row => Line(row, widths)));
    }

    private static string Line(string[] row, int[] widths) =>
        string.Join("  ", row.Select((word, column) => word.PadRight(widths[column]))).TrimEnd();
}
