using System.Globalization;
using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>Sessions in words.</summary>
internal static class SessionText
{
    public static IRenderable Print(SessionView session) =>
        new Listing(
            null,
            [
                new("session", Paint.Bold(session.Id)),
                new("phase", Phase(session.Phase)),
                .. session.Label.Length > 0 ? [new Row("label", session.Label)] : Array.Empty<Row>(),
                new(
                    "begun",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{session.BegunAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by uid {session.BegunByUid}"
                    )
                ),
                new("owner", OwnerOf(session) ?? "none; the tunnel alone tells"),
                new("tunnel", session.Tunnel ?? "not seen yet"),
                new("rules", $"on death {session.OnDeath}, on drift {session.OnDrift}"),
                .. Promises(session),
                .. session.TakenRoutes.Select(route => new Row(Paint.Red("took"), route)),
                .. session.OwnedRoutes.Select(route => new Row(Paint.Green("made"), route)),
                .. session.TakenRules.Select(rule => new Row(Paint.Red("took"), $"rule {rule}")),
                .. session.OwnedRules.Select(rule => new Row(Paint.Green("made"), $"rule {rule}")),
            ]
        );

    public static IRenderable PrintList(IReadOnlyList<SessionView> sessions) =>
        sessions.Count == 0
            ? Paint.Say("No session is open.")
            : new Listing(
                ["ID", "PHASE", "OWNER", "TUNNEL", "LABEL"],
                [
                    .. sessions.Select(session => new Row(
                        Paint.Cyan(session.Id),
                        Phase(session.Phase),
                        OwnerOf(session) ?? "-",
                        session.Tunnel ?? "-",
                        session.Label
                    )),
                ]
            );

    private static Phrase Phase(string phase) =>
        phase switch
        {
            "up" => Paint.Green(phase),
            "restoring" => Paint.Yellow(phase),
            _ => phase,
        };

    private static string? OwnerOf(SessionView session) => session.OwnerPid?.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<Row> Promises(SessionView session)
    {
        if (session.LeaseSeconds is { } lease)
        {
            yield return new("lease", string.Create(CultureInfo.InvariantCulture, $"{lease:0.###} s"));
        }

        if (session.Probe is { } probe)
        {
            yield return new("probe", probe);
        }

        if (session.ConfirmBy is { } confirm)
        {
            yield return new(
                "confirm",
                Paint.Yellow(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"by {confirm.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, or it is rolled back"
                    )
                )
            );
        }
    }
}
