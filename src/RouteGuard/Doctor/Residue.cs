using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Doctor;

/// <summary>Something that a dead VPN left behind.</summary>
/// <param name="What">The entry in the words of <c>ip</c>.</param>
/// <param name="Why">Completes "is left behind: …".</param>
/// <param name="Repair">The command that removes it.</param>
/// <param name="Step">The same as a step; null where it is not RouteGuard's to do.</param>
internal sealed record Leftover(string What, string Why, string Repair, PlanStep? Step);

/// <summary>Finds leftovers in a table, its rules, the system's own settings and the resolver's servers.
/// Pure.</summary>
/// <remarks>What an open session owns is no leftover, nor is what the kernel or a routing program made.</remarks>
internal static class Residue
{
    private const uint TableDefault = 253;

    /// <summary>Tables that VPN programs choose: wg-quick, strongSwan, Tailscale.</summary>
    private static readonly (uint Number, string Program)[] KnownTables =
    [
        (51820, "wg-quick"),
        (220, "strongSwan"),
        (52, "Tailscale"),
    ];

    // A tun is point-to-point and tells itself; a tap is a network like any other.
    private static readonly string[] TunnelKinds = ["wireguard", "ipip", "gre", "vti", "xfrm", "ppp"];

    /// <param name="table">Now.</param>
    /// <param name="open">Open sessions: theirs is meant.</param>
    /// <param name="nameServers">Of the resolver.</param>
    /// <param name="speaksBsd">Repairs in the words of route(8) instead of ip(8).</param>
    /// <param name="truth">What the system itself says; left out where it keeps no such settings.</param>
    public static IReadOnlyList<Leftover> Find(
        RouteTable table,
        IReadOnlyList<StoredSession> open,
        IReadOnlyList<IpAddress> nameServers,
        bool speaksBsd,
        LiveTruth? truth = null
    )
    {
        bool IsMeant(Route route) =>
            !RouteOwnership.IsHandMade(route)
            || RouteOwner.Of(route, open).Kind is OwnerKind.Kernel or OwnerKind.Session or OwnerKind.Baseline;
        var routes = table
            .Routes.Where(route => !IsMeant(route))
            .Select(route => (Route: route, Why: WhyLeft(table, route, open.Count > 0)))
            .Where(one => one.Why is not null)
            .Select(one => Of(one.Route, one.Why!, table.Names, speaksBsd));
        var rules = table
            .Rules.Where(rule =>
                rule.Protocol != RouteProtocol.Kernel && !open.Any(one => one.Session.Overlay.OwnedRules.Contains(rule))
            )
            .Select(rule => (Rule: rule, Why: WhyLeft(table, rule)))
            .Where(one => one.Why is not null)
            .Select(one => Of(one.Rule, one.Why!));
        var orphans = (truth?.Services ?? []).Where(service => IsOrphan(service, table, open)).Select(Of);
        var silent = nameServers.Where(server => !IsReached(table, server)).Select(Of);
        return [.. routes, .. rules, .. orphans, .. silent];
    }

    // What a program made up for an interface that is gone; while a session is open for it, the guard sees to that.
    private static bool IsOrphan(TruthService service, RouteTable table, IReadOnlyList<StoredSession> open) =>
        !service.IsConfigured
        && table.FindLink(service.InterfaceName) is null
        && !open.Any(one =>
            string.Equals(one.Session.Tunnel, service.InterfaceName, StringComparison.Ordinal)
            || one.Baseline.Truth.Services.Any(then => string.Equals(then.Key, service.Key, StringComparison.Ordinal))
        );

    private static string? WhyLeft(RouteTable table, Route route, bool isGuarded)
    {
        if (route.NextHop is NextHop.Unreachable or NextHop.Blackhole && route.Destination.Length <= 1 && !isGuarded)
        {
            return "it holds all traffic back, and no session wants that";
        }

        if (route.NextHop.Device is { IsNone: false } device && table.FindLink(device) is not { IsUp: true } link)
        {
            return table.FindLink(device) is { } down
                ? $"it leads to {down.Name}, which is down"
                : "it leads to an interface that is gone";
        }
        else if (
            table.FindLink(route.NextHop.Device) is { HasCarrier: false } dead
            && (dead.IsPointToPoint || TunnelKinds.Contains(dead.Kind, StringComparer.Ordinal))
        )
        {
            return $"it leads to {dead.Name}, a tunnel that nobody serves";
        }

        if (route.NextHop is NextHop.Via { IsOnLink: false } via && !IsOnLink(table, via))
        {
            return route.ScopeInterface.IsNone
                ? $"its gateway {via.Gateway} is no longer on the link"
                : $"it is scoped to an interface where its gateway {via.Gateway} no longer is";
        }

        return
            KnownTables.FirstOrDefault(known => known.Number == route.Table) is { Program: { } program }
            && !table.Rules.Any(rule => rule.Family == route.Family && rule.Table == route.Table)
            ? $"no rule leads to table {route.Table}, which {program} makes"
            : null;
    }

