using System.Globalization;
using RouteGuard.Rendering;

namespace RouteGuard.Doctor;

/// <summary>The doctor's findings in words.</summary>
internal static class DoctorText
{
    public static string Print(DoctorView view, Screen screen)
    {
        List<string> lines = [];
        foreach (var check in view.Checks)
        {
            var mark = check.Level switch
            {
                "ok" => Paint.Green("ok       "),
                "problem" => Paint.Red("problem  "),
                _ => Paint.Yellow("note     "),
            };
            const int Indent = 9;
            lines.Add(mark + Columns.Wrap(Paint.Foreign($"{check.Name}: {check.Text}"), Indent, screen.Width));
            if (check.Advice is { } advice)
            {
                lines.Add(new string(' ', Indent) + Columns.Wrap(Paint.Foreign(advice), Indent, screen.Width));
            }
        }

        lines.Add(string.Empty);
        lines.Add(
            view.Residue.Count == 0
                ? Paint.Green("Nothing is left behind by a dead VPN.")
                : Paint.Bold(
                    string.Create(CultureInfo.InvariantCulture, $"{view.Residue.Count} left behind by a dead VPN:")
                )
        );
        foreach (var left in view.Residue)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"{left.Number, 3}  ");
            const int Indent = 5;
            lines.Add(number + Columns.Wrap(Paint.Yellow(Paint.Foreign(left.What)), Indent, screen.Width));
            lines.Add(new string(' ', Indent) + Columns.Wrap($"because {left.Why}", Indent, screen.Width));
            lines.Add(
                new string(' ', Indent) + Columns.Wrap(Paint.Foreign($"repair: {left.Repair}"), Indent, screen.Width)
            );
        }

        lines.AddRange((view.Fixed ?? []).Select(done => $"{done.What}: {done.Outcome}"));
        if (view.Residue.Count > 0 && view.Fixed is null)
        {
            lines.Add("Apply them by: routeguard doctor --fix all, or --fix 1,2");
        }

        return string.Join('\n', lines);
    }
}
