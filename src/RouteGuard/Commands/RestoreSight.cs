using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary>The table before a restore, to be compared with the one after it.</summary>
internal sealed record RestoreSight(RouteTable? Table, DateTimeOffset At, Directories Directories)
{
    /// <summary>A restore that took long wrote no more than this.</summary>
    private const int RecordsMax = 200;

    // One address in each half of a family: a VPN may take the halves and leave the default where it is.
    private static readonly IpAddress[] Probes =
    [
        IpAddress.Parse("1.0.0.1"),
        IpAddress.Parse("128.0.0.1"),
        IpAddress.Parse("2000::1"),
        IpAddress.Parse("8000::1"),
    ];

    public static RestoreSight Before(CommandLine line, Directories directories) =>
        new(TryRead(line), line.Surroundings.Time.GetUtcNow(), directories);

    /// <summary>What has changed since; null where the table could not be read: the restore's own report says all that
    /// matters.</summary>
    public RestoreChanges? After(CommandLine line)
    {
        if (Table is not { } before || TryRead(line) is not { } after)
        {
            return null;
        }

        var ways = Ways(before).Zip(Ways(after), (was, now) => new WayChange(was.Family, was.Way, now.Way)).Distinct();
        return new([.. ways], DiffCommand.Compare(("before", before), ("after", after)), Leaks(line));
    }

    private static RouteTable? TryRead(CommandLine line)
    {
        try
        {
            using var kernel = line.Surroundings.OpenKernel();
            return kernel.Read();
        }
        catch (KernelRoutesException)
        {
            return null;
        }
    }

    private static IEnumerable<(string Family, string? Way)> Ways(RouteTable table) =>
        Probes.Select(probe =>
            (
                probe.Family == IpFamily.V4 ? "IPv4" : "IPv6",
                Lookup.Of(table, probe).Winner is { } route ? RouteText.Print(route, table.Names) : null
            )
        );

    private IReadOnlyList<string> Leaks(CommandLine line)
    {
        try
        {
            var records = line.Surroundings.ReadJournal(Directories, RecordsMax).Records;
            return
            [
                .. records.Where(one => one.Kind == JournalKind.LeakWindow && one.At >= At).Select(one => one.Text),
            ];
        }
        catch (StateStoreException)
        {
            // Whoever may ask the daemon to restore need not be allowed to read its journal.
            return [];
        }
    }
}
