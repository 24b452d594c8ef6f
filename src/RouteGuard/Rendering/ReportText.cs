using System.Globalization;
using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>A restore in words, planned or done, and its exit code.</summary>
internal static class ReportText
{
    private const int StepsOnTerminalMax = 40;

    public static IRenderable Print(ReportView report) =>
        new Rows([Headline(report), Steps(report), Aside(report), .. Verified(report)]);

    /// <summary>The same without a screen, for a file.</summary>
    public static string PrintPlain(ReportView report) => Sheet.Print(Print(report), Screen.Plain);

    /// <summary>One sentence: what was done, or would be.</summary>
    public static Phrase Headline(ReportView report) =>
        report.Result switch
        {
            "nothingToDo" => report.Sessions.Count == 0 && report.Problems.Count == 0
                ? Paint.Green("Nothing to do: no session is open.")
                : Paint.Green($"Nothing to do: the table is as it was before the VPN ({report.Cause})."),
            "planned" => Paint.Bold($"A restore would take {Spoken.Count(report.StepsTotal, "step")}:"),
            "restored" => Paint.Green(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Restored in {report.TookMilliseconds:0.0} ms, {Spoken.Count(report.StepsTotal, "step")}, because {report.Cause}."
                )
            ),
            "partlyRestored" => Paint.Yellow($"Restored in part, because {report.Cause}."),
            _ => Paint.Red($"Cannot restore everything ({report.Cause})."),
        };

    /// <summary>Each step with its number, its reason and, when it was done, its outcome.</summary>
    /// <param name="report">Planned or done.</param>
    /// <param name="onlyRefused">Only those that the kernel did not take.</param>
    public static Listing Steps(ReportView report, bool onlyRefused = false) =>
        new(null, [.. Rows(report, onlyRefused)]) { OnTerminalMax = StepsOnTerminalMax };

    private static IEnumerable<Row> Rows(ReportView report, bool onlyRefused)
    {
        foreach (var (at, step) in report.Steps.Index())
        {
            if (onlyRefused && !IsRefused(step.Outcome))
            {
                continue;
            }

            var outcome = step.Outcome is { } answer ? Paint.Dim(": ") + Outcome(answer) : Phrase.Empty;
            yield return new(Number(at + 1), step.Step) { Below = [Paint.Dim($"because it {step.Reason}") + outcome] };
        }

        if (!onlyRefused && report.StepsTotal - report.Steps.Count is > 0 and var more)
        {
            yield return new(Phrase.Empty, Paint.Dim($"… and {more} more"));
        }
    }

    /// <summary>What was not done, and what went wrong beside the routes.</summary>
    public static IRenderable Aside(ReportView report) =>
        new Listing(
            null,
            [
                .. report.LeftAlone.Select(left => new Row(
                    left.IsLoss ? Paint.Red("not restored") : Paint.Dim("left alone"),
                    left.What
                )
                {
                    Below = [Paint.Dim($"because {left.Why}")],
                }),
                .. report.Problems.Select(problem => new Row(Paint.Yellow("problem"), problem)),
            ]
        );

    /// <summary>The last sentence of a restore that is proven.</summary>
    public static IEnumerable<IRenderable> Verified(ReportView report) =>
        report.Result == "restored" ? [Paint.Green("Verified: the table was read again, and it is as planned.")] : [];

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

    private static Phrase Outcome(string answer) => IsRefused(answer) ? Paint.Red(answer) : Paint.Dim(answer);

    private static bool IsRefused(string? outcome) => outcome?.StartsWith("Refused", StringComparison.Ordinal) == true;

    private static string Number(int number) => string.Create(CultureInfo.InvariantCulture, $"{number, 3}.");
}
