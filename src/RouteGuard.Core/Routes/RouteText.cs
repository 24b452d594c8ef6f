namespace RouteGuard.Core.Routes;

/// <summary>The text form of a route: the words of <c>ip route</c>, printed here and read by
/// <see cref="TryParse"/>.</summary>
/// <remarks>
/// <c>[-6] [TYPE] PREFIX [from PREFIX] [tos 0xNN] [nhid N | via [inet6] ADDRESS] [dev NAME] [onlink] [table T] [proto
/// P]
/// [scope S] [src ADDRESS] [metric N] [mtu [lock] N …] [locks 0xMASK] [pref high] [expires N] [ifscope NAME] [host]
/// [raw HEX]
/// [nexthop …]</c>. Defaults are left out, as <c>ip route</c> does; <c>default</c> is 0.0.0.0/0, and ::/0 is written
/// out so that a line never needs its family from elsewhere; <c>-6</c> is read as ip(8) reads it. <c>raw</c> carries
/// what is not modelled, so nothing is
/// lost between print and read. macOS words (<c>ifscope</c>, <c>host</c>) follow netstat(1).
/// </remarks>
public static partial class RouteText
{
    private const int LineLengthUsual = 256;

    public static string Print(Route route, InterfaceNames names) => Print(route, names, isExact: false);

    /// <summary>Like <see cref="Print(Route, InterfaceNames)"/>, but what is read back is equal in every
    /// property.</summary>
    /// <remarks>A scope that was read from the kernel is written even where it is the default; the ordinal is
    /// not.</remarks>
    public static string PrintExactly(Route route, InterfaceNames names) => Print(route, names, isExact: true);

    /// <summary>Like <see cref="PrintExactly"/>, without making a string.</summary>
    /// <returns>False when the line does not fit.</returns>
    public static bool TryPrintExactly(Route route, InterfaceNames names, Span<char> into, out int written)
    {
        var line = new TextLine(into);
        try
        {
            PrintRoute(ref line, route, names, isExact: true);
            written = line.HasGrown ? 0 : line.Written.Length;
            return !line.HasGrown;
        }
        finally
        {
            line.Dispose();
        }
    }

    private static string Print(Route route, InterfaceNames names, bool isExact)
    {
        var line = new TextLine(stackalloc char[LineLengthUsual]);
        try
        {
            PrintRoute(ref line, route, names, isExact);
            return line.ToString();
        }
        finally
        {
            line.Dispose();
        }
    }

    public static string Print(NextHop nextHop, InterfaceNames names)
    {
        var line = new TextLine(stackalloc char[LineLengthUsual]);
        try
        {
            PrintType(ref line, nextHop);
            PrintNextHop(ref line, nextHop, names);
            PrintLegs(ref line, nextHop, names);
            return line.ToString();
        }
        finally
        {
            line.Dispose();
        }
    }

    /// <summary>All routes of a table, a line each.</summary>
    public static string Print(RouteTable table) =>
        string.Join('\n', table.Routes.Select(route => Print(route, table.Names)));

    private static void PrintRoute(ref TextLine line, Route route, InterfaceNames names, bool isExact)
    {
        var attributes = route.Attributes;
        PrintType(ref line, route.NextHop);
        PrintDestination(ref line, route);
        if (attributes.Source is { } source)
        {
            line.Word("from");
            line.Prefix(source);
        }

        if (route.Tos != 0)
        {
            line.Hexadecimal("tos", route.Tos, "x2");
        }

        PrintNextHop(ref line, route.NextHop, names);
        if (route.Table != Route.TableMain || DefaultTableOf(route.NextHop) != Route.TableMain)
        {
            line.Word("table", RouteTableNumber.NameOf(route.Table));
        }

        if (attributes.Protocol != RouteProtocol.Boot)
        {
            line.Word("proto", RouteProtocol.NameOf(attributes.Protocol));
        }

        if (attributes.Scope is { } scope && (isExact || scope != RouteScope.DefaultFor(route)))
        {
            line.Word("scope", RouteScope.NameOf(scope));
        }

        if (attributes.PreferredSource is { } preferred)
        {
            line.Word("src");
            line.Address(preferred);
        }

        if (route.Metric != 0)
        {
            line.Number("metric", route.Metric);
        }

        PrintRest(ref line, route, names);
    }

