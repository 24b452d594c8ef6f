using System.Runtime.InteropServices;
using System.Text.Json;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.MacOS;

/// <summary>Every captured byte goes through the decoder, and back through the writer.</summary>
public class DecodingTests(ITestOutputHelper output)
{
    private const int Seed = 20261123;
    private const int MutationsCount = 1_000_000;

    public static TheoryData<string> Names => VectorFile.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_message_decodes_and_is_written_again_byte_for_byte(string name)
    {
        var file = VectorFile.Named(name);
        var (decoded, refused) = (0, 0);
        foreach (var (step, bytes) in Messages.Of(file))
        {
            if (!RoutingMessage.TryDecode(bytes, out var message, out var fault))
            {
                Assert.True(file.IsMalformed, $"step {step.Number}: {fault}");
                refused++;
                continue;
            }

            decoded++;
            if (!file.IsMalformed)
            {
                Assert.Equal(Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(Messages.Rewrite(message)));
            }
        }

        output.WriteLine($"{name}: {decoded} messages decoded, {refused} refused with a fault");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Addresses_and_interfaces_read_as_the_capture_explains_them(string name)
    {
        var compared = 0;
        foreach (
            var step in VectorFile
                .Named(name)
                .Steps.Where(step => step.Decoded.Count > 0 && (step.IsRouteMessage || step.IsDump))
        )
        {
            IReadOnlyList<byte[]> records = step.IsDump ? Messages.Records(step.Bytes) : [step.Bytes];
            foreach (var (bytes, aid) in records.Zip(step.Decoded))
            {
                if (
                    RoutingMessage.TryDecode(bytes, out var message, out _)
                    && aid.TryGetProperty("sa", out var addresses)
                )
                {
                    compared += Compare(message, AddressSlot.Destination, addresses, "DST");
                    compared += Compare(message, AddressSlot.Gateway, addresses, "GATEWAY");
                    compared += Compare(message, AddressSlot.InterfaceAddress, addresses, "IFA");
                }
            }
        }

        output.WriteLine($"{name}: {compared} addresses agree");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_entry_of_every_dump_is_a_route_unless_its_mask_has_gaps(string name)
    {
        foreach (var step in VectorFile.Named(name).Steps.Where(step => step.IsDump && step.Mib[4] is 1 or 2 or 7))
        {
            var entries = Messages.Entries(step.Bytes, out var faults);
            Assert.All(faults, fault => Assert.Equal("RTA_NETMASK", fault.Field));
            var table = RouteTable.FromDump(entries.Select(entry => entry.Route));
            Assert.Equal(entries.Count, table.Routes.Length);
            Assert.All(
                entries,
                entry =>
                    Assert.Equal(
                        entry.Route,
                        RouteText.Parse(RouteText.Print(entry.Route, InterfaceNames.Numbers), InterfaceNames.Numbers)
                    )
            );
        }
    }

    [Fact]
    public void A_message_cut_at_any_byte_is_refused_or_read_without_reading_past_its_end()
    {
        var (cuts, routes, requests) = (0, new RouteDecoder(Messages.MtuOf), new RouteRequests());
        foreach (
            var bytes in VectorFile
                .All.SelectMany(Messages.Of)
                .Select(message => message.Bytes)
                .Where(bytes => bytes.Length < 400)
        )
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                var cut = bytes.AsSpan(0, length).ToArray();
                var isAsIs = RoutingMessage.TryDecode(cut, out var message, out _);
                Assert.True(!isAsIs || message.Bytes.Length == length);
                if (length >= 2)
                {
                    // And once with a length that agrees with the cut.
                    MemoryMarshal.Write(cut, (ushort)length);
                    Messages.AskEverything(cut, routes, requests);
                }

                cuts++;
            }
        }

        output.WriteLine($"{cuts} cuts");
        Assert.True(cuts > 100_000);
    }

    [Fact]
    public void A_million_mutated_messages_throw_nothing()
    {
        var random = new Random(Seed);
        var corpus = VectorFile
            .All.SelectMany(Messages.Of)
            .Select(message => Convert.ToHexString(message.Bytes))
            .Distinct()
            .Select(Convert.FromHexString)
            .Where(bytes => bytes.Length is > 0 and < 400)
            .ToArray();
        var (routes, requests) = (new RouteDecoder(Messages.MtuOf), new RouteRequests());
        var buffer = new byte[512];
        long answered = 0;
        for (var count = 0; count < MutationsCount; count++)
        {
            var original = corpus[random.Next(corpus.Length)];
            original.CopyTo(buffer, 0);
            var length = random.Next(4) == 0 ? random.Next(original.Length + 64) : original.Length;
            for (var flips = random.Next(1, 8); flips > 0; flips--)
            {
                // Half of the flips go where lengths and families are.
                var at =
                    random.Next(2) == 0 ? random.Next(Math.Min(original.Length, 132)) : random.Next(original.Length);
                buffer[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(buffer[at] ^ (1 << random.Next(8)));
            }

            if (random.Next(8) != 0)
            {
                MemoryMarshal.Write(buffer, (ushort)length);
                buffer[2] = RoutingMessage.Version;
            }

            answered += Messages.AskEverything(buffer.AsSpan(0, length), routes, requests);
        }

        output.WriteLine($"seed {Seed}, {corpus.Length} messages, {MutationsCount} mutations, {answered} answers");
        Assert.True(answered > MutationsCount);
    }

    private static int Compare(in RoutingMessage message, AddressSlot slot, JsonElement aids, string aidName)
    {
        if (
            !message.Has(slot)
            || !aids.TryGetProperty(aidName, out var aid)
            || !message[slot].TryReadAddress(out var address, out var scope)
        )
        {
            return 0;
        }

        var text = aid.GetString()!;
        var end = text.IndexOfAny([' ', '(', '%']);
        text = end < 0 ? text : text[..end];
        if (!System.Net.IPAddress.TryParse(text, out var expected))
        {
            return 0;
        }

        var bytes = expected.GetAddressBytes();
        if (!scope.IsNone && bytes.Length == 16)
        {
            Assert.True(bytes[2] == 0 || (bytes[2] << 8 | bytes[3]) == scope.Value || bytes[3] == scope.Value);
            bytes[2] = bytes[3] = 0;
        }

        IpAddress.TryFromBytes(bytes, out var told);
        Assert.Equal(told, address);
        return 1;
    }
}