    private static string? WhyLeft(RouteTable table, PolicyRule rule)
    {
        if (rule.Action != PolicyRule.ActionLookup || rule.UsesVrfTable || !RouteOwnership.IsHandMade(rule))
        {
            return null;
        }

        if (rule.SuppressPrefixLength is not null)
        {
            // wg-quick's first rule means something only beside its second.
            return table.Rules.Any(other =>
                other.Family == rule.Family
                && other.Action == PolicyRule.ActionLookup
                && !IsSystemTable(other.Table)
                && table.Routes.Any(route => route.Family == rule.Family && route.Table == other.Table)
            )
                ? null
                : "it passes over the default of main, and no other rule offers one";
        }

        if (
            IsSystemTable(rule.Table)
            || table.Routes.Any(route => route.Family == rule.Family && route.Table == rule.Table)
        )
        {
            return null;
        }

        var program = KnownTables.FirstOrDefault(known => known.Number == rule.Table).Program;
        return $"it leads to table {rule.Table}{(program is null ? "" : $" of {program}")}, which is empty";
    }

    private static bool IsSystemTable(uint table) => table is Route.TableMain or Route.TableLocal or TableDefault;

    private static bool IsOnLink(RouteTable table, NextHop.Via via) =>
        via.Gateway.IsLinkLocal
        || table.Links.Any(link =>
            (via.Device.IsNone || link.Index == via.Device)
            && link.Addresses.Any(own => own.Network.Contains(via.Gateway))
        )
        || table.Routes.Any(route =>
            route.NextHop is NextHop.OnLink
            && (via.Device.IsNone || route.NextHop.Device == via.Device)
            && route.Destination.Contains(via.Gateway)
        );

    private static bool IsReached(RouteTable table, IpAddress server) =>
        IsLoopback(server)
        || server.IsLinkLocal
        || Lookup.Of(table, server).Winner
            is { NextHop: not (NextHop.Unreachable or NextHop.Blackhole or NextHop.Prohibit) };

    private static bool IsLoopback(IpAddress address) =>
        address.Family == IpFamily.V4 ? address.Low >> 24 == 127 : address.Number == 1;

    private static Leftover Of(Route route, string why, InterfaceNames names, bool speaksBsd)
    {
        var text = RouteText.Print(route, names);
        var repair = speaksBsd
            ? $"route -n delete -{(route.Family == IpFamily.V4 ? "inet" : "inet6")} {route.Destination}"
                + (route.ScopeInterface.IsNone ? "" : $" -ifscope {names.NameOf(route.ScopeInterface)}")
            : $"ip {(route.Family == IpFamily.V6 ? "-6 " : "")}route del {text}";
        return new(text, why, repair, new PlanStep.DeleteRoute(route, $"is left behind: {why}"));
    }

    private static Leftover Of(PolicyRule rule, string why)
    {
        const string V6 = "-6 ";
        var text = RuleText.Print(rule);
        var repair = text.StartsWith(V6, StringComparison.Ordinal)
            ? $"ip -6 rule del {text[V6.Length..]}"
            : $"ip rule del {text}";
        return new($"rule {text}", why, repair, new PlanStep.DeleteRule(rule, $"is left behind: {why}"));
    }

    // A key may hold any letter: it goes to scutil as one word of the shell.
    private static Leftover Of(TruthService service)
    {
        var why = $"it names {service.InterfaceName}, which is gone, and no service of this Mac is set up so";
        var word = $"remove {service.Key}".Replace("'", @"'\''", StringComparison.Ordinal);
        var repair = $"printf '%s\\n' '{word}' | scutil";
        return new(service.Key, why, repair, new PlanStep.RemoveOrphan(service.Key, $"is left behind: {why}"));
    }

    // The resolver's file belongs to somebody else: what it should say, that program knows.
    private static Leftover Of(IpAddress server) =>
        new(
            $"nameserver {server}",
            "no route leads to it, so nobody answers",
            $"remove 'nameserver {server}' from /etc/resolv.conf, or let its owner write it again",
            null
        );
}
