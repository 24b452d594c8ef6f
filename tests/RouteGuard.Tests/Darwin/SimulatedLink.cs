using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>An interface of the simulated kernel.</summary>
internal sealed class SimulatedLink
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>ifi_type: 1 other, 6 Ethernet, 24 loopback, 57 stf.</summary>
    public required byte Type { get; init; }

    public required uint Mtu { get; set; }

    public required byte[] Mac { get; init; }

    public LinkFlags Flags { get; set; }

    /// <summary>In the order of the kernel's list.</summary>
    public List<SimulatedAddress> Addresses { get; } = [];

    /// <summary>Multicast groups, the newest first.</summary>
    public List<SimulatedGroup> Groups { get; } = [];

    public byte[] Address => Sockaddr.Link(Index, Type, Name, Mac);

    public bool IsLoopback => (Flags & LinkFlags.Loopback) != LinkFlags.None;

    public bool IsPointToPoint => (Flags & LinkFlags.PointToPoint) != LinkFlags.None;

    public bool IsEthernet => Type == 6;
}

/// <summary>An address of an interface (<c>struct ifaddr</c>).</summary>
internal sealed class SimulatedAddress
{
    public required SimulatedLink Link { get; init; }

    public required byte[] Address { get; init; }

    public required byte[] Netmask { get; init; }

    /// <summary>The peer or the broadcast address; null when there is none, empty when its length is 0.</summary>
    public byte[]? Peer { get; init; }

    /// <summary>ifa_flags: what its route is made with.</summary>
    public RouteFlags Flags { get; set; }
}

/// <summary>A multicast group that an interface listens to.</summary>
internal sealed class SimulatedGroup
{
    public required byte[] Address { get; init; }

    /// <summary>The group's layer 2 address, or null.</summary>
    public SimulatedGroup? LinkLayer { get; init; }

    public int References { get; set; } = 1;
}

/// <summary>An entry of the simulated table (<c>struct rtentry</c>).</summary>
internal sealed class SimulatedEntry
{
    /// <summary>Destination with its scope.</summary>
    public byte[] Destination { get; set; } = [];

    /// <summary>Address bits and scope bits; null for a host.</summary>
    public byte[]? Mask { get; set; }

    public byte[]? CloneMask { get; set; }

    public byte[] Gateway { get; set; } = [];

    public RouteFlags Flags { get; set; }

    public SimulatedAddress? InterfaceAddress { get; set; }

    public SimulatedLink? Link { get; set; }

    /// <summary>The entry by which the gateway is reached.</summary>
    public SimulatedEntry? GatewayEntry { get; set; }

    /// <summary>The entry that this one was cloned from.</summary>
    public SimulatedEntry? Parent { get; set; }

    public RouteMetricsBlock Metrics;

    /// <summary>Seconds of uptime at which it goes; 0 is never.</summary>
    public long Expire { get; set; }

    public byte Family => Destination[1];

    public bool IsHost => (Flags & RouteFlags.Host) != RouteFlags.None;

    public bool IsScoped => (Flags & RouteFlags.InterfaceScope) != RouteFlags.None;

    /// <summary>Who leans on the entry besides other entries: the list of on-link prefixes.</summary>
    public int Holders { get; set; }

    /// <summary>Both kinds of cloning.</summary>
    public bool IsCloning => (Flags & (RouteFlags.Cloning | RouteFlags.ProtocolCloning)) != RouteFlags.None;

    public ReadOnlySpan<byte> Key => Destination.AsSpan(Sockaddr.KeyAt(Family), Sockaddr.KeyBytes(Family));
}
