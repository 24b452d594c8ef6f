using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>Writes what changed from one turn to the next into the log: what, which route, why, with what
/// outcome.</summary>
/// <remarks>Only differences are written, so a trouble that lasts is one line and not one a second.</remarks>
internal sealed class GuardNews(Serilog.ILogger log)
{
    public void Tell(GuardStatus? before, GuardStatus now)
    {
        foreach (
            var begun in now.Sessions.Where(session => before?.Sessions.Any(known => known.Id == session.Id) != true)
        )
        {
            log.Information("Session {Session} is guarded: {Label}", begun.Id.Value, begun.Label);
        }

        if (now.LastRestore is { } report && !ReferenceEquals(report, before?.LastRestore))
        {
            TellRestore(report);
        }

        foreach (var problem in now.Problems.Except(before?.Problems ?? [], StringComparer.Ordinal))
        {
            log.Warning("{Problem}", problem);
        }

        foreach (var drift in now.Drift.Except(before?.Drift ?? [], StringComparer.Ordinal))
        {
            log.Warning("The table drifts: {Drift}", drift);
        }

        foreach (var contest in now.Contests.Except(before?.Contests ?? [], StringComparer.Ordinal))
        {
            log.Warning("Contested: {Contest}", contest);
        }

        if (now.Verdict != before?.Verdict)
        {
            log.Information("The verdict is {Verdict}", View.Word(now.Verdict));
        }
    }

    private void TellRestore(RestoreReport report)
    {
        var level =
            report.Result is RestoreResult.Restored
                ? Serilog.Events.LogEventLevel.Information
                : Serilog.Events.LogEventLevel.Warning;
        log.Write(
            level,
            "Restore of {Sessions}: {Result} in {Milliseconds:0.0} ms, because {Cause}",
            string.Join(' ', report.Sessions),
            View.Word(report.Result),
            report.Took.TotalMilliseconds,
            report.Cause
        );
        foreach (var step in report.Steps)
        {
            log.Write(
                level,
                "Changed a route: {Step} because it {Reason}: {Outcome}",
                step.Step,
                step.Reason,
                step.Outcome
            );
        }

        foreach (var left in report.LeftAlone)
        {
            log.Warning("Left alone: {What} because {Why}", left.What, left.Why);
        }
    }
}
