using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Each command of the protocol of a kernel behind a socket: that it is known, what it refuses, and what it
/// does where no capture shows it.</summary>
public sealed class CommandTests
{
    private readonly XnuSimulator _kernel = new();
    private readonly SimulatedSocket _speaker;
    private readonly SimulatedSocket _listener;

    public CommandTests() => (_speaker, _listener) = (_kernel.Open(0), _kernel.Open(0));

    /// <summary>One machine's life: every command in an order in which all succeed.</summary>
    private static readonly (string Command, string Answer)[] Life =
    [
        ("index en0", "3"),
        ("index nowhere9", "0"),
        ("now", "5"),
        ("utun 7", ""),
        ("addr4 utun7 10.8.0.2 255.255.255.255 10.8.0.1", ""),
        ("up utun7", ""),
        ("attach6 utun7", ""),
        ("ll6 utun7", ""),
        ("addr6 utun7 fd00:8::2 64", ""),
        ("addr6 utun7 fd00:9::2 128 fd00:9::1", ""),
        ("mtu utun7 1400", ""),
        ("udp4 10.8.0.1", ""),
        ("udp6 fd00:9::1", ""),
        ("udp6 fe80::1 3", ""),
        ("advance 30", ""),
        ("now", "35"),
        ("deladdr6 utun7 fd00:9::2", ""),
        ("deladdr6 utun7 fd00:8::2", ""),
        ("deladdr4 utun7 10.8.0.2", ""),
        ("down utun7", ""),
        ("utunclose 7", ""),
        ("en en 5 020000000015", ""),
        ("linkup en5", ""),
        ("linkdown en5", ""),
        ("addr4 en5 172.16.9.2 255.255.255.0", ""),
        ("detach en5", ""),
        ("inject en0 0200000000100200000000aa080600010800060400020200000000aac0a80107020000000010c0a80132", ""),
        ("uid 501", ""),
        ("pid 4242", ""),
        ("pause", ""),
        ("resume", ""),
        ("getrcvbuf", "8192"),
        ("rcvbuf 65536", ""),
        ("getrcvbuf", "65536"),
        ("useloopback 0", ""),
        ("useloopback 1", ""),
        ("soerror", "0"),
        ("reopen 0", ""),
    ];

    [Fact]
    public void Every_command_of_the_protocol_is_known()
    {
        foreach (var (command, answer) in Life)
        {
            Assert.Equal((command, DarwinErrno.None, answer), Told(command));
        }
    }

    [Theory]
    [InlineData("", DarwinErrno.Invalid)]
    [InlineData("fly en0", DarwinErrno.NotSupported)]
    [InlineData("index", DarwinErrno.Invalid)]
    [InlineData("utun x", DarwinErrno.Invalid)]
    [InlineData("utun -1", DarwinErrno.Invalid)]
    [InlineData("utun 99999999999", DarwinErrno.Invalid)]
    [InlineData("utunclose 9", DarwinErrno.NoSuchDevice)]
    [InlineData("up en9", DarwinErrno.NoSuchDevice)]
    [InlineData("linkup en9", DarwinErrno.NoSuchDevice)]
    [InlineData("attach6 en9", DarwinErrno.NoSuchDevice)]
    [InlineData("addr4 en0 192.168.1.x 255.255.255.0", DarwinErrno.Invalid)]
    [InlineData("addr4 en0 2001:db8::1 255.255.255.0", DarwinErrno.Invalid)]
    [InlineData("addr4 en0", DarwinErrno.Invalid)]
    [InlineData("deladdr4 en0 192.168.1.99", DarwinErrno.AddressNotAvailable)]
    [InlineData("deladdr6 en0 2001:db8::99", DarwinErrno.AddressNotAvailable)]
    [InlineData("addr6 en0 2001:db8::1 0", DarwinErrno.Invalid)]
    [InlineData("addr6 en0 2001:db8::1 129", DarwinErrno.Invalid)]
    [InlineData("addr6 en0 2001:db8::1 128 2001:db8::2", DarwinErrno.Invalid)]
    [InlineData("mtu en0 71", DarwinErrno.Invalid)]
    [InlineData("mtu en0 65536", DarwinErrno.Invalid)]
    [InlineData("en en 0 020000000010", DarwinErrno.Exists)]
    [InlineData("en en 7 0200", DarwinErrno.Invalid)]
    [InlineData("en en 7 zz", DarwinErrno.Invalid)]
    [InlineData("inject en0 00", DarwinErrno.Invalid)]
    [InlineData("udp4 8.8.8.8", DarwinErrno.NetworkUnreachable)]
    [InlineData("udp6 2001:db8:99::1", DarwinErrno.HostUnreachable)]
    [InlineData("rcvbuf 8388608", DarwinErrno.NoBuffers)]
    public void A_command_that_cannot_be_done_says_why_and_changes_nothing(string command, int errno)
    {
        var before = Dump();

        Assert.Equal((command, errno, string.Empty), Told(command));

        Assert.Equal(before, Dump());
    }

    [Fact]
    public void Any_text_is_answered()
    {
        const int Seed = 20260114;
        const int Texts = 20_000;
        var random = new Random(Seed);
        var words = Life.SelectMany(step => step.Command.Split(' ')).Append("\0").Append("é").Distinct().ToArray();
        for (var text = 0; text < Texts; text++)
        {
            var command = string.Join(' ', random.GetItems(words, random.Next(1, 6)));
            var (errno, _) = SimulatorCommands.Run(_kernel, _speaker, command);
            Assert.True(errno >= 0, $"seed {Seed}, text {text}: {command}");
        }
    }

