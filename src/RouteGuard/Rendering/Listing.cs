using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>One record of a list.</summary>
/// <param name="Cells">As many as the list has columns.</param>
internal sealed record Row(params IReadOnlyList<Phrase> Cells)
{
    /// <summary>What belongs to the last column: lines under it on a terminal, more words of the same line
    /// elsewhere.</summary>
    public IReadOnlyList<Phrase> Below { get; init; } = [];

    /// <summary>Another line of the record before: its first columns are that one's.</summary>
    public bool IsMore { get; init; }
}

/// <summary>Records in columns: the one way in which lists, facts and steps are shown.</summary>
/// <remarks>
/// On a terminal a table whose last column is wrapped, or, where that column would be too narrow to read, a block a
/// record. Elsewhere a line a record, so that <c>grep</c> and <c>awk</c> find what they look for.
/// </remarks>
/// <param name="head">The columns' names; null for none.</param>
/// <param name="rows">In order.</param>
internal sealed class Listing(IReadOnlyList<string>? head, IReadOnlyList<Row> rows) : Renderable
{
    private const int Gap = 2;

    /// <summary>A last column narrower than this breaks every route in three.</summary>
    private const int LastMin = 24;

    /// <summary>Nobody reads a longer list on a terminal, and to lay out a table takes longer than to print
    /// it.</summary>
    private const int TableRowsMax = 2000;

    private readonly int _last = (head?.Count ?? rows.Select(row => row.Cells.Count).FirstOrDefault(1)) - 1;

    /// <summary>A terminal shows no more records than these, and counts the rest: the end of what is said has to be
    /// seen together with its beginning.</summary>
    public int OnTerminalMax { get; init; } = int.MaxValue;

    protected override Measurement Measure(RenderOptions options, int maxWidth) =>
        IsTable(options) ? Shape(options, maxWidth).Measure(options, maxWidth) : new(0, maxWidth);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        rows.Count == 0 && head is null ? []
        : IsTable(options) ? Shape(options, maxWidth).Render(options, maxWidth)
        : Lines(options);

    private bool IsTable(RenderOptions options) =>
        options.Capabilities.Interactive && Math.Min(rows.Count, OnTerminalMax) <= TableRowsMax;

    private IRenderable Shape(RenderOptions options, int maxWidth)
    {
        var before = Widths(options).Sum(width => width + Gap);
        return head is not null && before + LastMin > maxWidth ? Blocks(head) : Table();
    }

    private Table Table()
    {
        var table = new Table
        {
            Border = TableBorder.None,
            ShowHeaders = head is not null,
            ShowFooters = false,
        };
        for (var at = 0; at <= _last; at++)
        {
            table.AddColumn(
                new(head is null ? Phrase.Empty : Paint.Dim(head[at]))
                {
                    NoWrap = at < _last,
                    Padding = new(0, 0, at < _last ? Gap : 0, 0),
                }
            );
        }

        foreach (var row in rows.Take(OnTerminalMax))
        {
            table.AddRow(row.IsMore ? UnderLast(row.Cells[_last]) : row.Cells);
            foreach (var below in row.Below.Where(below => !below.IsEmpty))
            {
                table.AddRow(UnderLast(below));
            }
        }

        if (rows.Count > OnTerminalMax)
        {
            table.AddRow(UnderLast(Paint.Dim($"… and {rows.Count - OnTerminalMax} more")));
        }

        return table;
    }

    private IEnumerable<Phrase> UnderLast(Phrase phrase) => Enumerable.Repeat(Phrase.Empty, _last).Append(phrase);

    private Rows Blocks(IReadOnlyList<string> names)
    {
        List<IRenderable> blocks = [];
        foreach (var row in rows)
        {
            blocks.AddRange(blocks.Count == 0 ? [] : [Phrase.Empty]);
            blocks.Add(
                new Listing(
                    null,
                    [
                        .. row
                            .Cells.Select((cell, at) => new Row(Paint.Dim(names[at]), cell))
                            .Where(fact => !fact.Cells[1].IsEmpty),
                        .. row.Below.Where(below => !below.IsEmpty).Select(below => new Row(Phrase.Empty, below)),
                    ]
                )
            );
        }

        return new(blocks);
    }

    private IEnumerable<Segment> Lines(RenderOptions options)
    {
        var widths = Widths(options);
        var owner = rows.Count > 0 ? rows[0].Cells : [];
        var all = head is null ? rows : rows.Prepend(new([.. head.Select(Paint.Dim)]));
        foreach (var row in all)
        {
            owner = row.IsMore ? owner : row.Cells;
            var last = Phrase.Join(new(' ', Gap), [row.Cells[_last], .. row.Below.Where(below => !below.IsEmpty)]);
            foreach (var segment in Line([.. owner.Take(_last), last], widths, options))
            {
                yield return segment;
            }

            yield return Segment.LineBreak;
        }
    }

    // Without blanks at the end.
    private static IEnumerable<Segment> Line(Phrase[] cells, int[] widths, RenderOptions options)
    {
        var end = Array.FindLastIndex(cells, cell => !cell.IsEmpty);
        for (var at = 0; at <= end; at++)
        {
            foreach (var segment in cells[at].On(options))
            {
                yield return segment;
            }

            if (at < end)
            {
                yield return Segment.Padding(Math.Max(0, widths[at] - cells[at].WidthOn(options)) + Gap);
            }
        }
    }

    // Of all columns but the last, which is as wide as it likes.
    private int[] Widths(RenderOptions options)
    {
        var widths = new int[_last];
        for (var at = 0; at < _last; at++)
        {
            var column = at;
            widths[at] = rows.Where(row => !row.IsMore)
                .Select(row => row.Cells[column].WidthOn(options))
                .Append(head is null ? 0 : head[column].Length)
                .Max();
        }

        return widths;
    }
}
