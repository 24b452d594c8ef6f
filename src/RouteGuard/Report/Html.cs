using System.Globalization;
using System.Net;
using System.Text;
using RouteGuard.Rendering;

namespace RouteGuard.Report;

/// <summary>Text for a page: whatever it holds, it is text.</summary>
internal static class Html
{
    /// <summary>A longer text is cut, with three dots at its end.</summary>
    public const int TextLengthMax = 240;

    /// <summary>Encodes; what controls a terminal or turns a line around is made visible.</summary>
    public static string Text(string text) =>
        WebUtility.HtmlEncode(
            Paint.Foreign(text.Length <= TextLengthMax ? text : $"{text.AsSpan(0, TextLengthMax)}...")
        );

    /// <summary>The time of day in UTC, with milliseconds.</summary>
    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string DayAndTime(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>How long something lasted, in the unit that a person would take.</summary>
    public static string Length(TimeSpan span) =>
        span switch
        {
            { TotalMilliseconds: < 1000 } => string.Create(
                CultureInfo.InvariantCulture,
                $"{span.TotalMilliseconds:0.#} ms"
            ),
            { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.##} s"),
            { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} min"),
            { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days"),
        };

    public static string Count(int count, string one, string? many = null) =>
        count == 1 ? $"1 {one}" : string.Create(CultureInfo.InvariantCulture, $"{count} {many ?? $"{one}s"}");

    /// <summary>A table with a caption that says what it is. Cells are HTML.</summary>
    public static string Table(string caption, string[] heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new StringBuilder();
        table.Append(
            CultureInfo.InvariantCulture,
            $"<div class=\"scroll\"><table><caption>{Text(caption)}</caption><thead><tr>"
        );
        table.AppendJoin(string.Empty, heads.Select(head => $"<th scope=\"col\">{Text(head)}</th>"));
        table.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            // On a narrow page each cell stands by itself, under its head.
            table
                .Append("<tr>")
                .AppendJoin(string.Empty, row.Select((cell, at) => $"<td data-head=\"{Text(heads[at])}\">{cell}</td>"))
                .Append("</tr>\n");
        }

        return table.Append("</tbody></table></div>").ToString();
    }
}
