using System.Globalization;
using System.Text;

namespace RouteGuard.Platform.Storage;

/// <summary>A folder whose entries are called NUMBER.NAME, ascending in the order in which they came.</summary>
internal sealed class NumberedFolder(IDisk disk, string path)
{
    private const string ReasonSuffix = ".reason";

    /// <summary>Names of the entries, oldest first, without their reasons and without what does not belong
    /// here.</summary>
    public IReadOnlyList<string> Entries =>
        [
            .. disk.List(path)
                .Where(entry =>
                    NumberOf(entry.Name) > 0 && !entry.Name.EndsWith(ReasonSuffix, StringComparison.Ordinal)
                )
                .OrderBy(entry => NumberOf(entry.Name))
                .Select(entry => entry.Name),
        ];

    /// <summary>Moves a file or folder in here, durably.</summary>
    /// <returns>Where it is now.</returns>
    public string Take(string from, string name)
    {
        var number = Entries is [.., var last] ? NumberOf(last) + 1 : 1;
        var to = string.Create(CultureInfo.InvariantCulture, $"{path}/{number:D6}.{name}");
        disk.Rename(from, to);
        disk.SyncFolder(path);
        disk.SyncFolder(from[..from.LastIndexOf('/')]);
        return to;
    }

    /// <summary>Writes beside an entry why it is here.</summary>
    public void Explain(string entry, string reason)
    {
        using var file = disk.Create(entry + ReasonSuffix);
        file.Write(Encoding.UTF8.GetBytes(reason + "\n"), 0);
        file.Sync();
        disk.SyncFolder(path);
    }

    private static long NumberOf(string name)
    {
        var digits = name.AsSpan(0, Math.Max(0, name.IndexOf('.', StringComparison.Ordinal)));
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