    // Where `ip route add` puts a route that names no table.
    private static uint DefaultTableOf(NextHop nextHop) =>
        nextHop is NextHop.Special { Type: TypeLocal or TypeBroadcast or TypeAnycast or TypeNat }
            ? Route.TableLocal
            : Route.TableMain;

    private static void PrintRest(ref TextLine line, Route route, InterfaceNames names)
    {
        var attributes = route.Attributes;
        PrintMetrics(ref line, attributes.Metrics);
        if (attributes.Preference != 0)
        {
            line.Word(
                "pref",
                attributes.Preference switch
                {
                    1 => "high",
                    3 => "low",
                    _ => "reserved",
                }
            );
        }

        if (attributes.ExpiresSeconds != 0)
        {
            line.Number("expires", attributes.ExpiresSeconds);
        }

        if (!route.ScopeInterface.IsNone)
        {
            line.Word("ifscope", names.NameOf(route.ScopeInterface));
        }

        if (route.IsHostEntry)
        {
            line.Word("host");
        }

        if (!attributes.Raw.IsEmpty)
        {
            line.Word("raw", attributes.Raw.ToString());
        }

        PrintLegs(ref line, route.NextHop, names);
    }

    private static void PrintType(ref TextLine line, NextHop nextHop)
    {
        switch (nextHop)
        {
            case NextHop.Blackhole:
                line.Word("blackhole");
                break;
            case NextHop.Unreachable:
                line.Word("unreachable");
                break;
            case NextHop.Prohibit:
                line.Word("prohibit");
                break;
            case NextHop.Throw:
                line.Word("throw");
                break;
            case NextHop.Special special:
                PrintSpecialType(ref line, special.Type);
                break;
            default:
                break;
        }
    }

    private static void PrintSpecialType(ref TextLine line, byte type)
    {
        var name = SpecialTypes.TryNameOf(type);
        if (name is not null)
        {
            line.Word(name);
        }
        else
        {
            line.Number("type", type);
        }
    }

    private static void PrintDestination(ref TextLine line, Route route)
    {
        if (route.Destination == Prefix.DefaultV4 && !HasV6Gateway(route.NextHop))
        {
            line.Word("default");
        }
        else if (route.Destination.IsHost)
        {
            line.Address(route.Destination.Address);
        }
        else
        {
            line.Prefix(route.Destination);
        }
    }

    // `default` has the family of its gateways for the reader, so an IPv4 default via IPv6 (RFC 5549) is written out.
    private static bool HasV6Gateway(NextHop nextHop) =>
        nextHop switch
        {
            NextHop.Via via => via.Gateway.Family == IpFamily.V6,
            NextHop.Multipath multipath => multipath.Legs.Any(leg => leg.Gateway is { Family: IpFamily.V6 }),
            _ => false,
        };

    private static void PrintNextHop(ref TextLine line, NextHop nextHop, InterfaceNames names)
    {
        if (nextHop is NextHop.Shared shared)
        {
            line.Number("nhid", shared.Id);
        }

        if (nextHop is NextHop.Via via)
        {
            PrintGateway(ref line, via.Gateway);
        }

        if (!nextHop.Device.IsNone)
        {
            line.Word("dev", names.NameOf(nextHop.Device));
        }

        if (nextHop is NextHop.Via { IsOnLink: true })
        {
            line.Word("onlink");
        }
    }

    // `via inet6` is needed only where the families differ, but the reader takes the family from the address anyway.
    private static void PrintGateway(ref TextLine line, IpAddress gateway)
    {
        line.Word("via");
        line.Address(gateway);
    }

    private static void PrintLegs(ref TextLine line, NextHop nextHop, InterfaceNames names)
    {
        if (nextHop is not NextHop.Multipath multipath)
        {
            return;
        }

        foreach (var leg in multipath.Legs)
        {
            line.Word("nexthop");
            if (leg.Gateway is { } gateway)
            {
                PrintGateway(ref line, gateway);
            }

            if (!leg.Device.IsNone)
            {
                line.Word("dev", names.NameOf(leg.Device));
            }

            line.Number("weight", (uint)leg.Weight);
            if (leg.IsOnLink)
            {
                line.Word("onlink");
            }

            if (!leg.Raw.IsEmpty)
            {
                line.Word("raw", leg.Raw.ToString());
            }
        }
    }
}
