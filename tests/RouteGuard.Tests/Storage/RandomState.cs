using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Storage;

/// <summary>Makes every kind of value that can be stored, from one seed. Names and texts are as nasty as a kernel
/// allows.</summary>
internal sealed class RandomState(int seed)
{
    private static readonly string[] Words =
    [
        "eth0",
        "tun0",
        "wg-\"quoted\"",
        "back\\slash",
        "é\u3000",
        "if5",
        "default",
        "via",
        "a&b<c>",
        "x\u2028y",
        "\u007f",
    ];

    private static readonly byte[] Protocols = [0, 1, 2, 3, 4, 9, 16, 77, 186, 255];
    private static readonly uint[] Tables = [52, 220, 252, 253, 254, 254, 254, 255, 51820, uint.MaxValue];
    private static readonly byte?[] Scopes = [null, 0, 0, 200, 253, 253, 254, 255, 17];

    private readonly Random _random = new(seed);

    public Baseline Baseline(int routesMax = 24) =>
        new()
        {
            TakenAt = Time(),
            BootId = Guid(),
            Table = Table(routesMax),
            Resolver = Often() ? Resolver() : null,
        };

    public RouteTable Table(int routesMax)
    {
        var links = Some(6, at => Link(at + 1 + _random.Next(3)));
        var routes = Some(routesMax, _ => Route());

        // Several entries of one key, as `ip route append` makes them.
        routes.AddRange(
            routes
                .Where(_ => _random.Next(6) == 0)
                .Select(route => route with { NextHop = NextHop(route.Family) })
                .ToList()
        );
        return RouteTable.FromDump(
            routes,
            Some(6, _ => Rule()),
            links,
            Some(
                3,
                at => new NextHopObject(
                    (uint)at + 1,
                    Pick<IpFamily?>([null, IpFamily.V4, IpFamily.V6]),
                    Byte(),
                    Device(),
                    Raw()
                )
            )
        );
    }

    public Session Session(string id = "vpn-1") =>
        new()
        {
            Id = SessionId.Parse(id),
            Label = Text(),
            Owner = Often() ? new(_random.Next(), (ulong)_random.NextInt64()) : null,
            BegunByUid = Uint(),
            Tunnel = Often() ? Pick(Words) : null,
            TunnelIndex = new(_random.Next(8)),
            Phase = Pick(Enum.GetValues<SessionPhase>()),
            OnDeath = Pick(Enum.GetValues<DeathPolicy>()),
            BegunAt = Time(),
            BootId = Guid(),
            Overlay =
                _random.Next(4) == 0
                    ? Overlay.Empty
                    : new(
                        new(Some(6, _ => Route() with { Ordinal = (byte)(Often() ? 0 : _random.Next(256)) })),
                        new(Some(6, _ => Route())),
                        new(Some(3, _ => Rule())),
                        new(Some(3, _ => Rule())),
                        Often() ? Resolver() : null
                    ),
        };

    public JournalRecord Record() =>
        new()
        {
            At = Time(),
            Kind = Pick(Enum.GetValues<JournalKind>()),
            Session = Often() ? SessionId.Parse(Pick(["vpn-1", "a", "z9-"])) : null,
            Concludes = Often() ? 0 : _random.NextInt64(1, long.MaxValue),
            Text = Text(),
            Lines = Some(5, _ => Text()),
        };

    private Route Route()
    {
        var family = Often() ? IpFamily.V4 : IpFamily.V6;
        var nextHop = NextHop(family);
        return new()
        {
            Destination = Prefix(family),
            NextHop = nextHop,
            Table = Pick(Tables),
            Metric = Often() ? 0 : Uint(),
            Tos = Often() ? (byte)0 : Byte(),
            IsHostEntry = _random.Next(8) == 0,
            ScopeInterface = _random.Next(8) == 0 ? new(_random.Next(1, 9)) : InterfaceIndex.None,
            Attributes = Often() ? RouteAttributes.Default : Attributes(family),
        };
    }

    private RouteAttributes Attributes(IpFamily family) =>
        new()
        {
            Protocol = Pick(Protocols),
            Scope = Pick(Scopes),
            PreferredSource = Often() ? Address(family) : null,
            Source = family == IpFamily.V6 && _random.Next(4) == 0 ? Prefix(family) : null,
            Metrics = Often() ? RouteMetrics.None : Metrics(),
            Preference = Pick<byte>([0, 1, 2, 3]),
            ExpiresSeconds = Often() ? 0 : Uint(),
            Raw = Raw(),
        };

    private RouteMetrics Metrics()
    {
        // RTAX_CC_ALGO is a name and stays in the raw attributes.
        const int RtaxCongestion = 16;
        var numbers = Enumerable.Range(2, 30).Where(number => number != RtaxCongestion && _random.Next(8) == 0);
        return new(new(numbers.Select(number => new RouteMetric((byte)number, Uint()))), Often() ? 0 : Uint());
    }

