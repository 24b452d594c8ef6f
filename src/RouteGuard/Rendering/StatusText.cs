using System.Globalization;
using RouteGuard.Core.Api;

namespace RouteGuard.Rendering;

/// <summary>The daemon's status and a table in words.</summary>
internal static class StatusText
{
    public static string Print(StatusView status)
    {
        List<string> lines = [$"verdict  {status.Verdict}"];
        lines.AddRange(status.Problems.Select(problem => $"problem  {problem}"));
        lines.AddRange(status.Drift.Select(drift => $"drift    {drift}"));
        lines.AddRange(status.Contests.Select(contest => $"contest  {contest}"));
        if (status.LastPassAt is { } at)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"looked   {at:yyyy-MM-dd HH:mm:ss} UTC"));
        }

        lines.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"counted  {status.Meter.Drifts} drifts, {status.Meter.Reasserts} put back, {status.Meter.LeakedSeconds:0.###} s leaked"
            )
        );
        lines.Add(string.Empty);
        lines.Add(SessionText.PrintList(status.Sessions));
        if (status.LastRestore is { } report)
        {
            lines.Add(
                string.Create(CultureInfo.InvariantCulture, $"\nLast restore, {report.At:yyyy-MM-dd HH:mm:ss} UTC")
            );
            lines.Add(ReportText.Print(report));
        }

        return string.Join('\n', lines);
    }

    public static string Print(TableView table) =>
        string.Join('\n', table.Routes.Concat(table.Rules.Select(rule => $"rule {rule}")));
}
