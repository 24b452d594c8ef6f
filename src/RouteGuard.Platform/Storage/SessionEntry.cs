using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <summary>session.json: a session with its overlay.</summary>
/// <remarks>
/// Lines of the overlay call the tunnel by the name that stands in the same file and every other interface <c>ifN</c>,
/// so they need nothing from elsewhere.
/// </remarks>
internal sealed record SessionEntry(
    int SchemaVersion,
    string Id,
    string Label,
    ProcessIdentity? Owner,
    uint BegunByUid,
    string? Tunnel,
    int TunnelIndex,
    SessionPhase Phase,
    DeathPolicy OnDeath,
    DateTimeOffset BegunAt,
    string BootId,
    OverlayEntry Overlay,
    DriftPolicy OnDrift = DriftPolicy.Reassert,
    double? LeaseSeconds = null,
    DateTimeOffset? ConfirmBy = null,
    string? Probe = null
)
{
    public static void Write(Utf8JsonWriter json, Session session) =>
        JsonSerializer.Serialize(json, Of(session), StorageJson.Default.SessionEntry);

    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out Session? session,
        [NotNullWhen(false)] out DocumentFault? fault
    ) =>
        SealedDocument.TryRead(
            bytes,
            Session.SchemaVersion,
            json => JsonSerializer.Deserialize(json, StorageJson.Default.SessionEntry)!.ToSession(),
            out session,
            out fault
        );

    private static SessionEntry Of(Session session) =>
        new(
            Session.SchemaVersion,
            session.Id.Value,
            session.Label,
            session.Owner,
            session.BegunByUid,
            session.Tunnel,
            session.TunnelIndex.Value,
            session.Phase,
            session.OnDeath,
            session.BegunAt,
            session.BootId,
            OverlayEntry.Of(session.Overlay, NamesOf(session.Tunnel, session.TunnelIndex)),
            session.OnDrift,
            session.Lease?.TotalSeconds,
            session.ConfirmBy,
            session.Probe?.ToString()
        );

    private Session ToSession() =>
        new()
        {
            Id = SessionId.Parse(Id),
            Label = Label,
            Owner = Owner,
            BegunByUid = BegunByUid,
            Tunnel = Tunnel,
            TunnelIndex = new(TunnelIndex),
            Phase = Phase,
            OnDeath = OnDeath,
            OnDrift = OnDrift,
            Lease = LeaseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ConfirmBy = ConfirmBy,
            Probe = Probe is null ? null : IpAddress.Parse(Probe),
            BegunAt = BegunAt,
            BootId = BootId,
            Overlay = Overlay.ToOverlay(NamesOf(Tunnel, new(TunnelIndex))),
        };

    private static InterfaceNames NamesOf(string? tunnel, InterfaceIndex index) =>
        tunnel is null || index.IsNone ? InterfaceNames.Numbers : new([KeyValuePair.Create(index, tunnel)]);
}

/// <summary>An overlay as lines. A route of a later ordinal has <c>#ORDINAL</c> in front.</summary>
internal sealed record OverlayEntry(
    IReadOnlyList<string> OwnedRoutes,
    IReadOnlyList<string> TakenRoutes,
    IReadOnlyList<string> OwnedRules,
    IReadOnlyList<string> TakenRules,
    ResolverSettings? Resolver
)
{
    public static OverlayEntry Of(Overlay overlay, InterfaceNames names) =>
        new(
            [.. overlay.OwnedRoutes.Select(route => LineOf(route, names))],
            [.. overlay.TakenRoutes.Select(route => LineOf(route, names))],
            [.. overlay.OwnedRules.Select(RuleText.Print)],
            [.. overlay.TakenRules.Select(RuleText.Print)],
            overlay.Resolver
        );

    public Overlay ToOverlay(InterfaceNames names) =>
        new(
            new(OwnedRoutes.Select(line => RouteOf(line, names))),
            new(TakenRoutes.Select(line => RouteOf(line, names))),
            new(OwnedRules.Select(RuleText.Parse)),
            new(TakenRules.Select(RuleText.Parse)),
            Resolver
        );

    private static string LineOf(Route route, InterfaceNames names)
    {
        var line = RouteText.PrintExactly(route, names);
        return route.Ordinal == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"#{route.Ordinal} {line}");
    }

    private static Route RouteOf(string line, InterfaceNames names)
    {
        if (!line.StartsWith('#'))
        {
            return RouteText.Parse(line, names);
        }

        var words = line.Split(' ', 2);
        var ordinal = byte.Parse(words[0].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        return RouteText.Parse(words[^1], names) with { Ordinal = ordinal };
    }
}
