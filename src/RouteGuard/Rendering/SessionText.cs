using System.Globalization;
using RouteGuard.Core.Api;

namespace RouteGuard.Rendering;

/// <summary>Sessions in words.</summary>
internal static class SessionText
{
    public static string Print(SessionView session) =>
        string.Join(
            '\n',
            [
                $"{session.Id}  {session.Phase}{(session.Label.Length > 0 ? $"  {session.Label}" : "")}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  begun   {session.BegunAt:yyyy-MM-dd HH:mm:ss} UTC by uid {session.BegunByUid}"
                ),
                $"  owner   {session.OwnerPid?.ToString(CultureInfo.InvariantCulture) ?? "none; the tunnel alone tells"}",
                $"  tunnel  {session.Tunnel ?? "not seen yet"}",
                .. session.TakenRoutes.Select(route => $"  took    {route}"),
                .. session.OwnedRoutes.Select(route => $"  made    {route}"),
                .. session.TakenRules.Select(rule => $"  took    rule {rule}"),
                .. session.OwnedRules.Select(rule => $"  made    rule {rule}"),
            ]
        );

    public static string PrintList(IReadOnlyList<SessionView> sessions) =>
        sessions.Count == 0
            ? "No session is open."
            : Columns.Print(
                ["ID", "PHASE", "OWNER", "TUNNEL", "LABEL"],
                [
                    .. sessions.Select(session =>
                        new[]
                        {
                            session.Id,
                            session.Phase,
                            session.OwnerPid?.ToString(CultureInfo.InvariantCulture) ?? "-",
                            session.Tunnel ?? "-",
                            session.Label,
                        }
                    ),
                ]
            );
}