    private NextHop NextHop(IpFamily family)
    {
        var gateway = Address(family == IpFamily.V6 || Often() ? family : IpFamily.V6);
        return _random.Next(12) switch
        {
            0 => new NextHop.Blackhole(),
            1 => new NextHop.Unreachable(),
            2 => new NextHop.Prohibit(),
            3 => new NextHop.Throw(),
            4 => new NextHop.Special(Pick<byte>([2, 3, 4, 5, 10, 11, 200]), Device()),
            5 => new NextHop.Shared(Math.Max(Uint(), 1)),
            6 => new NextHop.Multipath(new(Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Leg(family)))),
            7 or 8 => new NextHop.OnLink(new(_random.Next(1, 9))),
            _ => new NextHop.Via(gateway, Device(), _random.Next(4) == 0),
        };
    }

    private MultipathLeg Leg(IpFamily family) =>
        new(Often() ? Address(family) : null, Device(), _random.Next(1, 257), _random.Next(4) == 0, Raw());

    private PolicyRule Rule()
    {
        var family = Often() ? IpFamily.V4 : IpFamily.V6;
        var action = Pick<byte>([1, 1, 1, 2, 3, 6, 7, 8, 99]);
        var mark = Often() ? (uint?)null : Uint();
        return new()
        {
            Family = family,
            Priority = Often() ? Uint() : null,
            Action = action,
            Table = action == PolicyRule.ActionLookup ? Pick(Tables) : 0,
            Goto = action == PolicyRule.ActionGoto ? Uint() : null,
            From = Often() ? null : Prefix(family),
            To = Often() ? null : Prefix(family),
            IsInverted = _random.Next(4) == 0,
            FirewallMark = mark,
            FirewallMask = mark is null || Often() ? null : Uint() & 0xffff,
            InputInterface = Often() ? null : Pick(Words),
            OutputInterface = Often() ? null : Pick(Words),
            Tos = Often() ? (byte)0 : Byte(),
            SuppressPrefixLength = Often() ? null : Uint(),
            SuppressInterfaceGroup = Often() ? null : Uint(),
            IpProtocol = Often() ? (byte)0 : Byte(),
            SourcePorts = Often() ? null : new(7, (ushort)_random.Next(7, 65536)),
            DestinationPorts = Often() ? null : new(0, 0),
            Uids = Often() ? null : new(0, Uint()),
            Protocol = Pick(Protocols),
            Raw = Raw(),
        };
    }

    private NetworkLink Link(int index) =>
        new()
        {
            Index = new(index),
            Name = Pick(Words),
            Kind = Pick(["", "tun", "wireguard"]),
            IsUp = Often(),
            HasCarrier = Often(),
            IsLoopback = Often(),
            IsPointToPoint = Often(),
            Mac = Pick(["", "02:00:5e:10:00:01"]),
            Mtu = Uint(),
            Addresses = new(
                Some(3, _ => Address(Often() ? IpFamily.V4 : IpFamily.V6))
                    .Select(address => new InterfaceAddress(address, (byte)_random.Next(address.BitLength + 1)))
            ),
        };

    private ResolverSettings Resolver()
    {
        var bytes = new byte[_random.Next(80)];
        _random.NextBytes(bytes);
        return new("/etc/resolv.conf", Often() ? "../run/é" : null, System.Text.Encoding.Latin1.GetString(bytes));
    }

    private Prefix Prefix(IpFamily family)
    {
        var bits = family == IpFamily.V4 ? 32 : 128;
        var length = _random.Next(4) switch
        {
            0 => 0,
            1 => bits,
            _ => _random.Next(bits + 1),
        };
        Assert.True(Core.Routes.Prefix.TryCreate(Address(family).Masked(length), length, out var prefix));
        return prefix;
    }

    private IpAddress Address(IpFamily family)
    {
        if (family == IpFamily.V4)
        {
            return IpAddress.V4(Uint());
        }

        // Runs of zeros, mapped and compatible addresses: all the ways that a text can be shortened.
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes[_random.Next(16)..]);
        if (_random.Next(4) == 0)
        {
            bytes[..10].Clear();
            bytes[10..12].Fill(0xff);
        }

        bytes[_random.Next(16)] = 0;
        Assert.True(IpAddress.TryFromBytes(bytes, out var address));
        return address;
    }

    private RawAttributes Raw()
    {
        var bytes = new byte[_random.Next(8) == 0 ? _random.Next(300) : 0];
        _random.NextBytes(bytes);
        return RawAttributes.Of(bytes);
    }

    private string Text() => string.Concat(Some(4, _ => Pick(Words) + Pick([" ", "\n", "\t", "😀", "\0"])));

    private string Guid() => new System.Guid(Some(16, _ => Byte(), 16).ToArray()).ToString();

    private DateTimeOffset Time() =>
        new(
            _random.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks / 2),
            TimeSpan.FromMinutes(_random.Next(-840, 841))
        );

    private InterfaceIndex Device() => new(_random.Next(1, 9));

    private uint Uint() => (uint)_random.NextInt64(1L << _random.Next(1, 33));

    private byte Byte() => (byte)_random.Next(256);

    private bool Often() => _random.Next(2) == 0;

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    private List<T> Some<T>(int max, Func<int, T> make, int min = 0) =>
        [.. Enumerable.Range(0, _random.Next(min, max + 1)).Select(make)];
}
