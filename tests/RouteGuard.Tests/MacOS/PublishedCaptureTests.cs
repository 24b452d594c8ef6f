using System.Text.Json;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>Bytes of real Macs that other projects published. See Captures/Darwin/Published/README.md.</summary>
public class PublishedCaptureTests
{
    private static string Folder => Path.Combine(VectorFile.Folder, "Published");

    [Fact]
    public void A_report_whose_last_address_is_not_padded_is_read_whole()
    {
        var bytes = Hex("tailscale-1416-rtm_delmaddr-50.hex");
        Assert.True(RoutingMessage.TryDecode(bytes, out var message, out var fault), fault.ToString());
        Assert.Equal(
            (RoutingMessageType.DeleteMembership, AddressBits.Interface | AddressBits.InterfaceAddress),
            (message.Type, message.Addresses)
        );
        Assert.True(message[AddressSlot.Interface].TryReadLinkNames(out var name, out var mac));
        Assert.Equal(("en0", "ac:87:a3:19:7f:82"), (name, mac));
        Assert.Equal(14, message[AddressSlot.InterfaceAddress].Bytes.Length);
        Assert.Equal(bytes, Messages.Rewrite(message));
    }

    [Fact]
    public void A_mask_of_length_zero_does_not_hide_the_interface_behind_it()
    {
        Assert.True(
            RoutingMessage.TryDecode(Hex("golang-70528-rtm_get-132.hex"), out var message, out var fault),
            fault.ToString()
        );
        var header = message.Header<RouteHeader>();
        Assert.Equal((DarwinErrno.NoSuchEntry, (ushort)1), (header.Errno, header.Index));
        Assert.True(message[AddressSlot.Netmask].IsEmpty);
        Assert.True(message.Has(AddressSlot.Interface));
        Assert.Equal(DarwinFamily.Link, message[AddressSlot.Interface].Family);
        Assert.True(new RouteDecoder(Messages.MtuOf).TryRead(message, out var entry, out fault), fault.ToString());
        Assert.Equal((Prefix.DefaultV4, new InterfaceIndex(1)), (entry.Route.Destination, entry.Route.ScopeInterface));
    }

    [Theory]
    [InlineData("golang-net-address_darwin.json", 14)]
    [InlineData("golang-net-address_generic.json", 7)]
    public void Address_lists_read_as_their_publisher_reads_them(string name, int addressesMin)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
        var compared = 0;
        foreach (var item in json.RootElement.EnumerateArray())
        {
            var bytes = Convert.FromHexString(item.GetProperty("hex").GetString()!);
            var isWholeMessage = BitConverter.ToUInt16(bytes) == bytes.Length;
            var message = isWholeMessage ? bytes : Wrap(BitsOf(item.GetProperty("addrs").GetString()!), bytes);
            var expected = item.GetProperty("expect").EnumerateArray().Select(part => part.GetString()!).ToArray();
            Assert.True(RoutingMessage.TryDecode(message, out var decoded, out var fault), fault.ToString());
            foreach (var slot in Enum.GetValues<AddressSlot>().Where(slot => expected[(int)slot] != "nil"))
            {
                AssertReads(expected[(int)slot], decoded, slot);
                compared++;
            }
        }

