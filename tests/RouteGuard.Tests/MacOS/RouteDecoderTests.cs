using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>What the kernel's entries say in the words of <c>ip route</c>, and whose they are.</summary>
public class RouteDecoderTests
{
    private static readonly InterfaceNames Names = new([
        new(new(1), "lo0"),
        new(new(3), "en0"),
        new(new(4), "en1"),
        new(new(5), "utun3"),
    ]);

    [Fact]
    public void A_table_with_a_default_reads_as_text()
    {
        var expected = """
            Ordinary   default via 192.168.1.1 dev en0 proto static src 192.168.1.50
            Connected  10.0.5.0/24 dev en1 proto kernel
            Local      local 127.0.0.1 dev lo0 table main proto kernel host
            Connected  192.168.1.0/24 dev en0 proto kernel
            Clone      192.168.1.1 dev en0 proto kernel ifscope en0 host
            """;
        Assert.Equal(expected, Print("02_default_route", 8));
    }

    [Theory]
    [InlineData("05_scoped_default", "default via 192.168.1.1 dev en0 proto static src 192.168.1.50 ifscope en0")]
    [InlineData("06_utun_default", "default via 10.8.0.1 dev utun3 proto static src 10.8.0.2")]
    [InlineData("06_utun_default", "10.8.0.1 dev utun3 proto kernel host")]
    [InlineData("07_split_default", "0.0.0.0/1 via 10.8.0.1 dev utun3 proto static src 10.8.0.2")]
    [InlineData("07_split_default", "128.0.0.0/1 via 10.8.0.1 dev utun3 proto static src 10.8.0.2")]
    [InlineData("14_ipv6_default", "::/0 via fe80::1 dev en0 proto static src fe80::ff:fe00:10")]
    public void Some_dump_of_a_scenario_holds(string name, string line)
    {
        var lines = VectorFile
            .Named(name)
            .Steps.Where(step => step.IsDump && step.Mib[4] is 1 or 7)
            .SelectMany(step => Messages.Entries(step.Bytes, out _))
            .Select(entry => RouteText.Print(entry.Route, Names))
            .Distinct()
            .Order();
        Assert.Contains(line, string.Join('\n', lines).Split('\n'));
    }

    [Fact]
    public void What_the_kernel_keeps_by_itself_is_never_a_step()
    {
        var entries = VectorFile
            .All.SelectMany(file => file.Steps)
            .Where(step => step.IsDump && step.Mib[4] is 1 or 7)
            .SelectMany(step => Messages.Entries(step.Bytes, out _))
            .ToArray();
        Assert.All(
            entries,
            entry => Assert.Equal(entry.Kind != EntryKind.Ordinary, RouteOwnership.IsKernelOwned(entry.Route))
        );
        EntryKind[] seen =
        [
            EntryKind.Ordinary,
            EntryKind.Connected,
            EntryKind.Local,
            EntryKind.Broadcast,
            EntryKind.Multicast,
            EntryKind.Clone,
        ];
        Assert.All(seen, kind => Assert.Contains(entries, entry => entry.Kind == kind));
    }

    [Theory]
    [InlineData((uint)(RouteFlags.Up | RouteFlags.Host | RouteFlags.LinkLayer), EntryKind.Neighbour)]
    [InlineData(
        (uint)(RouteFlags.Up | RouteFlags.Host | RouteFlags.Gateway | RouteFlags.Dynamic),
        EntryKind.Redirected
    )]
    [InlineData(
        (uint)(RouteFlags.Up | RouteFlags.Gateway | RouteFlags.Modified | RouteFlags.Static),
        EntryKind.Redirected
    )]
    [InlineData((uint)(RouteFlags.Up | RouteFlags.Host | RouteFlags.Broadcast), EntryKind.Broadcast)]
    [InlineData((uint)(RouteFlags.Gateway | RouteFlags.Static | RouteFlags.Condemned), EntryKind.Dying)]
    [InlineData((uint)(RouteFlags.Up | RouteFlags.Host | RouteFlags.Proxy), EntryKind.Neighbour)]
    [InlineData((uint)(RouteFlags.Up | RouteFlags.Cloning | RouteFlags.Static), EntryKind.Ordinary)]
    [InlineData((uint)(RouteFlags.Up | RouteFlags.Gateway), EntryKind.Ordinary)]
    internal void Flags_tell_whose_an_entry_is(uint flags, EntryKind kind) =>
        Assert.Equal(kind, EntryKinds.Of((RouteFlags)flags));

    [Fact]
    public void An_interface_list_reads_as_links_with_their_addresses()
    {
        var list = VectorFile
            .Named("01_boot_state")
            .Steps.Single(step => step.Mib is [.., 6, 0] && step.Bytes.Length > 0);
        Assert.True(LinkDecoder.TryRead(list.Bytes, out var links, out var fault), fault.ToString());
        Assert.Equal(["lo0", "stf0", "en0", "en1"], links.Select(link => link.Name));
        var en0 = links[2];
        Assert.Equal("fe80::ff:fe00:10/64 192.168.1.50/24 2001:db8:1::50/64", string.Join(' ', en0.Addresses));
        Assert.Equal(
            (3, "02:00:00:00:00:10", 1500u, true, true, false),
            (en0.Index.Value, en0.Mac, en0.Mtu, en0.IsUp, en0.HasCarrier, en0.IsPointToPoint)
        );
        Assert.True(links[0].IsLoopback);
        Assert.False(links[1].IsUp);
    }

    [Fact]
    public void A_tunnel_is_listed_as_such()
    {
        var link = VectorFile
            .Named("17b_utun_down_and_address_removed")
            .Steps.Where(step => step.IsRouteMessage && step.Bytes[3] == (byte)RoutingMessageType.Interface)
            .Select(step =>
                RoutingMessage.TryDecode(step.Bytes, out var message, out _) ? message.Header<LinkHeader>() : default
            )
            .First(header => (header.Flags & LinkFlags.PointToPoint) != LinkFlags.None);
        Assert.Equal(((byte)1, 1500u), (link.Data.Kind.Type, link.Data.Mtu));
    }

    private static string Print(string name, int stepNumber) =>
        string.Join(
            '\n',
            Messages
                .Entries(VectorFile.Named(name).Steps[stepNumber].Bytes, out _)
                .Select(entry => $"{entry.Kind, -10} {RouteText.Print(entry.Route, Names)}")
        );
}
