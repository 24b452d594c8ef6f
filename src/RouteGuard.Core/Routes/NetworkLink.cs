namespace RouteGuard.Core.Routes;

/// <summary>An interface as the kernel lists it, with its addresses.</summary>
public sealed record NetworkLink
{
    public required InterfaceIndex Index { get; init; }

    public required string Name { get; init; }

    /// <summary>What made it: <c>tun</c>, <c>wireguard</c>, <c>veth</c>, … (IFLA_INFO_KIND); empty for
    /// hardware.</summary>
    public string Kind { get; init; } = string.Empty;

    /// <summary>IFF_UP: an administrator wants it up.</summary>
    public bool IsUp { get; init; }

    /// <summary>IFF_LOWER_UP / IFF_RUNNING: it has a carrier.</summary>
    public bool HasCarrier { get; init; }

    /// <summary>It can carry a packet now.</summary>
    public bool IsUsable => IsUp && HasCarrier;

    public bool IsLoopback { get; init; }

    public bool IsPointToPoint { get; init; }

    /// <summary>Layer 2 address in lower-case hex with colons; empty when there is none.</summary>
    public string Mac { get; init; } = string.Empty;

    public uint Mtu { get; init; }

    public EquatableList<InterfaceAddress> Addresses { get; init; } = new([]);
}

/// <summary>An address of an interface and how many of its bits are the network's.</summary>
public readonly record struct InterfaceAddress(IpAddress Address, byte PrefixLength)
{
    public Prefix Network =>
        Prefix.TryCreate(Address.Masked(PrefixLength), PrefixLength, out var network) ? network : default;

    public override string ToString() => $"{Address}/{PrefixLength}";
}

/// <summary>A next-hop object (<c>ip nexthop</c>): routes point to its number.</summary>
/// <param name="Id">NHA_ID.</param>
/// <param name="Family">The family of the gateway; null for a group or a blackhole.</param>
/// <param name="Protocol">Who says it installed it.</param>
/// <param name="Raw">The whole message body after nhmsg, verbatim: enough to make the object again.</param>
/// <param name="Device">The interface, or none.</param>
public sealed record NextHopObject(uint Id, IpFamily? Family, byte Protocol, InterfaceIndex Device, RawAttributes Raw);
