using System.Globalization;
using System.Text;
using RouteGuard.Core.Api;

namespace RouteGuard.Rendering;

/// <summary>A restore in words, and its exit code.</summary>
internal static class ReportText
{
    public static string Print(ReportView report)
    {
        var text = new StringBuilder(Headline(report));
        foreach (var step in report.Steps)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n  {step.Step}\n      because it {step.Reason}{(step.Outcome is null ? "" : $": {step.Outcome}")}"
            );
        }

        if (report.StepsTotal > report.Steps.Count)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  … and {report.StepsTotal - report.Steps.Count} more");
        }

        foreach (var left in report.LeftAlone)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  left alone: {left.What}\n      because {left.Why}");
        }

        foreach (var problem in report.Problems)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {Paint.Yellow(Paint.Foreign(problem))}");
        }

        if (report.Result == "restored")
        {
            text.Append("\n" + Paint.Green("Verified: the table was read again, and it is as planned."));
        }

        return text.ToString();
    }

    public static int ExitCodeOf(ReportView report) =>
        report.Result switch
        {
            "failed" => ExitCode.Failed,
            "partlyRestored" => ExitCode.PartlyRestored,
            _ => ExitCode.Done,
        };

    /// <summary>Why a restore failed, in one line: the first problem, else the first loss.</summary>
    public static string PrintError(ReportView report)
    {
        var fact =
            report.Problems.Count > 0 ? report.Problems[0].TrimEnd('.')
            : report.LeftAlone.FirstOrDefault(left => left.IsLoss) is { } lost ? $"{lost.What} because {lost.Why}"
            : "the table is not as planned";
        return $"Cannot restore everything: {fact}. See routeguard plan.";
    }

    private static string Headline(ReportView report) =>
        report.Result switch
        {
            "nothingToDo" => report.Sessions.Count == 0 && report.Problems.Count == 0
                ? "Nothing to do: no session is open."
                : $"Nothing to do: the table is as it was before the VPN ({report.Cause}).",
            "planned" => $"A restore would take {Steps(report.StepsTotal)}:",
            "restored" => string.Create(
                CultureInfo.InvariantCulture,
                $"Restored in {report.TookMilliseconds:0.0} ms, {Steps(report.StepsTotal)}, because {report.Cause}:"
            ),
            "partlyRestored" => $"Restored in part, because {report.Cause}:",
            _ => $"Cannot restore everything ({report.Cause}):",
        };

    private static string Steps(int count) =>
        count == 1 ? "1 step" : string.Create(CultureInfo.InvariantCulture, $"{count} steps");
}
