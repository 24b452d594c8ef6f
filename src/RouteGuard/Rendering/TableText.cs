namespace RouteGuard.Rendering;

/// <summary>Tables, differences and ways in words.</summary>
internal static class TableText
{
    public static string Print(RoutesView view, Screen screen)
    {
        var rows = view
            .Routes.Select(row => new[] { Owner(row), row.Route })
            .Concat(view.Rules.Select(rule => new[] { Paint.Dim("rule"), rule }))
            .ToArray();
        var table = rows.Length == 0 ? "No route." : Columns.Print(["OWNER", "ROUTE"], rows, screen.Width);
        return view.Note is null ? table : $"{table}\n{Paint.Yellow($"Owners are not known: {view.Note}")}";
    }

    public static string Print(DiffView view, Screen screen)
    {
        string[] lines =
        [
            .. view.Removed.Select(route => Paint.Red($"- {route}")),
            .. view.Changed.SelectMany(pair => new[] { Paint.Red($"- {pair.Before}"), Paint.Green($"+ {pair.After}") }),
            .. view.Added.Select(route => Paint.Green($"+ {route}")),
            .. view.RemovedRules.Select(rule => Paint.Red($"- rule {rule}")),
            .. view.AddedRules.Select(rule => Paint.Green($"+ rule {rule}")),
        ];
        return lines.Length == 0
            ? $"No difference between {view.From} and {view.To}."
            : string.Join(
                '\n',
                lines
                    .Select(line => Columns.Wrap(line, 0, screen.Width))
                    .Prepend(Paint.Bold($"+++ {view.To}"))
                    .Prepend(Paint.Bold($"--- {view.From}"))
            );
    }

    public static string Print(WhyView view, Screen screen)
    {
        List<(string Word, string Text)> lines =
        [
            (
                "goes by",
                view.Winner is { } winner ? Paint.Bold(winner.Route)
                : view.Rule is not null ? $"nothing: a policy rule refuses it"
                : "nothing: no route leads there"
            ),
        ];
        if (view.Winner is { } known)
        {
            lines.Add(("put there by", Owner(known)));
        }

        if (view.Rule is { } rule)
        {
            lines.Add(("by rule", rule));
        }

        lines.Add(
            (
                "kernel says",
                $"{(view.KernelSays is { } by ? $"it leaves by {by}" : "it does not leave")}, "
                    + (view.Agrees ? Paint.Green("as the table does") : Paint.Red("and the table says otherwise"))
            )
        );
        lines.Add(("runner-up", view.RunnersUp is [var next, ..] ? $"{next.Route}  ({Owner(next)})" : "none"));
        if (view.Wanted is { } wanted)
        {
            lines.Add(
                (
                    "RouteGuard",
                    wanted ? Paint.Green("wants it so") : Paint.Yellow("does not want it so: see routeguard plan")
                )
            );
        }

        lines.AddRange(
            view.IfTunnelDied.SelectMany(death =>
                new[]
                {
                    ($"if {death.Tunnel} died", $"at once by {death.AtOnce ?? "nothing"}"),
                    (string.Empty, Afterwards(death)),
                }
            )
        );
        lines.AddRange(
            view.NotUnderstood.Select(asked => ("passed over", $"{asked}  (asks for more than an address)"))
        );
        var width = lines.Max(line => line.Word.Length) + 2;
        return string.Join(
            '\n',
            lines
                .Select(line => $"{line.Word.PadRight(width)}{Columns.Wrap(line.Text, width, screen.Width)}")
                .Prepend(Paint.Bold(view.Address))
        );
    }

    private static string Afterwards(DeathView death) =>
        death.Policy switch
        {
            "hold" => "then by nothing: its policy is to hold, until routeguard restore",
            "keep" => "and so it stays: its policy is to keep what is there",
            _ => $"then, restored, by {death.Restored ?? "nothing"}",
        };

    private static string Owner(OwnedRouteView row)
    {
        var writer = row.Writer is { Length: > 0 } name && row.Session is null ? $" ({Paint.Foreign(name)})" : "";
        return row.Owner switch
        {
            "session" => Paint.Cyan($"session {row.Session}"),
            "kernel" => Paint.Dim("kernel"),
            "baseline" => Paint.Green($"baseline{writer}"),
            "foreign" => Paint.Yellow($"foreign{writer}"),
            _ => $"machine{writer}",
        };
    }
}
