using RouteGuard.Core.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>Tables, differences and ways in words.</summary>
internal static class TableText
{
    /// <summary>Routes and rules, a line each, in the words of <c>ip</c>.</summary>
    public static IRenderable Print(TableView table) =>
        new Listing(
            null,
            [.. table.Routes.Concat(table.Rules.Select(rule => $"rule {rule}")).Select(line => new Row(line))]
        );

    public static IRenderable Print(RoutesView view)
    {
        Row[] rows =
        [
            .. view.Routes.Select(row => new Row(Owner(row), row.Route)),
            .. view.Rules.Select(rule => new Row(Paint.Dim("rule"), rule)),
        ];
        IRenderable table = rows.Length == 0 ? Paint.Say("No route.") : new Listing(["OWNER", "ROUTE"], rows);
        return view.Note is null ? table : new Rows(table, Paint.Yellow($"Owners are not known: {view.Note}"));
    }

    public static IRenderable Print(DiffView view)
    {
        Row[] rows = [.. Changes(view)];
        return rows.Length == 0
            ? Paint.Green($"No difference between {view.From} and {view.To}.")
            : new Rows(Paint.Bold($"--- {view.From}"), Paint.Bold($"+++ {view.To}"), new Listing(null, rows));
    }

    /// <summary>A line for each entry that is in one table alone.</summary>
    public static IEnumerable<Row> Changes(DiffView view) =>
        [
            .. view.Removed.Select(Gone),
            .. view.Changed.SelectMany(pair => new[] { Gone(pair.Before), Come(pair.After) }),
            .. view.Added.Select(Come),
            .. view.RemovedRules.Select(rule => Gone($"rule {rule}")),
            .. view.AddedRules.Select(rule => Come($"rule {rule}")),
        ];

    public static IRenderable Print(WhyView view)
    {
        List<Row> facts =
        [
            new(
                "goes by",
                view.Winner is { } winner ? Paint.Bold(winner.Route)
                    : view.Rule is not null ? Paint.Red("nothing: a policy rule refuses it")
                    : Paint.Red("nothing: no route leads there")
            ),
        ];
        facts.AddRange(view.Winner is { } known ? [new Row("put there by", Owner(known))] : []);
        facts.AddRange(view.Rule is { } rule ? [new Row("by rule", rule)] : []);
        var says = view.KernelSays is { } by ? $"it leaves by {by}, " : "it does not leave, ";
        facts.Add(
            new(
                "kernel says",
                says + (view.Agrees ? Paint.Green("as the table does") : Paint.Red("and the table says otherwise"))
            )
        );
        facts.Add(new("runner-up", view.RunnersUp is [var next, ..] ? $"{next.Route}  (" + Owner(next) + ")" : "none"));
        if (view.Wanted is { } wanted)
        {
            facts.Add(
                new(
                    "RouteGuard",
                    wanted ? Paint.Green("wants it so") : Paint.Yellow("does not want it so: see routeguard plan")
                )
            );
        }

        facts.AddRange(view.IfTunnelDied.SelectMany(Death));
        facts.AddRange(
            view.NotUnderstood.Select(asked => new Row("passed over", $"{asked}  (asks for more than an address)"))
        );
        return new Rows(Paint.Bold(view.Address), new Listing(null, facts));
    }

    private static Row[] Death(DeathView death)
    {
        Phrase tunnel = $"if {death.Tunnel} died";
        return
        [
            new(tunnel, $"at once by {death.AtOnce ?? "nothing"}"),
            new(tunnel, Afterwards(death)) { IsMore = true },
        ];
    }

    private static string Afterwards(DeathView death) =>
        death.Policy switch
        {
            "hold" => "then by nothing: its policy is to hold, until routeguard restore",
            "keep" => "and so it stays: its policy is to keep what is there",
            _ => $"then, restored, by {death.Restored ?? "nothing"}",
        };

    private static Row Gone(string line) => new(Paint.Red($"- {line}"));

    private static Row Come(string line) => new(Paint.Green($"+ {line}"));

    /// <summary>Whose a route is, in its owner's colour.</summary>
    public static Phrase Owner(OwnedRouteView row)
    {
        var writer = row.Writer is { Length: > 0 } name && row.Session is null ? $" ({name})" : "";
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
