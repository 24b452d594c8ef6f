using System.Text;
using System.Text.RegularExpressions;

namespace RouteGuard.KernelTests.Lab;

/// <summary>All routes, rules and resolver settings of one moment, as <c>ip</c> and <c>cat</c> print them.</summary>
/// <remarks>
/// Left out is what says nothing about the table: how many seconds an advertised route has left, and whether the link
/// has a
/// carrier just now.
/// </remarks>
internal sealed partial class TableText : IEquatable<TableText>
{
    private const string Heading = "## ";

    private readonly string[] _lines;

    private TableText(IEnumerable<string> lines) => _lines = [.. lines];

    /// <summary>Reads all in one go.</summary>
    public static TableText Of(LabNamespace place)
    {
        string[] questions =
        [
            "ip -d -4 route show table all",
            "ip -d -6 route show table all",
            "ip -4 rule",
            "ip -6 rule",
            "cat /etc/resolv.conf",
        ];
        var script = string.Join("; ", questions.Select(question => $"echo '{Heading}{question}'; {question}"));
        return Parse(place.Must("sh", "-c", script));
    }

    public static TableText Parse(string text) =>
        new(
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => Volatile().Replace(line, string.Empty).TrimEnd())
        );

    /// <summary>Without the entries that the kernel itself keeps for this interface.</summary>
    /// <remarks>A persistent tunnel outlives its VPN with its address, and the address keeps its routes.</remarks>
    public TableText WithoutKernelRoutesOf(string device) =>
        new(
            _lines.Where(line =>
                !(
                    line.Contains($" dev {device} ", StringComparison.Ordinal)
                    && line.Contains(" proto kernel ", StringComparison.Ordinal)
                )
            )
        );

    /// <summary>Without the resolver settings.</summary>
    public TableText RoutesAndRules =>
        new(_lines.TakeWhile(line => !line.StartsWith($"{Heading}cat", StringComparison.Ordinal)));

    /// <summary>In an order of its own: the kernel lists routes of a link that came back behind those of one that
    /// stayed.</summary>
    public TableText Sorted => new(_lines.Order(StringComparer.Ordinal));

    public bool Has(string line) => _lines.Contains(line);

    /// <summary>What another moment lacks (-) and has besides (+), under the question that shows it.</summary>
    /// <returns>Empty when nothing.</returns>
    public string Against(TableText other)
    {
        var text = new StringBuilder();
        foreach (var (question, before) in Sections())
        {
            var after = other.Sections().GetValueOrDefault(question, []);
            var lost = Less(before, after).Select(line => $"- {line}\n");
            var gained = Less(after, before).Select(line => $"+ {line}\n");
            var change = string.Concat(lost.Concat(gained));
            if (change.Length == 0 && !before.SequenceEqual(after))
            {
                change = $"the same lines in another order, now:\n{string.Join('\n', after)}\n";
            }

            text.Append(change.Length == 0 ? string.Empty : $"{question}\n{change}");
        }

        return text.ToString();
    }

    public bool Equals(TableText? other) => other is not null && _lines.SequenceEqual(other._lines);

    public override bool Equals(object? obj) => Equals(obj as TableText);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join('\n', _lines);

    private Dictionary<string, List<string>> Sections()
    {
        var sections = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string> current = [];
        foreach (var line in _lines)
        {
            if (line.StartsWith(Heading, StringComparison.Ordinal))
            {
                sections[line] = current = [];
            }
            else
            {
                current.Add(line);
            }
        }

        return sections;
    }

    /// <summary>The lines of one list that have no partner in the other, in order.</summary>
    private static List<string> Less(List<string> lines, List<string> others)
    {
        var left = new List<string>(others);
        return [.. lines.Where(line => !left.Remove(line))];
    }

    [GeneratedRegex(
        @" expires -?\d+sec| linkdown| dead",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Volatile();
}
