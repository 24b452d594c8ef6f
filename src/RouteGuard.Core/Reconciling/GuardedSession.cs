using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>An open session with what the running guard knows beside it. Lost in a crash, rebuilt by looking.</summary>
internal sealed class GuardedSession(Session session, Baseline baseline)
{
    public Session Session { get; set; } = session;

    public Baseline Baseline { get; } = baseline;

    /// <summary>The additions that are sent the moment the tunnel dies; null when nothing would be added.</summary>
    public IPreparedSteps? Armed { get; set; }

    /// <summary>A tunnel that was never usable cannot die.</summary>
    public bool TunnelWasUsable { get; set; }

    /// <summary>This guard saw everything that changed since the baseline, or since it last knew the overlay.</summary>
    public bool IsWatched { get; set; }

    /// <summary>When the overlay last changed; null before the first change.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>When an unfinished restore is tried again.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    public TimeSpan RetryAfter { get; set; }

    /// <summary>Why a restore is unfinished; sentences.</summary>
    public IReadOnlyList<string> Losses { get; set; } = [];

    /// <summary>Differences from baseline and overlay that the last pass saw, in the words of <c>ip</c>.</summary>
    public IReadOnlyList<string> Drift { get; set; } = [];
}
