using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Fakes;

/// <summary>Tables as text: a machine with phys0 (4), phys1 (5) and a tunnel tun0 (9), and routes a line
/// each.</summary>
internal static class Tables
{
    public static readonly InterfaceIndex Phys0 = new(4);
    public static readonly InterfaceIndex Tun0 = new(9);

    public static readonly NetworkLink Phys0Link = Link(
        4,
        "phys0",
        "veth",
        "02:00:00:00:00:04",
        "192.0.2.10/24",
        "2001:db8:1::10/64"
    );
    public static readonly NetworkLink Phys1Link = Link(5, "phys1", "veth", "02:00:00:00:00:05", "198.51.100.10/24");
    public static readonly NetworkLink Tun0Link = Link(9, "tun0", "tun", "", "10.8.0.2/24") with
    {
        IsPointToPoint = true,
    };

    public static NetworkLink Link(int index, string name, string kind, string mac, params string[] addresses) =>
        new()
        {
            Index = new(index),
            Name = name,
            Kind = kind,
            Mac = mac,
            IsUp = true,
            HasCarrier = true,
            Addresses = new(addresses.Select(Address)),
        };

    public static InterfaceAddress Address(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return new(
            IpAddress.Parse(text[..slash]),
            byte.Parse(text[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    /// <summary>Routes a line each; a line that starts with "rule" is a policy rule.</summary>
    public static RouteTable Parse(string text, params NetworkLink[] links)
    {
        NetworkLink[] known = links.Length > 0 ? links : [Phys0Link, Phys1Link, Tun0Link];
        var names = new InterfaceNames(known.Select(link => KeyValuePair.Create(link.Index, link.Name)));
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return RouteTable.FromDump(
            lines
                .Where(line => !line.StartsWith("rule ", StringComparison.Ordinal))
                .Select(line => RouteText.Parse(line, names)),
            lines
                .Where(line => line.StartsWith("rule ", StringComparison.Ordinal))
                .Select(line => RuleText.Parse(line[5..])),
            known
        );
    }

    public static string Lines(RouteTable table) =>
        string.Join(
            '\n',
            table
                .Routes.Select(route => RouteText.Print(route, table.Names))
                .Concat(table.Rules.Select(rule => $"rule {rule}"))
        );

    /// <summary>Text as <see cref="Lines"/> would print it.</summary>
    public static string Text(string text) => Lines(Parse(text));
}
