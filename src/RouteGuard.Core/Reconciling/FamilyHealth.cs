using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>How one address family fares, at the last look.</summary>
public sealed record FamilyHealth
{
    public required IpFamily Family { get; init; }

    /// <summary>Of this family alone: what concerns the disk or the whole machine is in the verdict of all.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>How an ordinary packet to somewhere leaves.</summary>
    public required DefaultPath DefaultPath { get; init; }

    /// <summary>How the tunnel's own packets leave; null when no route to a server is known.</summary>
    public ServerPath? ServerPath { get; init; }

    /// <summary>Whether the tunnel still has what it took; null when no session took anything.</summary>
    public TunnelCoverage? Coverage { get; init; }

    /// <summary>What a restore would go back to; null without a session.</summary>
    public BaselineState? Baseline { get; init; }

    public IReadOnlyList<Drift> Drift { get; init; } = [];

    /// <summary>Who keeps undoing us, and until when it is left alone; null when nobody does.</summary>
    public string? Rival { get; init; }
}

/// <summary>How packets leave.</summary>
/// <param name="Owner">Whose route decides; null when nothing leaves.</param>
/// <param name="Session">Which session's it is, if it is one's.</param>
/// <param name="Device">The interface; null when nothing leaves, or by several.</param>
/// <param name="Route">The route that decides, in the words of <c>ip</c>; null when there is none.</param>
/// <param name="IsWhole">The other half of the address space leaves the same way.</param>
public sealed record DefaultPath(OwnerKind? Owner, SessionId? Session, string? Device, string? Route, bool IsWhole);

/// <summary>How the tunnel's own packets leave.</summary>
/// <param name="Server">The VPN's server, as its host route says.</param>
/// <param name="Device">The interface; null when nothing leads there.</param>
/// <param name="IsOutsideTunnel">It does not lead into the tunnel that it carries.</param>
public sealed record ServerPath(IpAddress Server, string? Device, bool IsOutsideTunnel);

/// <summary>Whether all that a tunnel took still leaves by it.</summary>
/// <param name="Tunnel">Its name.</param>
/// <param name="Took">What left by it when the session's routes were in: 0.0.0.0/0 except 192.0.2.0/24.</param>
/// <param name="IsFull">It took all public addresses of the family, but for the server's and those that the machine had
/// a route of its own to.</param>
/// <param name="IsComplete">Nothing of it is lost, and nothing leads past it.</param>
/// <param name="Lost">Addresses that leave by it no more; null for none.</param>
/// <param name="Bypasses">Routes that lead past it, each with the range that it takes.</param>
public sealed record TunnelCoverage(
    string Tunnel,
    string Took,
    bool IsFull,
    bool IsComplete,
    string? Lost,
    IReadOnlyList<string> Bypasses
);

/// <summary>What a restore would go back to.</summary>
/// <param name="TakenAt">When it was taken, or last moved with the machine.</param>
/// <param name="WhyNot">Why its way out could not be put back now, a sentence; null when it could, or when it has
/// none.</param>
public sealed record BaselineState(DateTimeOffset TakenAt, string? WhyNot);
