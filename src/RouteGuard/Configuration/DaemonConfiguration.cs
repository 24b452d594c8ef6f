using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using Serilog.Events;

namespace RouteGuard.Configuration;

/// <summary>What is in force. A value is never out of range: it is the usual one, or was read and checked.</summary>
internal sealed record DaemonConfiguration
{
    public static DaemonConfiguration Usual { get; } = new();

    /// <summary>Whose members may do what root may. On macOS they are its administrators; other groups of people are
    /// kept by Open Directory there, not in a file.</summary>
    public string Group { get; init; } = OperatingSystem.IsMacOS() ? "admin" : "routeguard";

    /// <summary>Where health is answered over TCP; null for nowhere.</summary>
    public int? LoopbackPort { get; init; }

    public UserLimits Limits { get; init; } = new();

    public SessionDefaults Sessions { get; init; } = new();

    public GuardPeriods Guard { get; init; } = GuardPeriods.Usual;

    public LogEventLevel LogLevel { get; init; } = LogEventLevel.Information;
}

/// <summary>What one user may have.</summary>
internal sealed record UserLimits
{
    public int RequestsPerSecond { get; init; } = Daemon.Limits.RequestsPerSecondUsual;

    public int Connections { get; init; } = Daemon.Limits.ConnectionsPerUserUsual;

    public int Streams { get; init; } = Daemon.Limits.StreamsPerUserUsual;
}

/// <summary>What a session gets that does not say.</summary>
internal sealed record SessionDefaults
{
    public DeathPolicy OnDeath { get; init; } = DeathPolicy.Restore;

    public DriftPolicy OnDrift { get; init; } = DriftPolicy.Reassert;

    /// <summary>Null for none.</summary>
    public TimeSpan? Lease { get; init; }
}
