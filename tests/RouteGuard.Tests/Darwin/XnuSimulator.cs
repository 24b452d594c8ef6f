using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>A Darwin kernel in memory: it speaks the bytes of routing sockets and sysctl, as XNU 7195 does.</summary>
/// <remarks>
/// <para>What it does is what the captures in Captures/Darwin show; where they leave a choice, Apple's source decides
/// (bsd/net/rtsock.c, route.c, radix.c, raw_usrreq.c; bsd/netinet/in_rmx.c, in_arp.c). The replay test compares it with
/// every capture, byte for byte.</para>
/// <para>Left out: packets, timers of ARP and neighbour discovery, router advertisements, rights of single
/// processes.</para>
/// </remarks>
internal sealed partial class XnuSimulator : IRoutingKernel
{
    /// <summary>The process that sends, unless it says otherwise: as in the captures.</summary>
    public const int UsualProcessId = 501;

    private const long BootSeconds = 1_760_001_000;

    private readonly SimulatedTable _inet = new();
    private readonly SimulatedTable _inet6 = new();
    private readonly List<SimulatedLink> _links = [];

    // An interface that comes back gets the number that it had.
    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);

    // The interface of the unscoped default, by family; lookups without a scope begin there.
    private int _primaryInet;
    private int _primaryInet6;

    public XnuSimulator() => Boot();

    /// <summary>Requests that meet EBUSY, whoever sends them; null refuses none.</summary>
    public Func<byte[], bool>? Refuses { get; set; }

    public IReadOnlyList<SimulatedLink> Links => _links;

    /// <summary>Seconds since boot.</summary>
    public long UptimeSeconds { get; private set; } = 1;

    public int IndexOf(string interfaceName) => _links.Find(link => link.Name == interfaceName)?.Index ?? 0;

    /// <exception cref="NoSuchInterfaceException">There is none.</exception>
    public SimulatedLink LinkNamed(string name) =>
        _links.Find(link => link.Name == name) ?? throw new NoSuchInterfaceException(name);

    private SimulatedTable? TableOf(byte family) =>
        family switch
        {
            DarwinFamily.Inet => _inet,
            DarwinFamily.Inet6 => _inet6,
            _ => null,
        };

    private int PrimaryOf(byte family) => family == DarwinFamily.Inet ? _primaryInet : _primaryInet6;

    private void SetPrimary(byte family, int index)
    {
        if (family == DarwinFamily.Inet)
        {
            _primaryInet = index;
        }
        else
        {
            _primaryInet6 = index;
        }
    }

    /// <summary>An unscoped entry whose address is zero: also 0.0.0.0/1 counts, for the mask is not looked
    /// at.</summary>
    private static bool IsPrimaryDefault(SimulatedEntry entry) =>
        Sockaddr.IsDefault(entry.Destination) && !entry.IsScoped;

    /// <summary>How many entries lean on this one.</summary>
    private int ReferencesTo(SimulatedEntry entry)
    {
        var count = entry.Holders;
        foreach (var other in TableOf(entry.Family)!.Entries)
        {
            count += other.Parent == entry ? 1 : 0;
            count += other.GatewayEntry == entry ? 1 : 0;
        }

        return count;
    }

    // What the kernel shows: a clone that somebody leans on holds its interface.
    private RouteFlags FlagsShown(SimulatedEntry entry)
    {
        const RouteFlags never =
            RouteFlags.NoInterfaceReference
            | RouteFlags.Broadcast
            | RouteFlags.Multicast
            | RouteFlags.InterfaceReference;
        var isIdle =
            entry.Parent is not null
            && (entry.Flags & (never | RouteFlags.WasCloned | RouteFlags.Up)) == (RouteFlags.WasCloned | RouteFlags.Up)
            && ReferencesTo(entry) > 0;
        return isIdle ? entry.Flags | RouteFlags.InterfaceReference : entry.Flags;
    }

    private void SetExpire(SimulatedEntry entry, long uptimeSeconds)
    {
        entry.Expire = uptimeSeconds;
        entry.Metrics.Expire = uptimeSeconds == 0 ? 0 : (int)(BootSeconds + uptimeSeconds);
    }
}
