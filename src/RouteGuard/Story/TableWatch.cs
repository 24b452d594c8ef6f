using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Story;

/// <summary>Turns events and two looks at the table into lines: what changed, and who did it. Pure.</summary>
internal static class TableWatch
{
    public static IReadOnlyList<WatchView> Between(
        RouteTable before,
        RouteTable now,
        IReadOnlyList<KernelEvent> events,
        DateTimeOffset at
    )
    {
        var difference = TableDifference.Between(before.Routes, now.Routes);
        string? Writer(Route route) =>
            events
                .OfType<KernelEvent.RouteWritten>()
                .LastOrDefault(written => written.Destination == route.Destination)
                ?.Writer;

        // A route that went with its interface was taken away by nobody.
        string? Remover(Route route) =>
            Writer(route)
            ?? (
                now.FindLink(route.NextHop.Device) is { IsUsable: true } || route.NextHop.Device.IsNone
                    ? null
                    : $"the kernel, with {before.Names.NameOf(route.NextHop.Device)}"
            );
        return
        [
            .. Lost(events, at),
            .. Links(before, now, at),
            .. difference.Missing.Select(route => new WatchView(
                at,
                "removed",
                RouteText.Print(route, before.Names),
                null,
                Remover(route)
            )),
            .. difference.Changed.Select(pair => new WatchView(
                at,
                "changed",
                RouteText.Print(pair.After, now.Names),
                RouteText.Print(pair.Before, before.Names),
                Writer(pair.After)
            )),
            .. difference.Extra.Select(route => new WatchView(
                at,
                "added",
                RouteText.Print(route, now.Names),
                null,
                Writer(route)
            )),
            .. Rules(before, now, at),
        ];
    }

    private static IEnumerable<WatchView> Lost(IReadOnlyList<KernelEvent> events, DateTimeOffset at) =>
        events.Any(happened => happened is KernelEvent.Lost)
            ? [new(at, "lost", "some changes were too many to be told; the table was read anew", null, null)]
            : [];

    private static IEnumerable<WatchView> Rules(RouteTable before, RouteTable now, DateTimeOffset at)
    {
        WatchView Line(string change, PolicyRule rule) => new(at, change, RuleText.Print(rule), null, null);
        return before
            .Rules.Except(now.Rules)
            .Select(rule => Line("ruleRemoved", rule))
            .Concat(now.Rules.Except(before.Rules).Select(rule => Line("ruleAdded", rule)));
    }

    private static IEnumerable<WatchView> Links(RouteTable before, RouteTable now, DateTimeOffset at)
    {
        var gone = before
            .Links.Where(link => now.FindLink(link.Index) is null)
            .Select(link => new WatchView(at, "linkGone", link.Name, null, null));
        var moved = now
            .Links.Where(link => (before.FindLink(link.Index) is { IsUsable: true }) != link.IsUsable)
            .Select(link => new WatchView(at, link.IsUsable ? "linkUp" : "linkDown", link.Name, null, null));
        return gone.Concat(moved);
    }
}
