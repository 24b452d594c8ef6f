namespace RouteGuard.Core.Api;

/// <summary>How one address family fares, at the last look.</summary>
/// <param name="Family">ipv4 or ipv6.</param>
/// <param name="Verdict">Of this family alone: ok, guarding, restoring, drift, contested or degraded.</param>
/// <param name="DefaultPath">How an ordinary packet to somewhere leaves.</param>
/// <param name="ServerPath">How the tunnel's own packets leave; absent when no route to a server is known.</param>
/// <param name="Coverage">Whether the tunnel still has what it took; absent when no session took anything.</param>
/// <param name="Baseline">What a restore would go back to; absent without a session.</param>
/// <param name="Drift">Differences of this family from baseline and overlay, in the words of <c>ip</c>.</param>
/// <param name="Rival">Who keeps undoing us, and until when it is left alone; absent when nobody does.</param>
/// <param name="IsRestorable">Whether the machine's own way out could be put back now; absent without a
/// session.</param>
/// <param name="WhyNot">Why it could not; a sentence.</param>
public sealed record FamilyView(
    string Family,
    string Verdict,
    DefaultPathView DefaultPath,
    ServerPathView? ServerPath,
    CoverageView? Coverage,
    BaselineStateView? Baseline,
    IReadOnlyList<string> Drift,
    string? Rival,
    bool? IsRestorable,
    string? WhyNot
);

/// <summary>How packets leave.</summary>
/// <param name="Owner">Whose route decides: session, baseline, foreign, kernel, machine (no session is open), or none
/// when nothing leaves.</param>
/// <param name="Session">Which session's it is, if it is one's.</param>
/// <param name="Device">The interface; absent when nothing leaves, or by several.</param>
/// <param name="Route">The route that decides, in the words of <c>ip route</c>; absent when there is none.</param>
/// <param name="IsWhole">The other half of the address space leaves the same way.</param>
public sealed record DefaultPathView(string Owner, string? Session, string? Device, string? Route, bool IsWhole);

/// <summary>How the tunnel's own packets leave.</summary>
/// <param name="Server">The VPN's server, as its host route says.</param>
/// <param name="Device">The interface; absent when nothing leads there.</param>
/// <param name="IsOutsideTunnel">It does not lead into the tunnel that it carries.</param>
public sealed record ServerPathView(string Server, string? Device, bool IsOutsideTunnel);

/// <summary>Whether all that a tunnel took still leaves by it.</summary>
/// <param name="Tunnel">Its name.</param>
/// <param name="Took">What left by it when the session's routes were in: 0.0.0.0/0 except 192.0.2.0/24.</param>
/// <param name="IsFull">It took all public addresses of the family, but for the server's and those that the machine had
/// a route of its own to.</param>
/// <param name="IsComplete">Nothing of it is lost, and nothing leads past it.</param>
/// <param name="Lost">Addresses that leave by it no more; absent for none.</param>
/// <param name="Bypasses">Routes that lead past it, each with the range that it takes.</param>
public sealed record CoverageView(
    string Tunnel,
    string Took,
    bool IsFull,
    bool IsComplete,
    string? Lost,
    IReadOnlyList<string> Bypasses
);

/// <summary>How fresh the baseline is.</summary>
/// <param name="AgeSeconds">Since it was taken, or last moved with the machine.</param>
/// <param name="IsOfThisNetwork">The machine still stands where it was taken.</param>
public sealed record BaselineStateView(double AgeSeconds, bool IsOfThisNetwork);
