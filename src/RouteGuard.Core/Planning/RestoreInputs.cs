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
}
