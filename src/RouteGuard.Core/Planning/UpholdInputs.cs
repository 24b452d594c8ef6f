using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Planning;

/// <summary>All that is needed to keep live sessions' routes where they are.</summary>
public sealed record UpholdInputs
{
    /// <summary>The machine without any session, as for a restore; its overlays and tunnel are not looked at.</summary>
    public required RestoreInputs Machine { get; init; }

    /// <summary>What live sessions changed, oldest first: a later one stands on top of an earlier one.</summary>
    public required IReadOnlyList<Overlay> Overlays { get; init; }

    /// <summary>Routes that sessions had made over a network that the machine has left.</summary>
    public IReadOnlyList<Route> Obsolete { get; init; } = [];

    /// <summary>
    /// True when what is missing of the baseline had its time to come back by itself, as it does after a link flapped.
    /// </summary>
    public bool IsGraceOver { get; init; }

    /// <summary>True when rules are to be put back too: VPN programs remove theirs one by one when they stop.</summary>
    public bool IsQuiet { get; init; }
}
