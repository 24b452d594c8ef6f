using System.Globalization;

namespace RouteGuard.Core.Routes;

/// <summary>rtm_protocol: who says it installed a route. Names as in iproute2's rt_protos.</summary>
public static class RouteProtocol
{
    public const byte Unspecified = 0;
    public const byte Redirect = 1;
    public const byte Kernel = 2;
    public const byte Boot = 3;
    public const byte Static = 4;
    public const byte Ra = 9;
    public const byte Dhcp = 16;

    private const byte Gated = 8;
    private const byte Zebra = 11;
    private const byte Ntk = 15;
    private const byte Babel = 42;
    private const byte Ovn = 84;
    private const byte OpenR = 99;
    private const byte Bgp = 186;
    private const byte Eigrp = 192;

    private static readonly NumberNames Names = new(
        (Unspecified, "unspec"),
        (Redirect, "redirect"),
        (Kernel, "kernel"),
        (Boot, "boot"),
        (Static, "static"),
        (Gated, "gated"),
        (Ra, "ra"),
        (10, "mrt"),
        (Zebra, "zebra"),
        (12, "bird"),
        (13, "dnrouted"),
        (14, "xorp"),
        (Ntk, "ntk"),
        (Dhcp, "dhcp"),
        (18, "keepalived"),
        (Babel, "babel"),
        (Ovn, "ovn"),
        (OpenR, "openr"),
        (Bgp, "bgp"),
        (187, "isis"),
        (188, "ospf"),
        (189, "rip"),
        (Eigrp, "eigrp")
    );

    /// <summary>True for programs that write and withdraw their routes themselves: gated, zebra to ntk, babel, ovn,
    /// openr, bgp to eigrp (linux/rtnetlink.h RTPROT_*).</summary>
    public static bool IsRoutingProgram(byte protocol) =>
        protocol is Gated or (>= Zebra and <= Ntk) or Babel or Ovn or OpenR or (>= Bgp and <= Eigrp);

    public static string NameOf(byte protocol) => Names.NameOf(protocol);

    public static bool TryParse(ReadOnlySpan<char> text, out byte protocol)
    {
        var known = Names.TryParse(text, byte.MaxValue, out var number);
        protocol = (byte)number;
        return known;
    }
}

/// <summary>rtm_scope: how far a destination is. Names as in iproute2's rt_scopes.</summary>
public static class RouteScope
{
    public const byte Global = 0;
    public const byte Site = 200;
    public const byte Link = 253;
    public const byte Host = 254;
    public const byte Nowhere = 255;

    private static readonly NumberNames Names = new(
        (Global, "global"),
        (Site, "site"),
        (Link, "link"),
        (Host, "host"),
        (Nowhere, "nowhere")
    );

    /// <summary>
    /// The scope that <c>ip route add</c> would choose: for IPv4 link for a destination without a gateway, else global.
    /// IPv6
    /// has no scopes.
    /// </summary>
    public static byte Of(Route route) => route.Attributes.Scope ?? DefaultFor(route);

    public static byte DefaultFor(Route route) =>
        route.NextHop switch
        {
            _ when route.Family == IpFamily.V6 => Global,
            NextHop.Special { Type: 2 or 10 } => Host,
            NextHop.Special { Type: 3 or 4 or 5 } => Link,
            NextHop.OnLink => Link,
            _ => Global,
        };

    public static string NameOf(byte scope) => Names.NameOf(scope);

    public static bool TryParse(ReadOnlySpan<char> text, out byte scope)
    {
        var known = Names.TryParse(text, byte.MaxValue, out var number);
        scope = (byte)number;
        return known;
    }
}

/// <summary>Numbers of routing tables with the names that every system has.</summary>
public static class RouteTableNumber
{
    private static readonly NumberNames Names = new((253, "default"), (254, "main"), (255, "local"));

    public static string NameOf(uint table) => Names.NameOf(table);

    public static bool TryParse(ReadOnlySpan<char> text, out uint table) =>
        Names.TryParse(text, uint.MaxValue, out table);
}

/// <summary>RTAX numbers with the words of <c>ip route</c>.</summary>
public static class RouteMetricName
{
    private static readonly NumberNames Names = new(
        (2, "mtu"),
        (3, "window"),
        (4, "rtt"),
        (5, "rttvar"),
        (6, "ssthresh"),
        (7, "cwnd"),
        (8, "advmss"),
        (9, "reordering"),
        (10, "hoplimit"),
        (11, "initcwnd"),
        (12, "features"),
        (13, "rto_min"),
        (14, "initrwnd"),
        (15, "quickack"),
        (17, "fastopen_no_cookie")
    );

    /// <summary>The word, or null for a number that has none.</summary>
    public static string? TryNameOf(byte number) => Names.TryNameOf(number);

    public static bool TryParse(ReadOnlySpan<char> text, out byte number)
    {
        var known = Names.TryParseName(text, out var value);
        number = (byte)value;
        return known;
    }
}

/// <summary>Two-way names of numbers up to 255; a number without a name is its own name.</summary>
internal sealed class NumberNames
{
    private readonly string?[] _names = new string?[byte.MaxValue + 1];
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);

    public NumberNames(params (uint Number, string Name)[] names)
    {
        foreach (var (number, name) in names)
        {
            _names[number] = name;
            _numbers[name] = number;
        }
    }

    public string? TryNameOf(uint number) => number < _names.Length ? _names[number] : null;

    public string NameOf(uint number) => TryNameOf(number) ?? number.ToString(CultureInfo.InvariantCulture);

    public bool TryParseName(ReadOnlySpan<char> text, out uint number) =>
        _numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out number);

    public bool TryParse(ReadOnlySpan<char> text, uint max, out uint number) =>
        TryParseName(text, out number)
        || (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max);
}
