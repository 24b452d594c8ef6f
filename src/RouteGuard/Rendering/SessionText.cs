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
                $"  rules   on death {session.OnDeath}, on drift {session.OnDrift}",
                .. Promises(session),
                .. session.TakenRoutes.Select(route => $"  took    {route}"),
                .. session.OwnedRoutes.Select(route => $"  made    {route}"),
                .. session.TakenRules.Select(rule => $"  took    rule {rule}"),
                .. session.OwnedRules.Select(rule => $"  made    rule {rule}"),
            ]
        );

    private static IEnumerable<string> Promises(SessionView session)
    {
        if (session.LeaseSeconds is { } lease)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  lease   {lease:0.###} s");
        }

        if (session.Probe is { } probe)
        {
            yield return $"  probe   {probe}";
        }

        if (session.ConfirmBy is { } confirm)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  confirm by {confirm:yyyy-MM-dd HH:mm:ss} UTC, or it is rolled back"
            );
        }
    }

    public static string PrintList(IReadOnlyList<SessionView> sessions) => PrintList(sessions, int.MaxValue);

    public static string PrintList(IReadOnlyList<SessionView> sessions, int width) =>
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
                            Paint.Foreign(session.Label),
                        }
                    ),
                ],
                width
            );
}
