using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Sessions;

/// <summary>Whose a route is. A closed choice.</summary>
public enum OwnerKind
{
    /// <summary>The kernel makes and keeps it by itself.</summary>
    Kernel,

    /// <summary>A session's overlay.</summary>
    Session,

    /// <summary>It was there before the VPN.</summary>
    Baseline,

    /// <summary>Neither: somebody wrote it while a session was open.</summary>
    Foreign,

    /// <summary>No session is open, so there is no baseline to be in.</summary>
    Machine,
}

/// <summary>Whose a route is, and who says so.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="Session">For <see cref="OwnerKind.Session"/>: which.</param>
/// <param name="Writer">Who installed it, by its own word (rtm_protocol) or by the journal's; empty when nobody
/// says.</param>
public sealed record RouteOwner(OwnerKind Kind, SessionId? Session, string Writer)
{
    /// <summary>Looks a route up in what is stored of the open sessions.</summary>
    /// <param name="route">A route that the kernel has.</param>
    /// <param name="open">Open sessions.</param>
    public static RouteOwner Of(Route route, IReadOnlyList<StoredSession> open)
    {
        var writer = WriterOf(route);
        if (open.LastOrDefault(one => one.Session.Overlay.Owns(route)) is { } made)
        {
            return new(OwnerKind.Session, made.Session.Id, made.Session.Label);
        }

        if (RouteOwnership.IsKernelOwned(route))
        {
            return new(OwnerKind.Kernel, null, writer);
        }

        return new(
            open.Count == 0 ? OwnerKind.Machine
                : open.Any(one => one.Baseline.Table.Find(route)?.HasValueOf(route) == true) ? OwnerKind.Baseline
                : OwnerKind.Foreign,
            null,
            writer
        );
    }

    /// <summary>For people: <c>kernel</c>, <c>baseline (dhcp)</c>, <c>session s-1</c>, <c>foreign (bird)</c>.</summary>
    public override string ToString() =>
        Kind switch
        {
            OwnerKind.Session => $"session {Session}",
            OwnerKind.Kernel => "kernel",
            OwnerKind.Baseline => With("baseline"),
            OwnerKind.Foreign => With("foreign"),
            _ => With("machine"),
        };

    private string With(string word) => Writer.Length == 0 ? word : $"{word} ({Writer})";

    // boot and unspec say no more than that a person, a script or a VPN program was it.
    private static string WriterOf(Route route) =>
        route.Attributes.Protocol is RouteProtocol.Boot or RouteProtocol.Unspecified
            ? string.Empty
            : RouteProtocol.NameOf(route.Attributes.Protocol);
}
