using RouteGuard.Core.Api;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary>The table before a restore, to be compared with the one after it.</summary>
internal sealed record RestoreSight(RouteTable? Table, DateTimeOffset At, Directories Directories)
{
    /// <summary>A restore that took long wrote no more than this.</summary>
    private const int RecordsMax = 200;

    public static RestoreSight Before(CommandLine line, Directories directories) =>
        new(TryRead(line), line.Surroundings.Time.GetUtcNow(), directories);

    /// <summary>What has changed since; null where the table could not be read: the restore's own report says all that
    /// matters.</summary>
    public RestoreChanges? After(CommandLine line, ReportView report)
    {
        if (report.StepsTotal == 0 || Table is not { } before || TryRead(line) is not { } after)
        {
            return null;
        }

        // More than anybody reads takes longer to compare than to restore.
        var difference =
            report.StepsTotal <= RestoreReport.StepsMax
                ? DiffCommand.Compare(("before", before), ("after", after))
                : null;

        var ways = Ways(before).Zip(Ways(after), (was, now) => new WayChange(was.Family, was.Way, now.Way)).Distinct();
        return new([.. ways], difference, Leaks(line));
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
        FamilyCheck
            .Parts.SelectMany(part => new[] { part.One, part.Other })
            .Select(address =>
                (
                    address.Family == IpFamily.V4 ? "IPv4" : "IPv6",
                    Lookup.Of(table, address).Winner is { } route ? RouteText.Print(route, table.Names) : null
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
