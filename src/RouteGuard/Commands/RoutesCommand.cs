using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Commands;

/// <summary><c>routeguard routes</c>: the kernel's table, and whose each route is.</summary>
internal static class RoutesCommand
{
    public static Command Make(CommandLine line)
    {
        var isV4 = new Option<bool>("-4") { Description = "Only IPv4." };
        var isV6 = new Option<bool>("-6") { Description = "Only IPv6." };
        var all = new Option<bool>("--all") { Description = "The kernel's own entries too (local, multicast)." };
        var device = new Option<string?>("--dev") { Description = "Only routes that leave by this interface." };
        var table = new Option<string?>("--table") { Description = "Only this table: main, local, or a number." };
        var owner = new Option<string?>("--owner") { Description = "Only routes of this owner." };
        owner.AcceptOnlyFromAmong("kernel", "session", "baseline", "foreign", "machine");
        var from = new Option<string?>("--from") { Description = "The table in a file of routeguard report --record." };
        var command = new Command("routes", "All routes and policy rules, and whose each is.")
        {
            isV4,
            isV6,
            all,
            device,
            table,
            owner,
            from,
        };
        line.Handle(
            command,
            (parsed, _) =>
            {
                var file = parsed.GetValue(from);
                var stored = file is null ? Stored.TryRead(line, parsed) : Stored.OfAnother;
                var now = file is null ? ReadKernel(line) : Recorded.Read(file).Traffic.Table;
                var number = TableOf(parsed.GetValue(table));
                var only = DeviceOf(parsed.GetValue(device), now.Names);
                bool IsFamily(IpFamily family) =>
                    parsed.GetValue(isV4) == parsed.GetValue(isV6) || parsed.GetValue(isV4) == (family == IpFamily.V4);
                bool IsAsked(Route route) =>
                    IsFamily(route.Family)
                    && (number is null ? parsed.GetValue(all) || IsOfInterest(route) : route.Table == number)
                    && (only is null || Core.Planning.RouteOwnership.LeavesBy(route, only.Value));
                var rows = now.Routes.Where(IsAsked).Select(route => stored.View(route, now.Names));
                var view = new RoutesView(
                    line.Surroundings.Time.GetUtcNow(),
                    [.. rows.Where(row => parsed.GetValue(owner) is not { } word || row.Owner == word)],
                    [
                        .. now
                            .Rules.Where(rule =>
                                IsFamily(rule.Family) && only is null && parsed.GetValue(owner) is null
                            )
                            .Select(RuleText.Print),
                    ],
                    stored.WhyNot
                );
                line.Print(parsed, view, CliJson.Default.RoutesView, TableText.Print);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    private static RouteTable ReadKernel(CommandLine line)
    {
        using var kernel = line.Surroundings.OpenKernel();
        return kernel.Read();
    }

    // A person asks for ways out; the kernel's book-keeping of own and group addresses is none.
    private static bool IsOfInterest(Route route) =>
        !Core.Planning.RouteOwnership.IsBookkeeping(route)
        && route.Destination.Address is { IsMulticast: false, IsLinkLocal: false };

    private static uint? TableOf(string? word) =>
        word is null ? null
        : RouteTableNumber.TryParse(word, out var number) ? number
        : throw new CommandException(
            ExitCode.Usage,
            $"Cannot show table '{word}': it is neither a number nor a known name. Try main, local or 51820."
        );

    private static InterfaceIndex? DeviceOf(string? word, InterfaceNames names) =>
        word is null ? null
        : names.TryIndexOf(word, out var index) ? index
        : throw new CommandException(
            ExitCode.Failed,
            $"Cannot show routes by '{word}': there is no such interface. See routeguard routes."
        );
}

/// <summary><c>routeguard why ADDRESS</c>: which route decides, who put it there, and what would be without the
/// tunnel.</summary>
internal static class WhyCommand
{
    public static Command Make(CommandLine line)
    {
        var address = new Argument<string>("address") { Description = "An IPv4 or IPv6 address." };
        var command = new Command("why", "Says by which route an address is reached, who put it there, and what if.")
        {
            address,
        };
        line.Handle(
            command,
            (parsed, _) =>
            {
                if (!IpAddress.TryParse(parsed.GetValue(address), out var asked))
                {
                    throw new CommandException(
                        ExitCode.Usage,
                        $"Cannot look up '{parsed.GetValue(address)}': it is not an address. Names are not asked for."
                    );
                }

                using var kernel = line.Surroundings.OpenKernel();
                var view = Explain(asked, kernel.Read(), Stored.TryRead(line, parsed), kernel.WayTo);
                line.Print(parsed, view, CliJson.Default.WhyView, TableText.Print);
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    public static WhyView Explain(
        IpAddress asked,
        RouteTable now,
        Stored stored,
        Func<IpAddress, InterfaceIndex?> wayTo
    )
    {
        var found = Lookup.Of(now, asked);
        var says = wayTo(asked);
        return new(
            asked.ToString(),
            found.Winner is { } winner ? stored.View(winner, now.Names) : null,
            found.Rule is { } rule ? RuleText.Print(rule) : null,
            [.. found.Others.Select(route => stored.View(route, now.Names))],
            says is { } by ? now.Names.NameOf(by) : null,
            Agrees(found.Winner, says),
            stored.Open.Count > 0 && found.Winner is { } one
                ? RouteOwner.Of(one, stored.Open).Kind is OwnerKind.Session or OwnerKind.Baseline or OwnerKind.Kernel
                : null,
            [
                .. stored
                    .Open.Where(session => session.Session.Tunnel is not null)
                    .Select(session => Death(asked, now, session.Session)),
            ],
            [.. found.NotUnderstood.Select(RuleText.Print)]
        );
    }

    // A route over several legs, or one for this very machine, names no one interface: then any is as good.
    private static bool Agrees(Route? winner, InterfaceIndex? says) =>
        winner switch
        {
            null => says is null,
            { NextHop: NextHop.Via or NextHop.OnLink } => winner.NextHop.Device == says,
            { NextHop: NextHop.Blackhole or NextHop.Unreachable or NextHop.Prohibit } => says is null,
            _ => true,
        };

    private static DeathView Death(IpAddress asked, RouteTable now, Session session)
    {
        var tunnel = now.FindLink(session.Tunnel!)?.Index ?? session.TunnelIndex;
        var left = now.WithRoutes(
            now.Routes.Where(route => !Core.Planning.RouteOwnership.LeavesBy(route, tunnel))
                .Select(route => route with { Ordinal = 0 })
        );
        string? Way(RouteTable table) =>
            Lookup.Of(table, asked).Winner is { } route ? RouteText.Print(route, now.Names) : null;
        return new(
            session.Id.Value,
            session.Tunnel!,
            Way(left),
            session.OnDeath == DeathPolicy.Restore ? Way(session.Overlay.TakenOff(left)) : null,
            View.Word(session.OnDeath)
        );
    }
}