        Assert.True(compared >= addressesMin, $"{compared} addresses");
    }

    [Fact]
    public void Inputs_that_once_crashed_a_parser_give_a_fault()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "golang-net-parseRIB-fuzz.json")));
        foreach (
            var input in json.RootElement.EnumerateArray().Select(item => Convert.FromHexString(item.GetString()!))
        )
        {
            ReadOnlySpan<byte> rest = input;
            var records = 0;
            while (RoutingMessage.TryNext(ref rest, out _, out _))
            {
                records++;
            }

            Assert.True(records <= input.Length);
            Assert.False(
                RoutingMessage.TryDecode(input, out _, out var fault)
                    && fault.IsNone
                    && rest.IsEmpty
                    && input.Length < 16
            );
        }
    }

    // The publisher's words: &Inet4Addr{IP: [4]byte{192, 168, 86, 0}}, &Inet6Addr{IP: [16]byte{0xfe, 0x80, …}, ZoneID:
    // 33},
    // &LinkAddr{Index: 2, Name: "em1", Addr: []byte{0x00, …}}; what is left out is zero.
    private static void AssertReads(string expected, in RoutingMessage message, AddressSlot slot)
    {
        var address = message[slot];
        if (expected.StartsWith("&LinkAddr", StringComparison.Ordinal))
        {
            // A mask of link addresses claims more bytes than it has: then there are no names.
            Assert.True(address.TryReadLinkIndex(out var index));
            Assert.Equal(
                expected.Contains("Name", StringComparison.Ordinal),
                address.TryReadLinkNames(out var name, out var mac) && name.Length > 0
            );
            Assert.Contains($"Index: {index.Value}", expected, StringComparison.Ordinal);
            Assert.Contains(name, expected, StringComparison.Ordinal);
            Assert.Equal(
                Convert.ToHexStringLower(BytesIn(expected, "Addr:")),
                mac.Replace(":", "", StringComparison.Ordinal)
            );
            return;
        }

        var told = new byte[expected.StartsWith("&Inet6", StringComparison.Ordinal) ? 16 : 4];
        BytesIn(expected, "IP:").CopyTo(told, 0);
        Assert.True(IpAddress.TryFromBytes(told, out var expectedAddress));
        if (slot == AddressSlot.Netmask)
        {
            // One of the lists has an address where a mask should be; that is no prefix.
            var isMask = address.TryReadMask(expectedAddress.Family, out var prefixLength);
            Assert.Equal(isMask, Ones(expectedAddress.Family).Masked(prefixLength) == expectedAddress);
            return;
        }

        Assert.True(address.TryReadAddress(out var read, out var scope));
        Assert.Equal(expectedAddress, read);
        Assert.Equal(expected.Contains("ZoneID", StringComparison.Ordinal), !scope.IsNone);
    }

    private static IpAddress Ones(IpFamily family) =>
        family == IpFamily.V4 ? IpAddress.V4(uint.MaxValue) : new IpAddress(family, ulong.MaxValue, ulong.MaxValue);

    private static byte[] BytesIn(string expected, string after)
    {
        var at = expected.IndexOf(after, StringComparison.Ordinal);
        var open = at < 0 ? -1 : expected.IndexOf("byte{", at, StringComparison.Ordinal);
        if (open < 0)
        {
            return [];
        }

        var list = expected[(open + 5)..expected.IndexOf('}', open)];
        return
        [
            .. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(part =>
                    part.StartsWith("0x", StringComparison.Ordinal)
                        ? Convert.ToByte(part, 16)
                        : byte.Parse(part, System.Globalization.CultureInfo.InvariantCulture)
                ),
        ];
    }

    private static AddressBits BitsOf(string text) =>
        text.Split('|', StringSplitOptions.TrimEntries)
            .Aggregate(
                AddressBits.None,
                (bits, name) =>
                    bits
                    | name switch
                    {
                        "syscall.RTA_DST" => AddressBits.Destination,
                        "syscall.RTA_GATEWAY" => AddressBits.Gateway,
                        "syscall.RTA_NETMASK" => AddressBits.Netmask,
                        "syscall.RTA_IFP" => AddressBits.Interface,
                        "syscall.RTA_IFA" => AddressBits.InterfaceAddress,
                        "syscall.RTA_BRD" => AddressBits.Broadcast,
                        _ => throw new InvalidDataException(name),
                    }
            );

    private static byte[] Wrap(AddressBits bits, byte[] addresses)
    {
        var writer = new MessageWriter();
        writer.Begin(
            new RouteHeader { Start = new(0, RoutingMessage.Version, RoutingMessageType.Get), Addresses = bits }
        );
        writer.Bytes(addresses);
        return writer.End().ToArray();
    }

    private static byte[] Hex(string name) =>
        Convert.FromHexString(File.ReadAllText(Path.Combine(Folder, name)).Trim());
}
