using System.Globalization;
using System.Reflection;
using System.Text.Json;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Api;

/// <summary>Turns what the guard knows into what the API shows. Pure.</summary>
public static class View
{
    public static string Version { get; } =
        typeof(View)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "0";

    /// <summary>The word of an enum value: <c>NothingToDo</c> is <c>nothingToDo</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static SessionView Of(Session session, InterfaceNames names) =>
        new(
            session.Id.Value,
            session.Label,
            Word(session.Phase),
            Word(session.OnDeath),
            session.Owner?.Pid,
            session.BegunByUid,
            session.Tunnel,
            session.BegunAt,
            Lines(session.Overlay.OwnedRoutes, names),
            Lines(session.Overlay.TakenRoutes, names),
            [.. session.Overlay.OwnedRules.Select(RuleText.Print)],
            [.. session.Overlay.TakenRules.Select(RuleText.Print)]
        )
        {
            OnDrift = Word(session.OnDrift),
            LeaseSeconds = session.Lease?.TotalSeconds,
            Probe = session.Probe?.ToString(),
            ConfirmBy = session.ConfirmBy,
        };

    public static HealthView Health(GuardStatus status, DateTimeOffset now) =>
        new(
            Word(status.Verdict),
            status.Problems,
            status.Drift,
            status.Sessions.Count,
            status.LastPassAt,
            status.LastPassAt is { } at ? Math.Round((now - at).TotalSeconds, 3) : null
        )
        {
            Contests = status.Contests,
            Meter = Of(status.Meter),
        };

    /// <summary>True where a poller should see HTTP 200: nothing is wrong, or it is being put right.</summary>
    public static bool IsHealthy(Verdict verdict) => verdict is Verdict.Ok or Verdict.Guarding or Verdict.Restoring;

    public static StatusView Of(GuardStatus status, InterfaceNames names) =>
        new(
            Version,
            Word(status.Verdict),
            status.Problems,
            status.Drift,
            [.. status.Sessions.Select(session => Of(session, names))],
            status.LastPassAt,
            status.LastRestore is { } report ? Of(report) : null
        )
        {
            Contests = status.Contests,
            Meter = Of(status.Meter),
        };

    public static MeterView Of(GuardMeter meter) =>
        new(meter.Reasserts, meter.Drifts, Math.Round(meter.Leaked.TotalSeconds, 3));

    public static ReportView Of(RestoreReport report) =>
        new(
            Word(report.Result),
            report.At,
            Math.Round(report.Took.TotalMilliseconds, 3),
            report.Cause,
            [.. report.Sessions.Select(id => id.Value)],
            [.. report.Steps.Select(step => new StepView(step.Step, step.Reason, step.Outcome))],
            report.StepsTotal,
            [.. report.LeftAlone.Select(left => new LeftAloneView(left.What, left.Why, left.IsLoss))],
            report.Problems
        );

    public static TableView Of(RouteTable table, DateTimeOffset at) =>
        new(
            at,
            Lines(table.Routes, table.Names),
            [.. table.Rules.Select(RuleText.Print)],
            [.. table.Links.Select(Describe)]
        );

    public static TableView Of(Baseline baseline) => Of(baseline.Table, baseline.TakenAt);

    private static string Describe(NetworkLink link) =>
        string.Create(
                CultureInfo.InvariantCulture,
                $"{link.Index.Value} {link.Name} {(link.IsUp ? link.HasCarrier ? "up" : "no-carrier" : "down")} {string.Join(' ', link.Addresses)}"
            )
            .TrimEnd();

    private static IReadOnlyList<string> Lines(IReadOnlyList<Route> routes, InterfaceNames names) =>
        [.. routes.Select(route => RouteText.Print(route, names))];
}
