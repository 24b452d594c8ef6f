using RouteGuard.Core.Baselines;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>An open session with what the running guard knows beside it. Lost in a crash, rebuilt by looking.</summary>
internal sealed class GuardedSession(Session session, Baseline baseline)
{
    public Session Session { get; set; } = session;

    public Baseline Baseline { get; set; } = baseline;

    /// <summary>The additions that are sent the moment the tunnel dies; null when nothing would be added.</summary>
    public IPreparedSteps? Armed { get; set; }

    /// <summary>A tunnel that was never usable cannot die.</summary>
    public bool TunnelWasUsable { get; set; }

    /// <summary>This guard saw everything that changed since the baseline, or since it last knew the overlay.</summary>
    public bool IsWatched { get; set; }

    /// <summary>When the overlay last changed; null before the first change.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>The disk refused the last state.</summary>
    public bool IsUnsaved { get; set; }

    /// <summary>When an unfinished restore is tried again.</summary>
    public DateTimeOffset? RetryAt { get; set; }

    public TimeSpan RetryAfter { get; set; }

    /// <summary>Why a restore is unfinished.</summary>
    public IReadOnlyList<Loss> Losses { get; set; } = [];

    /// <summary>Differences from baseline and overlay that the last pass saw.</summary>
    public IReadOnlyList<Drift> Drift { get; set; } = [];

    /// <summary>Its routes as they were last announced in the journal: putting one of them back is no news.</summary>
    public HashSet<Route> Announced { get; } = [];

    /// <summary>Destinations of routes that its own process wrote since the last look.</summary>
    public HashSet<Prefix> WroteItself { get; } = [];

    /// <summary>What left by its tunnel when its routes were in.</summary>
    public Dictionary<IpFamily, Promise> Promised { get; } = [];

    /// <summary>What the last quiet look found of that: addresses that leave by it no more, and routes that lead past
    /// it.</summary>
    public Dictionary<IpFamily, (PrefixSet Lost, IReadOnlyList<string> Bypasses)> Covered { get; } = [];

    /// <summary>When a VPN that promised signs of life is dead without one.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>When its probe is asked next; null before its routes are in.</summary>
    public DateTimeOffset? ProbeAt { get; set; }

    /// <summary>Questions in a row that had no answer.</summary>
    public int ProbeMisses { get; set; }

    /// <summary>A question whose answer has not come.</summary>
    public bool IsProbeOpen { get; set; }

    /// <summary>The kernel said that the tunnel is gone: an interface of its name is another one.</summary>
    public bool IsTunnelGone { get; set; }

    /// <summary>Links that came while it came up and named no tunnel: one of them may be it. At most
    /// <see cref="ComersMax"/>.</summary>
    public HashSet<InterfaceIndex> Comers { get; } = [];

    public const int ComersMax = 64;

    /// <summary>The name of one of them that went again; null when none did.</summary>
    public string? WentAgain { get; set; }

    /// <summary>The phase in which it died, while no look since has succeeded and what it left is not known; else
    /// null.</summary>
    public SessionPhase? DiedUnseenIn { get; set; }

    /// <summary>It died before its overlay was known, and is not restored yet.</summary>
    public bool DiedComing { get; set; }

    /// <summary>How far an unfinished restore has gone to ask the operating system for help.</summary>
    public RestoreLayer Layer { get; set; }

    /// <summary>When the help of this layer had its time.</summary>
    public DateTimeOffset LayerUntil { get; set; }
}

/// <summary>Who is asked to put the machine's own routes back.</summary>
internal enum RestoreLayer
{
    /// <summary>We write them.</summary>
    Ourselves,

    /// <summary>The operating system is asked to write them again.</summary>
    Reapply,

    /// <summary>It is asked to find out the network's settings anew.</summary>
    Refresh,

    /// <summary>A person is asked.</summary>
    Advice,
}

/// <summary>What a tunnel took of one family.</summary>
/// <param name="Addresses">They left by it when the session's routes were in, and must later.</param>
/// <param name="IsFull">All public ones, but for the server's and those that the machine had a route of its own
/// to.</param>
/// <param name="Text">The same in words: 0.0.0.0/0 except 192.0.2.0/24.</param>
internal sealed record Promise(PrefixSet Addresses, bool IsFull, string Text);
