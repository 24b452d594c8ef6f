using System.Globalization;
using System.Text;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Report;

/// <summary>Before, during and now beside each other; what differs bears a sign, not a colour alone. Pure.</summary>
internal static class PageTables
{
    /// <summary>Lines of one list; of a longer one those that differ come first, and the rest is counted.</summary>
    public const int LinesMax = 300;

    private const string Signs =
        "<p class=\"small soft\">\u2212 is gone and + is new: under During against Before, under Now against Before. "
        + "The kernel\u2019s own entries for its addresses are left out.</p><div class=\"columns\">";

    public static string Draw(ReportFacts facts)
    {
        var now = Lines(facts.Now);
        if (facts.Before is not { } before || facts.During is not { } during)
        {
            return "<p class=\"soft\">No session is stored, so there is nothing to compare with.</p><div class=\"columns\">"
                + Column("Now", "As the kernel has it.", now.Select(line => (' ', line)))
                + "</div>";
        }

        var (first, wanted) = (Lines(before), Lines(during));
        return Signs
            + Column("Before", "The baseline.", first.Select(line => (' ', line)))
            + Column("During", "Baseline and overlay together.", Compare(first, wanted))
            + Column("Now", "As the kernel has it.", Compare(first, now))
            + "</div>";
    }

    /// <summary>All lines of both, in the order of the first; lines of equal text are one.</summary>
    public static IReadOnlyList<(char Sign, string Line)> Compare(
        IReadOnlyList<string> before,
        IReadOnlyList<string> after
    )
    {
        HashSet<string> then = [.. before];
        HashSet<string> later = [.. after];
        return
        [
            .. before.Select(line => (later.Contains(line) ? ' ' : '\u2212', line)),
            .. after.Where(line => !then.Contains(line)).Select(line => ('+', line)),
        ];
    }

    public static IReadOnlyList<string> Lines(RouteTable table) =>
        [
            .. table
                .Routes.Where(route => !RouteOwnership.IsBookkeeping(route) && !route.Destination.Address.IsMulticast)
                .Select(route => RouteText.Print(route, table.Names)),
            .. table.Rules.Select(rule => $"rule {rule}"),
        ];

    private static string Column(string title, string says, IEnumerable<(char Sign, string Line)> lines)
    {
        var all = lines.ToArray();
        var shown = all.Length <= LinesMax ? all : [.. all.OrderBy(line => line.Sign == ' ').Take(LinesMax)];
        var list = new StringBuilder();
        list.Append(
            CultureInfo.InvariantCulture,
            $"<div><h3>{title}</h3><p class=\"small soft\">{says}</p><ul class=\"list mono\">"
        );
        foreach (var (sign, line) in shown)
        {
            var (kind, word) = sign switch
            {
                '+' => ("add", "<span class=\"sign\" title=\"new\">+</span>"),
                '\u2212' => ("del", "<span class=\"sign\" title=\"gone\">\u2212</span>"),
                _ => ("same", "<span class=\"sign\"></span>"),
            };
            list.Append(
                CultureInfo.InvariantCulture,
                $"<li class=\"{kind}\">{word}<span class=\"route\">{Html.Text(line)}</span></li>\n"
            );
        }

        if (shown.Length < all.Length)
        {
            list.Append(
                CultureInfo.InvariantCulture,
                $"<li class=\"soft\">and {all.Length - shown.Length} more that do not differ or find no room</li>"
            );
        }

        return list.Append("</ul></div>").ToString();
    }
}
