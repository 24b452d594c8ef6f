using RouteGuard.Core.Sessions;
using RouteGuard.Daemon;

namespace RouteGuard.Configuration;

/// <summary>Every key of the configuration file, and what it may be. packaging/routeguard.schema.json says the same to
/// editors; a test compares them.</summary>
internal static class ConfigurationKeys
{
    private const int GroupLengthMax = 32; // LOGIN_NAME_MAX is longer; useradd and groupadd take no more
    private const int PortMax = 65535;

    /// <summary>RouteGuard promises that a lost event costs no more than the usual time.</summary>
    private static readonly double AuditSecondsMax = DaemonConfiguration.Usual.Guard.AuditEvery.TotalSeconds;

    public static IReadOnlyDictionary<string, KeyRule> All { get; } =
        new Dictionary<string, KeyRule>(StringComparer.Ordinal)
        {
            ["$schema"] = new KeyRule.Text(),
            ["access"] = new KeyRule.Section(),
            ["access.group"] = new KeyRule.GroupName(GroupLengthMax),
            ["health"] = new KeyRule.Section(),
            ["health.loopbackPort"] = Whole(1, PortMax) with { MayBeNull = true },
            ["limits"] = new KeyRule.Section(),
            ["limits.requestsPerSecond"] = Whole(Limits.RequestsPerSecondMin, Limits.RequestsPerSecondMax),
            ["limits.connectionsPerUser"] = Whole(Limits.ConnectionsPerUserMin, Limits.ConnectionsPerUserMax),
            ["limits.streamsPerUser"] = Whole(Limits.StreamsPerUserMin, Limits.StreamsPerUserMax),
            ["sessions"] = new KeyRule.Section(),
            ["sessions.onDeath"] = new KeyRule.Word("restore", "hold", "keep"),
            ["sessions.onDrift"] = new KeyRule.Word("reassert", "report", "restore"),
            ["sessions.leaseSeconds"] = new KeyRule.Number(Session.LeaseMin.TotalSeconds, Session.LeaseMax.TotalSeconds)
            {
                MayBeNull = true,
            },
            ["guard"] = new KeyRule.Section(),
            ["guard.auditSeconds"] = new KeyRule.Number(1, AuditSecondsMax),
            ["guard.upAfterQuietSeconds"] = new KeyRule.Number(0.5, 60),
            ["guard.baselineGraceSeconds"] = new KeyRule.Number(0, 60),
            ["log"] = new KeyRule.Section(),
            ["log.level"] = new KeyRule.Word("debug", "information", "warning", "error"),
        };

    /// <summary>The keys directly below a section; of the file itself for an empty name.</summary>
    public static IEnumerable<string> Below(string section) =>
        section.Length == 0
            ? All.Keys.Where(key => !key.Contains('.', StringComparison.Ordinal))
            : All
                .Keys.Where(key => key.StartsWith($"{section}.", StringComparison.Ordinal))
                .Select(key => key[(section.Length + 1)..]);

    private static KeyRule.Number Whole(int min, int max) => new(min, max) { IsWhole = true };
}
