using System.Globalization;
using RouteGuard.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Doctor;

/// <summary>The doctor's findings in words.</summary>
internal static class DoctorText
{
    public static IRenderable Print(DoctorView view) =>
        new Rows([
            new Listing(null, [.. view.Checks.Select(RowOf)]),
            Phrase.Empty,
            view.Residue.Count == 0
                ? Paint.Green("Nothing is left behind by a dead VPN.")
                : Paint.Bold(
                    string.Create(CultureInfo.InvariantCulture, $"{view.Residue.Count} left behind by a dead VPN:")
                ),
            new Listing(null, [.. view.Residue.Select(RowOf)]),
            new Listing(null, [.. (view.Fixed ?? []).Select(done => new Row(done.What, Outcome(done.Outcome)))]),
            .. view.Residue.Count > 0 && view.Fixed is null
                ? [Paint.Say("Apply them by: routeguard doctor --fix all, or --fix 1,2")]
                : Array.Empty<IRenderable>(),
        ]);

    private static Row RowOf(CheckView check) =>
        new(
            check.Level switch
            {
                "ok" => Paint.Green(check.Level),
                "problem" => Paint.Red(check.Level),
                _ => Paint.Yellow(check.Level),
            },
            check.Name,
            check.Text
        )
        {
            Below = check.Advice is { } advice ? [Paint.Bold(advice)] : [],
        };

    private static Row RowOf(ResidueView left) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{left.Number, 3}."), Paint.Yellow(left.What))
        {
            Below = [Paint.Dim($"because {left.Why}"), Paint.Bold($"repair: {left.Repair}")],
        };

    private static Phrase Outcome(string outcome) =>
        outcome.StartsWith("Refused", StringComparison.Ordinal) ? Paint.Red(outcome) : Paint.Green(outcome);
}
