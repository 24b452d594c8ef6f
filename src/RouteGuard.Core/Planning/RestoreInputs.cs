using System.Collections.Frozen;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>All that a restore is planned from.</summary>
public sealed record RestoreInputs
{
    /// <summary>The table to go back to.</summary>
    public required RouteTable Baseline { get; init; }

    /// <summary>The table as it is.</summary>
    public required RouteTable Observed { get; init; }

    /// <summary>What the session changed; with none, nothing is ever deleted.</summary>
    public Overlay Overlay { get; init; } = Overlay.Empty;

    /// <summary>The session's tunnel: hand-made routes into it go.</summary>
    public InterfaceIndex Tunnel { get; init; }

    /// <summary>What other live sessions changed: it stays as they want it.</summary>
    public IReadOnlyList<Overlay> LiveOverlays { get; init; } = [];

    /// <summary>Routes of live sessions that were rewritten too often of late: they are left as they are.</summary>
    public IReadOnlySet<RouteKey> Spent { get; init; } = FrozenSet<RouteKey>.Empty;

    /// <summary>True when the whole baseline was asked for: what routing programs took back since comes back
    /// too.</summary>
    public bool IsWhole { get; init; }

    /// <summary>What the operating system said when the baseline was taken.</summary>
    public LiveTruth TruthThen { get; init; } = LiveTruth.None;

    /// <summary>What the operating system says now; where it is known, it comes before the baseline.</summary>
    public LiveTruth Truth { get; init; } = LiveTruth.None;

    /// <summary>Names of the tunnels of all sessions, dead and alive: never the machine's own way out.</summary>
    public IReadOnlyList<string> Tunnels { get; init; } = [];

    /// <summary>The name of the tunnel whose session died, if it had one.</summary>
    public string? DeadTunnel { get; init; }

    /// <inheritdoc cref="IKernelRoutes.HasSiblings"/>
    public bool HasSiblings { get; init; } = true;
}
