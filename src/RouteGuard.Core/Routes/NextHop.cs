namespace RouteGuard.Core.Routes;

/// <summary>Where a route sends a packet. A closed choice.</summary>
/// <remarks>Sources: rtnetlink(7) <c>rtm_type</c>, RTA_GATEWAY, RTA_VIA, RTA_OIF, RTA_MULTIPATH, RTA_NH_ID;
/// route(4).</remarks>
public abstract record NextHop
{
    private NextHop() { }

    /// <summary>The interface that a packet leaves by, if the next hop names exactly one.</summary>
    public InterfaceIndex Device =>
        this switch
        {
            Via via => via.Device,
            OnLink onLink => onLink.Device,
            Special special => special.Device,
            _ => InterfaceIndex.None,
        };

    /// <summary>A packet leaves by it; the others end it here, refuse it, or ask another table.</summary>
    public bool LeadsOut => this is Via or OnLink or Multipath or Shared;

    /// <summary>To a gateway. Its family may differ from the route's (RFC 5549).</summary>
    /// <param name="Gateway">The next router.</param>
    /// <param name="Device">The interface; <see cref="InterfaceIndex.None"/> lets the kernel look it up.</param>
    /// <param name="IsOnLink">RTNH_F_ONLINK: the gateway is taken for reachable without a connected route.</param>
    public sealed record Via(IpAddress Gateway, InterfaceIndex Device, bool IsOnLink = false) : NextHop
    {
        public new InterfaceIndex Device { get; init; } = Device;
    }

    /// <summary>Straight out of an interface: a connected network, or a point-to-point tunnel.</summary>
    public sealed record OnLink(InterfaceIndex Device) : NextHop
    {
        public new InterfaceIndex Device { get; init; } = Device;
    }

    /// <summary>Several weighted next hops (RTA_MULTIPATH).</summary>
    public sealed record Multipath(EquatableList<MultipathLeg> Legs) : NextHop;

    /// <summary>A next-hop object by its number (RTA_NH_ID); the object is an entry of its own.</summary>
    public sealed record Shared(uint Id) : NextHop;

    /// <summary>Packets vanish.</summary>
    public sealed record Blackhole : NextHop;

    /// <summary>Packets are answered with host unreachable.</summary>
    public sealed record Unreachable : NextHop;

    /// <summary>Packets are answered with administratively prohibited.</summary>
    public sealed record Prohibit : NextHop;

    /// <summary>The lookup goes on in the next policy rule.</summary>
    public sealed record Throw : NextHop;

    /// <summary>A kind that belongs to the kernel (local, broadcast, anycast, multicast) or is unknown: never a
    /// step.</summary>
    public sealed record Special(byte Type, InterfaceIndex Device) : NextHop
    {
        public new InterfaceIndex Device { get; init; } = Device;
    }
}

/// <summary>One leg of a multipath route.</summary>
/// <param name="Gateway">The next router, or none for a leg straight out of the interface.</param>
/// <param name="Device">The interface.</param>
/// <param name="Weight">1 to 256 (rtnh_hops + 1).</param>
/// <param name="IsOnLink">RTNH_F_ONLINK.</param>
/// <param name="Raw">Attributes of the leg that are not modelled.</param>
public sealed record MultipathLeg(
    IpAddress? Gateway,
    InterfaceIndex Device,
    int Weight,
    bool IsOnLink,
    RawAttributes Raw
);
