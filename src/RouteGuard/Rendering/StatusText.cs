using System.Globalization;
using RouteGuard.Core.Api;

namespace RouteGuard.Rendering;

/// <summary>The daemon's status and a table in words.</summary>
internal static class StatusText
{
    /// <summary>One screen.</summary>
    /// <param name="status">What the daemon says.</param>
    /// <param name="ways">How packets leave, as the kernel's table has it now.</param>
    /// <param name="now">For ages.</param>
    /// <param name="screen">What it is printed on.</param>
    public static string Print(StatusView status, IReadOnlyList<WayView> ways, DateTimeOffset now, Screen screen)
    {
        List<(string Word, string Text)> lines = [("verdict", Verdict(status, now))];
        lines.AddRange(ways.Select(way => (way.Family, way.Route ?? Paint.Red("no way out"))));
        lines.AddRange(status.Problems.Select(problem => ("problem", Paint.Red(Paint.Foreign(problem)))));
        lines.AddRange(status.Drift.Select(drift => ("drift", Paint.Yellow(Paint.Foreign(drift)))));
        lines.AddRange(status.Contests.Select(contest => ("rival", Paint.Yellow(Paint.Foreign(contest)))));
        lines.Add(
            (
                "counted",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{status.Meter.Drifts} drifts, {status.Meter.Reasserts} put back, {status.Meter.LeakedSeconds:0.###} s leaked"
                )
            )
        );
        lines.Add(("last restore", status.LastRestore is { } report ? Restore(report, now) : "none in this run"));
        const int Width = 14;
        return string.Join(
            '\n',
            lines
                .Select(line => $"{line.Word.PadRight(Width)}{Columns.Wrap(line.Text, Width, screen.Width)}")
                .Append(string.Empty)
                .Append(SessionText.PrintList(status.Sessions, screen.Width))
        );
    }

    private static string Verdict(StatusView status, DateTimeOffset now)
    {
        Func<string, string> paint = status.Verdict switch
        {
            "ok" or "guarding" => Paint.Green,
            "restoring" or "drift" => Paint.Yellow,
            _ => Paint.Red,
        };
        var looked = status.LastPassAt is { } at ? $", looked {Age(now - at)} ago" : ", has not looked yet";
        return $"{paint(Paint.Bold(status.Verdict))}  (RouteGuard {status.Version}{looked})";
    }

    private static string Restore(ReportView report, DateTimeOffset now) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Result}, {report.StepsTotal} steps in {report.TookMilliseconds:0.0} ms, {Age(now - report.At)} ago, because {Paint.Foreign(report.Cause)}"
        );

    private static string Age(TimeSpan age) =>
        age switch
        {
            { TotalSeconds: < 1 } => "under 1 s",
            { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s"),
            { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h"),
        };

    public static string Print(TableView table) =>
        string.Join('\n', table.Routes.Concat(table.Rules.Select(rule => $"rule {rule}")));
}

/// <summary>How packets of one family leave.</summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Route">In the words of <c>ip route</c>; null when none leads out.</param>
internal sealed record WayView(string Family, string? Route);