    [Fact]
    public void A_tunnel_whose_number_is_taken_is_busy()
    {
        Assert.Equal(DarwinErrno.None, Told("utun 3").Errno);
        Assert.Equal(DarwinErrno.Busy, Told("utun 3").Errno);
    }

    [Theory]
    [InlineData(60, "fd00:8::/60 ")]
    [InlineData(64, "fd00:8::/64 ")]
    [InlineData(49, "fd00:8::/49 ")]
    public void A_prefix_of_any_length_is_the_one_that_was_asked_for(int length, string start)
    {
        Told("utun 3");
        Assert.Equal(DarwinErrno.None, Told($"addr6 utun3 fd00:8::2 {length}").Errno);

        Assert.Contains(
            new DarwinTableReader(_kernel).Read().Routes,
            route => route.ToString().StartsWith(start, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_peer_of_IPv6_has_a_route_of_its_own_which_leaves_with_the_address_and_its_clone_an_hour_later()
    {
        const int HourSeconds = 3600;
        Told("utun 3");
        var (table, dump) = (Table(), Convert.ToHexString(DumpBytes(DarwinFamily.Inet6)));
        Assert.Equal(DarwinErrno.None, Told("addr6 utun3 fd00:9::2 128 fd00:9::1").Errno);
        Assert.Contains("\nfd00:9::1 dev utun3", Table(), StringComparison.Ordinal);
        Assert.Equal(DarwinErrno.None, Told("udp6 fd00:9::1").Errno);

        Assert.Equal(DarwinErrno.None, Told("deladdr6 utun3 fd00:9::2").Errno);
        Assert.Equal(table, Table());
        Assert.NotEqual(dump, Convert.ToHexString(DumpBytes(DarwinFamily.Inet6)));

        Told($"advance {HourSeconds}");
        Assert.Equal(dump, Convert.ToHexString(DumpBytes(DarwinFamily.Inet6)));
    }

    [Fact]
    public void A_tunnels_address_without_a_peer_has_no_route_and_nobody_hears_of_it()
    {
        Told("utun 3");
        var before = Dump();
        Drain();

        Assert.Equal(DarwinErrno.None, Told("addr4 utun3 10.8.0.2 255.255.255.255").Errno);

        Assert.Equal(before, Dump());
        Assert.Equal(0, _listener.Waiting);
        Assert.Equal(DarwinErrno.None, Told("deladdr4 utun3 10.8.0.2").Errno);
        Assert.Equal(0, _listener.Waiting);
    }

    [Fact]
    public void An_address_that_is_given_again_is_there_once()
    {
        var before = Table();
        Assert.Equal(DarwinErrno.None, Told("addr4 en0 192.168.1.50 255.255.255.0 192.168.1.255").Errno);
        Assert.Equal(before, Table());
        Assert.Equal(DarwinErrno.None, Told("deladdr4 en0 192.168.1.50").Errno);
        Assert.Equal(DarwinErrno.AddressNotAvailable, Told("deladdr4 en0 192.168.1.50").Errno);
    }

    [Fact]
    public void Another_mtu_is_told_and_the_routes_of_the_interface_follow()
    {
        Drain();
        Assert.Equal(DarwinErrno.None, Told("mtu en0 1300").Errno);

        var heard = Assert.Single(Drain());
        Assert.Equal((byte)RoutingMessageType.Interface, heard[3]);
        Assert.All(MtusThrough("en0"), mtu => Assert.Equal(1300u, mtu));
        Assert.All(MtusThrough("en1"), mtu => Assert.Equal(1500u, mtu));
    }

    [Fact]
    public void A_sleeping_reader_fills_its_buffer_and_is_told_nothing_of_what_it_lost()
    {
        SimulatorCommands.Run(_kernel, _listener, "pause");
        Assert.True(_listener.IsPaused);
        for (var number = 0; number < 400; number++)
        {
            _speaker.Write([1, 2, 3, 4]);
        }

        Assert.InRange(_listener.Waiting, 1, 399);
        Assert.Equal("0", SimulatorCommands.Run(_kernel, _listener, "soerror").Text);
    }

    private (string Command, int Errno, string Answer) Told(string command)
    {
        var (errno, text) = SimulatorCommands.Run(_kernel, _speaker, command);
        return (command, errno, text);
    }

    private List<byte[]> Drain()
    {
        List<byte[]> heard = [];
        var room = new byte[RoutingMessage.LengthBytesMax];
        while (_listener.TryRead(room, out var length))
        {
            heard.Add(room[..length]);
        }

        return heard;
    }

    private string Table()
    {
        var table = new DarwinTableReader(_kernel).Read();
        return string.Join('\n', table.Routes.Select(route => RouteText.Print(route, table.Names)));
    }

    private string Dump() => Convert.ToHexString(DumpBytes(DarwinFamily.Unspecified));

    private byte[] DumpBytes(byte family)
    {
        var name = RoutingSysctl.Table(family);
        _kernel.Sysctl(name, [], out var length);
        var bytes = new byte[length];
        Assert.Equal(DarwinErrno.None, _kernel.Sysctl(name, bytes, out _));
        return bytes;
    }

    private List<uint> MtusThrough(string interfaceName)
    {
        List<uint> mtus = [];
        ReadOnlySpan<byte> rest = DumpBytes(DarwinFamily.Inet);
        while (RoutingMessage.TryNext(ref rest, out var message, out _))
        {
            var header = message.Header<RouteDumpHeader>();
            if (header.Index == _kernel.IndexOf(interfaceName))
            {
                mtus.Add(header.Metrics.Mtu);
            }
        }

        Assert.NotEmpty(mtus);
        return mtus;
    }
}
