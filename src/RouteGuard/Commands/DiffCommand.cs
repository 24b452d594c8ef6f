using System.CommandLine;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;
using RouteGuard.Rendering;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Commands;

/// <summary><c>routeguard diff [FROM [TO]]</c>: what tells two tables apart.</summary>
internal static class DiffCommand
{
    private const string Sides =
        "now, baseline[:SESSION], overlay[:SESSION] (baseline and overlay together), or a file of snapshot";

    public static Command Make(CommandLine line)
    {
        var from = new Argument<string>("from") { Description = Sides, DefaultValueFactory = _ => "baseline" };
        var to = new Argument<string>("to") { Description = Sides, DefaultValueFactory = _ => "now" };
        var command = new Command("diff", "Compares two tables: - is only in the first, + only in the second.")
        {
            from,
            to,
        };
        line.Handle(
            command,
            (parsed, _) =>
            {
                var view = Compare(
                    (parsed.GetValue(from)!, Find(line, parsed, parsed.GetValue(from)!)),
                    (parsed.GetValue(to)!, Find(line, parsed, parsed.GetValue(to)!))
                );
                line.Print(parsed, view, CliJson.Default.DiffView, TableText.Print);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    /// <summary>Compares; the kernel's own entries follow addresses and are left out.</summary>
    public static DiffView Compare((string Name, RouteTable Table) from, (string Name, RouteTable Table) to)
    {
        var (before, after) = (Own(from.Table), Own(to.Table));
        var difference = TableDifference.Between(before, after);
        string Before(Route route) => RouteText.Print(route, from.Table.Names);
        string After(Route route) => RouteText.Print(route, to.Table.Names);
        return new(
            from.Name,
            to.Name,
            [.. difference.Missing.Select(Before)],
            [.. difference.Extra.Select(After)],
            [.. difference.Changed.Select(pair => new ChangedRouteView(Before(pair.Before), After(pair.After)))],
            [.. from.Table.Rules.Except(to.Table.Rules).Select(RuleText.Print)],
            [.. to.Table.Rules.Except(from.Table.Rules).Select(RuleText.Print)]
        );
    }

    private static Route[] Own(RouteTable table) =>
        [.. table.Routes.Where(route => !RouteOwnership.IsKernelOwned(route))];

    private static RouteTable Find(CommandLine line, ParseResult parsed, string side)
    {
        if (side == "now")
        {
            using var kernel = line.Surroundings.OpenKernel();
            return kernel.Read();
        }

        var colon = side.IndexOf(':', StringComparison.Ordinal);
        var word = colon < 0 ? side : side[..colon];
        if (word is not ("baseline" or "overlay"))
        {
            return BaselineFile.Read(side).Table;
        }

        var open = line.Surroundings.ReadState(line.DirectoriesOf(parsed)).Open;
        var sessions = colon < 0 ? open : OnlyOf(open, side[(colon + 1)..]);
        return sessions.Count == 0
                ? throw new CommandException(
                    ExitCode.Failed,
                    $"Cannot compare with the {word}: no session is open. Name a file of routeguard snapshot."
                )
            : word == "overlay" ? WantedTable.Of(sessions)
            : sessions[0].Baseline.Table;
    }

    private static IReadOnlyList<StoredSession> OnlyOf(IReadOnlyList<StoredSession> open, string id) =>
        open.FirstOrDefault(one => one.Session.Id.Value == id) is { } session
            ? [session]
            : throw new CommandException(
                ExitCode.Failed,
                $"Cannot find session '{id}': no open session has this id. See routeguard session list."
            );
}
