using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>What was seen of the real routing code, sentence by sentence: also where no capture at hand shows
/// it.</summary>
/// <remarks>xnu-7195, run and not read. The machine is the one of the captures: en0 is 192.168.1.50/24, en1
/// 10.0.5.20/24.</remarks>
public sealed class ObservedTests
{
    private const RouteFlags Gateway = RouteFlags.Up | RouteFlags.Static | RouteFlags.Gateway;
    private const RouteFlags Host = Gateway | RouteFlags.Host;
    private const RouteFlags Scoped = Gateway | RouteFlags.InterfaceScope;

    private readonly XnuSimulator _kernel = new();
    private readonly SimulatedSocket _root;

    public ObservedTests() => _root = _kernel.Open(0);

    private int En0 => _kernel.IndexOf("en0");

    private int En1 => _kernel.IndexOf("en1");

    [Fact]
    public void A_change_of_a_missing_prefix_is_ok_and_rewrites_the_default()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(DarwinErrno.None, Say(Change("10.99.0.0", "255.255.0.0", "192.168.1.2")));

        Assert.Equal("default via 192.168.1.2 dev en0 proto static src 192.168.1.50", Line("default"));
        Assert.DoesNotContain("10.99.", Table(), StringComparison.Ordinal);
    }

    [Fact]
    public void Or_it_rewrites_the_lower_half_if_that_is_there()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");
        Add("0.0.0.0", "128.0.0.0", "192.168.1.3");

        Assert.Equal(DarwinErrno.None, Say(Change("10.99.0.0", "255.255.0.0", "192.168.1.2")));

        Assert.Equal("0.0.0.0/1 via 192.168.1.2 dev en0 proto static src 192.168.1.50", Line("0.0.0.0/1"));
        Assert.Equal("default via 192.168.1.1 dev en0 proto static src 192.168.1.50", Line("default"));
    }

    [Fact]
    public void A_change_of_a_host_without_an_entry_moves_the_connected_network_that_holds_it()
    {
        Assert.Contains("192.168.1.0/24 dev en0", Table(), StringComparison.Ordinal);

        Assert.Equal(
            DarwinErrno.None,
            Say(
                new Spoken(RoutingMessageType.Change, "192.168.1.77")
                {
                    Gateway = "10.0.5.1",
                    Flags = Host,
                    InterfaceIndex = En1,
                }
            )
        );

        Assert.DoesNotContain("192.168.1.0/24 dev en0", Table(), StringComparison.Ordinal);
        Assert.Contains("192.168.1.0/24 dev en1", Table(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scoped_change_may_rewrite_the_unscoped_default()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(
            DarwinErrno.None,
            Say(Change("0.0.0.0", "0.0.0.0", "192.168.1.2") with { Flags = Scoped, Index = En0 })
        );

        Assert.Equal("default via 192.168.1.2 dev en0 proto static src 192.168.1.50", Line("default"));
    }

    [Fact]
    public void A_lookup_of_the_default_with_its_mask_answers_with_the_lower_half_when_there_is_no_default()
    {
        Add("0.0.0.0", "128.0.0.0", "192.168.1.3");

        Assert.Equal(DarwinErrno.None, Say(new Spoken(RoutingMessageType.Get, "0.0.0.0") { Mask = "0.0.0.0" }));

        Assert.Equal("0.0.0.0/1", Heard().Last().Route.Destination.ToString());
    }

    [Fact]
    public void A_deletion_without_mask_takes_a_host_for_zero_and_a_network_for_ten()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");
        Add("10.0.0.0", "255.0.0.0", "192.168.1.1");

        Assert.Equal(DarwinErrno.NoSuchEntry, Say(new Spoken(RoutingMessageType.Delete, "0.0.0.0")));
        Assert.Equal(DarwinErrno.None, Say(new Spoken(RoutingMessageType.Delete, "10.0.0.0")));

        Assert.NotEmpty(Line("default"));
        Assert.Empty(Line("10.0.0.0/8"));
    }

    [Theory]
    [InlineData("192.168.1.9", (uint)RouteFlags.Up)]
    [InlineData("10.0.5.1", (uint)(RouteFlags.Up | RouteFlags.Gateway))]
    [InlineData("203.0.113.1", (uint)Gateway)]
    public void A_deletion_does_not_look_at_gateway_and_flags(string gateway, uint flags)
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(
            DarwinErrno.None,
            Say(
                new Spoken(RoutingMessageType.Delete, "0.0.0.0")
                {
                    Mask = "0.0.0.0",
                    Gateway = gateway,
                    Flags = (RouteFlags)flags,
                }
            )
        );
        Assert.Empty(Line("default"));
    }

    [Fact]
    public void A_deletion_with_host_bits_under_the_mask_finds_nothing()
    {
        Add("10.20.0.0", "255.255.0.0", "192.168.1.1");

        Assert.Equal(
            DarwinErrno.NoSuchEntry,
            Say(new Spoken(RoutingMessageType.Delete, "10.20.0.1") { Mask = "255.255.0.0" })
        );
    }

    [Fact]
    public void Nothing_protects_the_connected_network_nor_the_loopback_address()
    {
        Assert.Equal(
            DarwinErrno.None,
            Say(new Spoken(RoutingMessageType.Delete, "192.168.1.0") { Mask = "255.255.255.0" })
        );
        Assert.Equal(
            DarwinErrno.None,
            Say(new Spoken(RoutingMessageType.Delete, "127.0.0.1") { Flags = RouteFlags.Host })
        );
    }

    [Fact]
    public void One_unscoped_default_whatever_the_interface_and_a_scoped_one_for_each_beside_it()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(DarwinErrno.Exists, Say(AddOf("0.0.0.0", "0.0.0.0", "10.0.5.1")));
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("192.168.1.1", En0)));
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("10.0.5.1", En1)));
        Assert.Equal(DarwinErrno.Exists, Say(ScopedDefault("10.0.5.1", En1)));
    }

    [Fact]
    public void A_scope_without_a_number_makes_an_unscoped_route()
    {
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("192.168.1.1", 0)));

        Assert.Equal("default via 192.168.1.1 dev en0 proto static src 192.168.1.50", Line("default"));
    }

    [Theory]
    [InlineData("10.0.5.1", 3)]
    [InlineData("192.168.1.1", 99)]
    public void A_scoped_route_whose_gateway_is_elsewhere_is_unreachable(string gateway, int index) =>
        Assert.Equal(DarwinErrno.NetworkUnreachable, Say(ScopedDefault(gateway, index)));

    [Fact]
    public void A_scoped_deletion_with_another_number_finds_nothing()
    {
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("192.168.1.1", En0)));

        Assert.Equal(
            DarwinErrno.NoSuchEntry,
            Say(
                new Spoken(RoutingMessageType.Delete, "0.0.0.0")
                {
                    Mask = "0.0.0.0",
                    Flags = Scoped,
                    Index = En1,
                }
            )
        );
    }

    [Fact]
    public void A_scoped_default_alone_serves_only_those_who_name_its_interface()
    {
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("192.168.1.1", En0)));

        Assert.Equal(DarwinErrno.NoSuchEntry, Say(new Spoken(RoutingMessageType.Get, "8.8.8.8")));
        Assert.Equal(
            DarwinErrno.None,
            Say(new Spoken(RoutingMessageType.Get, "8.8.8.8") { Flags = Scoped, Index = En0 })
        );
    }

    [Theory]
    [InlineData("198.51.100.1", (uint)Gateway, DarwinErrno.NetworkUnreachable)]
    [InlineData("192.168.1.1", (uint)(Gateway | RouteFlags.Condemned), DarwinErrno.Busy)]
    [InlineData("192.168.1.1", (uint)(Gateway | RouteFlags.Proxy), DarwinErrno.Invalid)]
    [InlineData("192.168.1.1", (uint)(Gateway | RouteFlags.Protocol1), DarwinErrno.None)]
    [InlineData("192.168.1.1", (uint)(Gateway | RouteFlags.Protocol2), DarwinErrno.None)]
    [InlineData("192.168.1.1", (uint)(Gateway | RouteFlags.Protocol3), DarwinErrno.None)]
    [InlineData(null, (uint)Gateway, DarwinErrno.Invalid)]
    public void An_addition_is_answered_so(string? gateway, uint flags, int errno) =>
        Assert.Equal(
            errno,
            Say(
                new Spoken(RoutingMessageType.Add, "10.20.0.0")
                {
                    Mask = "255.255.0.0",
                    Gateway = gateway,
                    Flags = (RouteFlags)flags,
                }
            )
        );

    [Fact]
    public void A_host_by_way_of_itself_is_no_address()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(
            DarwinErrno.AddressNotAvailable,
            Say(new Spoken(RoutingMessageType.Add, "203.0.113.7") { Gateway = "203.0.113.7", Flags = Host })
        );
    }

    [Fact]
    public void A_gateway_that_nothing_reaches_is_accepted_once_there_is_a_default()
    {
        var route = AddOf("10.20.0.0", "255.255.0.0", "198.51.100.1");
        Assert.Equal(DarwinErrno.NetworkUnreachable, Say(route));
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        Assert.Equal(DarwinErrno.None, Say(route));
    }

    [Fact]
    public void Rights_belong_to_the_socket()
    {
        SimulatorCommands.Run(_kernel, _root, "uid 501");
        Assert.Equal(DarwinErrno.None, Say(AddOf("0.0.0.0", "0.0.0.0", "192.168.1.1")));

        SimulatorCommands.Run(_kernel, _root, "reopen 0");
        Assert.Equal(DarwinErrno.Permission, Say(AddOf("10.20.0.0", "255.255.0.0", "192.168.1.1")));
        Assert.Equal(DarwinErrno.None, Say(new Spoken(RoutingMessageType.Get, "8.8.8.8")));
    }

    [Fact]
    public void Down_takes_all_of_IPv4_silently_and_up_brings_back_the_subnet_alone()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");
        Assert.Equal(DarwinErrno.None, Say(ScopedDefault("192.168.1.1", En0)));
        Add("::", "::", "fe80:3::1");
        Heard();

        SimulatorCommands.Run(_kernel, _root, "down en0");
        Assert.DoesNotContain(
            Heard().Where(one => one.Type == RoutingMessageType.Delete),
            one => one.Route.Destination.IsDefault
        );
        Assert.DoesNotContain("192.168.1.", Table(), StringComparison.Ordinal);
        Assert.Contains("::/0 via fe80::1 dev en0", Table(), StringComparison.Ordinal);

        SimulatorCommands.Run(_kernel, _root, "up en0");
        Assert.NotEmpty(Line("192.168.1.0/24"));
        Assert.DoesNotContain("via 192.168.1.1", Table(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_goes_leaves_its_default_which_then_stands_in_the_way()
    {
        Add("0.0.0.0", "0.0.0.0", "192.168.1.1");

        SimulatorCommands.Run(_kernel, _root, "deladdr4 en0 192.168.1.50");

        Assert.NotEmpty(Line("default"));
        Assert.Equal(DarwinErrno.Exists, Say(AddOf("0.0.0.0", "0.0.0.0", "10.0.5.1")));
        Assert.Equal(DarwinErrno.None, Say(new Spoken(RoutingMessageType.Delete, "0.0.0.0") { Mask = "0.0.0.0" }));
        Add("0.0.0.0", "0.0.0.0", "10.0.5.1");
    }

    [Fact]
    public void A_tunnel_that_closes_takes_its_defaults_silently_and_leaves_the_servers_route()
    {
        SimulatorCommands.Run(_kernel, _root, "utun 3");
        SimulatorCommands.Run(_kernel, _root, "addr4 utun3 10.8.0.2 255.255.255.255 10.8.0.1");
        SimulatorCommands.Run(_kernel, _root, "up utun3");
        Say(new Spoken(RoutingMessageType.Add, "203.0.113.7") { Gateway = "192.168.1.1", Flags = Host });
        Add("0.0.0.0", "0.0.0.0", "10.8.0.1");
        Add("0.0.0.0", "128.0.0.0", "10.8.0.1");
        Add("128.0.0.0", "128.0.0.0", "10.8.0.1");
        Heard();

        SimulatorCommands.Run(_kernel, _root, "utunclose 3");

        var deleted = Heard().Where(one => one.Type == RoutingMessageType.Delete).ToArray();
        Assert.Equal("10.8.0.1/32", Assert.Single(deleted).Route.Destination.ToString());
        Assert.DoesNotContain("10.8.0.1", Table(), StringComparison.Ordinal);
        Assert.Contains("203.0.113.7 via 192.168.1.1", Table(), StringComparison.Ordinal);
        Assert.Equal(DarwinErrno.NoSuchEntry, Say(new Spoken(RoutingMessageType.Get, "8.8.8.8")));
    }

    [Fact]
    public void A_link_that_loses_and_gains_its_carrier_says_nothing()
    {
        Heard();
        SimulatorCommands.Run(_kernel, _root, "linkdown en0");
        SimulatorCommands.Run(_kernel, _root, "linkup en0");

        Assert.Equal(0, _root.Waiting);
    }

    [Fact]
    public void A_dump_into_too_little_room_gives_whole_records_and_a_list_of_interfaces_nothing()
    {
        var room = new byte[300];
        Assert.Equal(
            DarwinErrno.NoMemory,
            _kernel.Sysctl(RoutingSysctl.Table(DarwinFamily.Inet), room, out var routes)
        );
        Assert.Equal(DarwinErrno.NoMemory, _kernel.Sysctl(RoutingSysctl.Interfaces(), room, out var links));

        Assert.InRange(routes, 1, 300);
        Assert.Equal(0, links);
    }

    private static Spoken AddOf(string destination, string mask, string gateway) =>
        new(RoutingMessageType.Add, destination)
        {
            Mask = mask,
            Gateway = gateway,
            Flags = Gateway,
        };

    private static Spoken Change(string destination, string mask, string gateway) =>
        AddOf(destination, mask, gateway) with
        {
            Type = RoutingMessageType.Change,
        };

    private static Spoken ScopedDefault(string gateway, int index) =>
        AddOf("0.0.0.0", "0.0.0.0", gateway) with
        {
            Flags = Scoped,
            Index = index,
        };

    private void Add(string destination, string mask, string gateway) =>
        Assert.Equal(DarwinErrno.None, Say(AddOf(destination, mask, gateway)));

    private int Say(Spoken request) => _root.Write(request.ToBytes());

    private string Table()
    {
        var table = new DarwinTableReader(_kernel).Read();
        return string.Join('\n', table.Routes.Select(route => RouteText.Print(route, table.Names)));
    }

    private string Line(string destination) =>
        Array.Find(Table().Split('\n'), line => line.StartsWith(destination + " ", StringComparison.Ordinal))
        ?? string.Empty;

    private List<(RoutingMessageType Type, Route Route)> Heard()
    {
        List<(RoutingMessageType, Route)> heard = [];
        var room = new byte[RoutingMessage.LengthBytesMax];
        var decoder = new RouteDecoder(_ => 0);
        while (_root.TryRead(room, out var length))
        {
            if (
                RoutingMessage.TryDecode(room.AsSpan(0, length), out var message, out _)
                && message.IsAboutRoute
                && decoder.TryRead(message, out var entry, out _)
            )
            {
                heard.Add((message.Type, entry.Route));
            }
        }

        return heard;
    }
}
