using System.Globalization;
using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>The daemon's status on one screen: a sentence, what is wrong and what to do, how each family
/// leaves.</summary>
internal static class StatusText
{
    /// <summary>A table that differs in more is told in numbers: the screen has other things to say.</summary>
    private const int DriftShownMax = 5;

    /// <summary>One screen.</summary>
    /// <param name="status">What the daemon says.</param>
    /// <param name="now">For ages.</param>
    public static IRenderable Print(StatusView status, DateTimeOffset now)
    {
        Row[] wrong = [.. Wrong(status)];
        return new Rows([
            FamilyText.Headline(status.Verdict, status.Families),
            .. wrong.Length > 0 ? [new Listing(null, wrong)] : Array.Empty<IRenderable>(),
            Phrase.Empty,
            .. status.Families.Count > 0
                ? [FamilyText.Print(status.Families), Phrase.Empty]
                : Array.Empty<IRenderable>(),
            SessionText.PrintList(status.Sessions),
            Phrase.Empty,
            new Listing(null, [.. Past(status, now)]),
        ]);
    }

    private static IEnumerable<Row> Wrong(StatusView status)
    {
        foreach (var problem in status.Problems)
        {
            yield return new(Paint.Red("problem"), problem);
        }

        foreach (var row in status.Families.SelectMany(family => FamilyText.Wrong(family, status.Drift)))
        {
            yield return row;
        }

        foreach (var drift in status.Drift.Take(DriftShownMax))
        {
            yield return new(Paint.Yellow("drift"), drift);
        }

        if (status.Drift.Count > DriftShownMax)
        {
            yield return new(Paint.Yellow("drift"), $"… and {status.Drift.Count - DriftShownMax} more");
        }

        if (status.Drift.Count > 0)
        {
            yield return new(
                Paint.Bold("do"),
                "routeguard plan says what a restore would do; routeguard history says who changed it"
            );
        }

        foreach (var contest in status.Contests)
        {
            yield return new(Paint.Yellow("rival"), contest);
        }

        if (status.Contests.Count > 0)
        {
            yield return new(Paint.Bold("do"), "Stop the other program, or end the session: routeguard session end ID");
        }
    }

    private static IEnumerable<Row> Past(StatusView status, DateTimeOffset now)
    {
        yield return new("last restore", status.LastRestore is { } report ? Restore(report, now) : "none in this run");
        var meter = status.Meter;
        yield return new(
            "counted",
            $"{Spoken.Count(meter.Drifts, "drift")}, {Spoken.Count(meter.Reasserts, "step")} put back, "
                + Leak(meter.LeakedSeconds)
        );
        yield return new(
            "daemon",
            Paint.Dim(
                $"RouteGuard {status.Version}, "
                    + (status.LastPassAt is { } at ? $"looked {Spoken.Ago(now - at)}" : "has not looked yet")
            )
        );
    }

    private static Phrase Leak(double seconds) =>
        seconds > 0
            ? Paint.Yellow(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a default was missing or wrong for {seconds:0.###} s in all"
                )
            )
            : "nothing leaked";

    private static Phrase Restore(ReportView report, DateTimeOffset now)
    {
        var (word, paint) = report.Result switch
        {
            "restored" => ("restored", (Func<string, Phrase>)Paint.Green),
            "partlyRestored" => ("restored in part", Paint.Yellow),
            "nothingToDo" => ("nothing was to do", Paint.Say),
            _ => ("failed", Paint.Red),
        };
        return paint(word)
            + string.Create(
                CultureInfo.InvariantCulture,
                $", {Spoken.Count(report.StepsTotal, "step")} in {report.TookMilliseconds:0.0} ms, {Spoken.Ago(now - report.At)}, because {report.Cause}"
            );
    }
}
