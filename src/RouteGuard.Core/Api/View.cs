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

    /// <param name="status">As of the last turn; null before the first.</param>
    /// <param name="isAlive">The guard's loop turned within its bound.</param>
    /// <param name="now">For ages.</param>
    public static HealthView Health(GuardStatus? status, bool isAlive, DateTimeOffset now)
    {
        status ??= new(Verdict.Degraded, ["The guard is starting."], [], [], null, null);
        return new(
            Word(isAlive ? status.Verdict : Verdict.Degraded),
            isAlive ? status.Problems : [.. status.Problems, "The guard's loop is stuck."],
            status.Drift,
            status.Sessions.Count,
            status.LastPassAt,
            status.LastPassAt is { } at ? Seconds(now - at) : null
        )
        {
            IsAlive = isAlive,
            Families = [.. status.Families.Select(family => Of(family, now))],
            Contests = status.Contests,
            Meter = Of(status.Meter),
        };
    }

    /// <summary>True where a poller should see HTTP 200: the loop turns, and nothing is wrong or it is being put
    /// right.</summary>
    public static bool IsHealthy(HealthView health) =>
        health is { IsAlive: true, Verdict: "ok" or "guarding" or "restoring" };

    public static StatusView Of(GuardStatus status, InterfaceNames names, DateTimeOffset now) =>
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
            Families = [.. status.Families.Select(family => Of(family, now))],
            Contests = status.Contests,
            Meter = Of(status.Meter),
        };

    public static FamilyView Of(FamilyHealth health, DateTimeOffset now) =>
        new(
            Word(health.Family),
            Word(health.Verdict),
            Of(health.DefaultPath),
            health.ServerPath is { } server
                ? new(server.Server.ToString(), server.Device, server.IsOutsideTunnel)
                : null,
            health.Coverage is { } coverage
                ? new(
                    coverage.Tunnel,
                    coverage.Took,
                    coverage.IsFull,
                    coverage.IsComplete,
                    coverage.Lost,
                    coverage.Bypasses
                )
                : null,
            health.Baseline is { } baseline ? new(Seconds(now - baseline.TakenAt), baseline.WhyNot is null) : null,
            [.. health.Drift.Select(drift => drift.Text)],
            health.Rival,
            health.Baseline is null ? null : health.Baseline.WhyNot is null,
            health.Baseline?.WhyNot
        );

    /// <summary>ipv4 or ipv6.</summary>
    public static string Word(IpFamily family) => family == IpFamily.V4 ? "ipv4" : "ipv6";

    private static DefaultPathView Of(DefaultPath path) =>
        new(path.Owner is { } owner ? Word(owner) : "none", path.Session?.Value, path.Device, path.Route, path.IsWhole);

    private static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 3);

    public static MeterView Of(GuardMeter meter) => new(meter.Reasserts, meter.Drifts, Seconds(meter.Leaked));

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
