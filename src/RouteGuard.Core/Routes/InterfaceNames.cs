using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>Names of interfaces and their numbers, for reading and printing routes.</summary>
/// <remarks>
/// An interface whose name is not known reads and prints as <c>ifN</c>, so text never loses one. So does one whose name
/// could be taken for another (a link that is called <c>if5</c>, a name that came twice) or for two words.
/// </remarks>
public sealed class InterfaceNames
{
    private readonly Dictionary<int, string> _byIndex = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    public InterfaceNames(IEnumerable<KeyValuePair<InterfaceIndex, string>> names)
    {
        foreach (var (index, name) in names)
        {
            if (IsOneWord(name) && !TryNumber(name, out _) && _byName.TryAdd(name, index.Value))
            {
                _byIndex[index.Value] = name;
            }
        }
    }

    /// <summary>No names: every interface is <c>ifN</c>.</summary>
    public static InterfaceNames Numbers { get; } = new([]);

    public string NameOf(InterfaceIndex index) =>
        _byIndex.TryGetValue(index.Value, out var name) ? name : index.ToString();

    public bool TryIndexOf(ReadOnlySpan<char> name, out InterfaceIndex index)
    {
        var isName = _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known);
        index = new(known);
        return isName || TryNumber(name, out index);
    }

    private static bool TryNumber(ReadOnlySpan<char> name, out InterfaceIndex index)
    {
        index =
            name.StartsWith("if", StringComparison.Ordinal)
            && int.TryParse(name[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
                ? new(number)
                : InterfaceIndex.None;
        return !index.IsNone;
    }

    private static bool IsOneWord(string name) => name.Length > 0 && !name.AsSpan().ContainsAny(" \t\r\n");
}
