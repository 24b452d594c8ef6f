using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>Names of interfaces and their numbers, for reading and printing routes.</summary>
/// <remarks>A name that is not known reads and prints as <c>ifN</c>, so text never loses an interface.</remarks>
public sealed class InterfaceNames
{
    private readonly Dictionary<int, string> _byIndex = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    public InterfaceNames(IEnumerable<KeyValuePair<InterfaceIndex, string>> names)
    {
        foreach (var (index, name) in names)
        {
            _byIndex[index.Value] = name;
            _byName[name] = index.Value;
        }
    }

    /// <summary>No names: every interface is <c>ifN</c>.</summary>
    public static InterfaceNames Numbers { get; } = new([]);

    public string NameOf(InterfaceIndex index) =>
        _byIndex.TryGetValue(index.Value, out var name) ? name : index.ToString();

    public bool TryIndexOf(ReadOnlySpan<char> name, out InterfaceIndex index)
    {
        if (_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known))
        {
            index = new(known);
            return true;
        }

        var isNumber = name.StartsWith("if", StringComparison.Ordinal)
            && int.TryParse(name[2..], NumberStyles.None, CultureInfo.InvariantCulture, out known)
            && known > 0;
        index = isNumber ? new(known) : InterfaceIndex.None;
        return isNumber;
    }
}
