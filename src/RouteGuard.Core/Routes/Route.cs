namespace RouteGuard.Core.Routes;

/// <summary>One entry of a kernel routing table, in the shape that Linux and macOS share.</summary>
/// <remarks>
/// Two routes are the same entry when their <see cref="Key"/> is equal; a change to anything else is an update of that
/// entry. What the kernel only reports (link down, offloaded, use counts) is no part of a route.
/// Sources: rtnetlink(7) <c>struct rtmsg</c>; route(4) <c>struct rt_msghdr</c>.
/// </remarks>
public sealed record Route
{
    /// <summary>RT_TABLE_MAIN: the table that routes go to when none is named.</summary>
    public const uint TableMain = 254;

    /// <summary>RT_TABLE_LOCAL: the kernel's own table.</summary>
    public const uint TableLocal = 255;

    public required Prefix Destination { get; init; }

    public required NextHop NextHop { get; init; }

    /// <summary>Linux: the table's number; 254 is main. macOS: always 254.</summary>
    public uint Table { get; init; } = TableMain;

    /// <summary>RTA_PRIORITY; the smaller wins. 0 is "none" for IPv4 and "let the kernel choose 1024" for
    /// IPv6.</summary>
    public uint Metric { get; init; }

    public byte Tos { get; init; }

    /// <summary>macOS: RTF_HOST. A /32 network and a host route are two entries there.</summary>
    public bool IsHostEntry { get; init; }

    /// <summary>macOS: the interface of RTF_IFSCOPE, or none.</summary>
    public InterfaceIndex ScopeInterface { get; init; }

    /// <summary>Everything else. Shared between routes that have it in common.</summary>
    public RouteAttributes Attributes { get; init; } = RouteAttributes.Default;

    /// <summary>
    /// Position among entries of equal key: 0 is the one the kernel uses. Linux IPv4 allows several
    /// (<c>ip route append</c>), and their order matters.
    /// </summary>
    public byte Ordinal { get; init; }

    public IpFamily Family => Destination.Family;

    public RouteKey Key => RouteKey.Of(this);

    /// <summary>Equal in all that the kernel keeps beside the key.</summary>
    public bool HasValueOf(Route other) =>
        NextHop.Equals(other.NextHop)
        && (
            ReferenceEquals(Attributes, other.Attributes)
            || (RouteScope.Of(this) == RouteScope.Of(other) && Attributes.SameAs(other.Attributes))
        );

    /// <summary>The same entry with the same value.</summary>
    public bool IsSameAs(Route other) => RouteOrder.ByKey.Compare(this, other) == 0 && HasValueOf(other);

    public override string ToString() => RouteText.Print(this, InterfaceNames.Numbers);
}

/// <summary>What many routes of a table have in common.</summary>
public sealed record RouteAttributes
{
    public static RouteAttributes Default { get; } = new();

    /// <summary>Who says it installed the route: rtm_protocol (3 boot, 4 static, 16 dhcp, …).</summary>
    public byte Protocol { get; init; } = RouteProtocol.Boot;

    /// <summary>
    /// rtm_scope: 0 global, 200 site, 253 link, 254 host, 255 nowhere. Null takes what <c>ip route add</c> would choose
    /// (see <see cref="RouteScope.Of"/>); a route that was read from the kernel always carries the number.
    /// </summary>
    public byte? Scope { get; init; }

    /// <summary>RTA_PREFSRC: the source address that the kernel prefers on this route.</summary>
    public IpAddress? PreferredSource { get; init; }

    /// <summary>RTA_SRC (IPv6 subtrees): the route counts only for packets from here. Part of the key.</summary>
    public Prefix? Source { get; init; }

    public RouteMetrics Metrics { get; init; } = RouteMetrics.None;

    /// <summary>RTA_PREF (RFC 4191): 0 medium, 1 high, 3 low.</summary>
    public byte Preference { get; init; }

    /// <summary>Seconds until the kernel drops the route (IPv6 routes from router advertisements); 0 is
    /// never.</summary>
    public uint ExpiresSeconds { get; init; }

    public RawAttributes Raw { get; init; } = RawAttributes.None;

    /// <summary>Equal in all that matters: a route that is about to expire in 9 s is the one that was to expire in
    /// 10.</summary>
    /// <remarks>The scope is compared by the route, which knows its default.</remarks>
    public bool SameAs(RouteAttributes other) =>
        this == other
        || this with { ExpiresSeconds = 0, Scope = null } == other with { ExpiresSeconds = 0, Scope = null };
}
