using RouteGuard.Core.Api;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Doctor;

namespace RouteGuard.Report;

/// <summary>Everything that a report tells of, as it was found: nothing is drawn, cut or replaced yet.</summary>
internal sealed record ReportFacts
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Of RouteGuard.</summary>
    public required string Version { get; init; }

    public required ReportedMachine Machine { get; init; }

    /// <summary>A daemon answered, so changes since the last record would be in the journal.</summary>
    public required bool IsGuarded { get; init; }

    /// <summary>Stored sessions, the closed ones first, oldest first.</summary>
    public required IReadOnlyList<Session> Sessions { get; init; }

    /// <summary>The baseline of the first open session, or of the last closed one; null when nothing is
    /// stored.</summary>
    public required RouteTable? Before { get; init; }

    /// <summary>Baseline and overlays together; null when nothing is stored.</summary>
    public required RouteTable? During { get; init; }

    public required RouteTable Now { get; init; }

    /// <summary>What a restore would do now; null when it could not be asked.</summary>
    public required ReportView? Plan { get; init; }

    /// <summary>What the doctor looked at.</summary>
    public required IReadOnlyList<CheckView> Checks { get; init; }

    /// <summary>What dead VPNs left.</summary>
    public required IReadOnlyList<ResidueView> Residue { get; init; }

    public required JournalExcerpt Journal { get; init; }

    /// <summary>What is missing from the report, and why.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>True when the addresses are pseudonyms.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>Baseline and overlays together, with the names of the tunnels, which the baseline does not
    /// know.</summary>
    public static RouteTable Wanted(IReadOnlyList<StoredSession> sessions)
    {
        // What a session took and its death put back is in its ledger too; while it lived it was not there.
        var table = WantedTable.Of([
            .. sessions.Select(one => one with { Session = one.Session with { Overlay = Alive(one.Session.Overlay) } }),
        ]);
        var tunnels = sessions
            .Select(one => one.Session)
            .Where(session => session.Tunnel is not null && table.FindLink(session.TunnelIndex) is null)
            .Select(session => new NetworkLink { Index = session.TunnelIndex, Name = session.Tunnel! });
        return table.WithLinks(table.Links.Concat(tunnels.Where(link => !link.Index.IsNone)));
    }

    private static Overlay Alive(Overlay overlay) =>
        overlay with
        {
            OwnedRoutes = new(
                overlay.OwnedRoutes.Where(route => !overlay.TakenRoutes.Any(taken => taken.IsSameAs(route)))
            ),
        };
}

/// <summary>Which machine it is.</summary>
/// <param name="HostName">Its name.</param>
/// <param name="System">The distribution or system, with its version.</param>
/// <param name="Kernel">Name and version.</param>
internal sealed record ReportedMachine(string HostName, string System, string Kernel);
