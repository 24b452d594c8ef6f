using System.Text.Json.Serialization;
using RouteGuard.Core.Api;

namespace RouteGuard.Configuration;

/// <summary>The file as it is written. Every part may be left out.</summary>
/// <param name="Schema">Where an editor finds the schema; of no meaning to the daemon.</param>
internal sealed record ConfigurationDocument(
    [property: JsonPropertyName("$schema"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        string? Schema = null,
    AccessEntry? Access = null,
    HealthEntry? Health = null,
    LimitsEntry? Limits = null,
    SessionsEntry? Sessions = null,
    GuardEntry? Guard = null,
    LogEntry? Log = null
)
{
    /// <summary>What is in force, with every key.</summary>
    public static ConfigurationDocument Of(DaemonConfiguration now) =>
        new(
            Access: new(now.Group),
            Health: new(now.LoopbackPort),
            Limits: new(now.Limits.RequestsPerSecond, now.Limits.Connections, now.Limits.Streams),
            Sessions: new(
                View.Word(now.Sessions.OnDeath),
                View.Word(now.Sessions.OnDrift),
                now.Sessions.Lease?.TotalSeconds
            ),
            Guard: new(
                now.Guard.AuditEvery.TotalSeconds,
                now.Guard.UpAfterQuiet.TotalSeconds,
                now.Guard.BaselineGrace.TotalSeconds
            ),
            Log: new(View.Word(now.LogLevel))
        );

    /// <summary>What is in force by it: only for a document of which every value was checked.</summary>
    public DaemonConfiguration ToConfiguration()
    {
        var usual = DaemonConfiguration.Usual;
        return new()
        {
            Group = Access?.Group ?? usual.Group,
            LoopbackPort = (int?)Health?.LoopbackPort,
            Limits = new()
            {
                RequestsPerSecond = (int?)Limits?.RequestsPerSecond ?? usual.Limits.RequestsPerSecond,
                Connections = (int?)Limits?.ConnectionsPerUser ?? usual.Limits.Connections,
                Streams = (int?)Limits?.StreamsPerUser ?? usual.Limits.Streams,
            },
            Sessions = new()
            {
                OnDeath = Value(Sessions?.OnDeath, usual.Sessions.OnDeath),
                OnDrift = Value(Sessions?.OnDrift, usual.Sessions.OnDrift),
                Lease = Seconds(Sessions?.LeaseSeconds),
            },
            Guard = new(
                Seconds(Guard?.AuditSeconds) ?? usual.Guard.AuditEvery,
                Seconds(Guard?.UpAfterQuietSeconds) ?? usual.Guard.UpAfterQuiet,
                Seconds(Guard?.BaselineGraceSeconds) ?? usual.Guard.BaselineGrace
            ),
            LogLevel = Value(Log?.Level, usual.LogLevel),
        };
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;

    private static T Value<T>(string? word, T usual)
        where T : struct, Enum => word is null ? usual : Enum.GetValues<T>().First(value => View.Word(value) == word);
}

internal sealed record AccessEntry(string? Group = null);

internal sealed record HealthEntry(double? LoopbackPort = null);

// Numbers as JSON has them: 200, 200.0 and 2e2 are one number, here and for a schema.
internal sealed record LimitsEntry(
    double? RequestsPerSecond = null,
    double? ConnectionsPerUser = null,
    double? StreamsPerUser = null
);

internal sealed record SessionsEntry(string? OnDeath = null, string? OnDrift = null, double? LeaseSeconds = null);

internal sealed record GuardEntry(
    double? AuditSeconds = null,
    double? UpAfterQuietSeconds = null,
    double? BaselineGraceSeconds = null
);

internal sealed record LogEntry(string? Level = null);

/// <summary>Reading and writing of the file, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    WriteIndented = true
)]
[JsonSerializable(typeof(ConfigurationDocument))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
