using System.Runtime.InteropServices;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

/// <summary>No bytes whatever make a decoder throw; a value that it gives reads back as itself.</summary>
public sealed class HostileBytesTests(ITestOutputHelper output)
{
    private const int MutationsMin = 300_000;
    private const int Seed = 20261123;

    private static readonly CapturedMessage[] Messages = [.. Capture.All.SelectMany(capture => capture.Messages)];

    private readonly NetlinkWriter _writer = new();
    private RouteDecoder _routes = new();

    [Fact]
    public void A_message_cut_at_any_byte_is_a_value_or_a_fault()
    {
        var cases = 0;
        foreach (var message in Messages)
        {
            for (var length = 0; length < message.Bytes.Length; length++)
            {
                var cut = message.Bytes.AsSpan(0, length);
                var messages = new NetlinkMessages(cut);
                Assert.False(messages.TryNext(out _), "a message that is cut is not given out");
                Assert.Equal(length == 0, messages.Fault.IsNone);
                if (length >= CapturedMessage.HeaderBytes && Decoders.Types.Contains(message.Header.Type))
                {
                    Decode(message.Header, message.IsRequest, cut[CapturedMessage.HeaderBytes..]);
                }

                cases++;
            }
        }

        output.WriteLine($"{cases} cuts of {Messages.Length} messages");
        Assert.True(cases >= Messages.Sum(message => message.Bytes.Length), $"only {cases} cuts");
    }

    [Fact]
    public void A_message_with_bytes_changed_is_a_value_or_a_fault()
    {
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var decodable = Messages.Where(message => Decoders.Types.Contains(message.Header.Type)).ToArray();
        var (cases, values, faults) = (0, 0, 0);
        while (cases < MutationsMin)
        {
            // A new decoder now and then, so that both full and empty caches are tried.
            _routes = cases % 1000 == 0 ? new() : _routes;
            var message = decodable[random.Next(decodable.Length)];
            var bytes = Mutate(random, message.Bytes);
            var isValue =
                bytes.Length >= CapturedMessage.HeaderBytes
                && Decode(message.Header, message.IsRequest, bytes.AsSpan(CapturedMessage.HeaderBytes));
            values += isValue ? 1 : 0;
            faults += isValue ? 0 : 1;
            SplitAll(bytes);
            cases++;
        }

        output.WriteLine($"{cases} mutations: {values} values, {faults} faults");
        Assert.True(cases >= MutationsMin, $"only {cases} mutations");

        // Both sides of every decoder were reached.
        Assert.InRange(values, MutationsMin / 10, MutationsMin * 9 / 10);
    }

    [Fact]
    public void One_decoder_for_many_says_the_same_as_a_new_one_for_each()
    {
        var random = new Random(Seed);
        var routes = Messages
            .Where(message => message.Header.Type is NetlinkType.NewRoute or NetlinkType.DeleteRoute)
            .ToArray();
        for (var turn = 0; turn < 20_000; turn++)
        {
            var message = routes[random.Next(routes.Length)];
            var body = turn % 2 == 0 ? message.Body : Mutate(random, message.Body.ToArray());
            var isOld = _routes.TryDecode(body, out var old, out var isClonedOld, out var oldFault);
            var isNew = new RouteDecoder().TryDecode(body, out var fresh, out var isClonedNew, out var newFault);
            Assert.Equal((isNew, isClonedNew, newFault), (isOld, isClonedOld, oldFault));
            Assert.Equal(fresh, old);
        }
    }

    private bool Decode(NetlinkHeader header, bool isRequest, ReadOnlySpan<byte> body)
    {
        var isDone = false;
        try
        {
            var isValue = Decoders.Run(_routes, _writer, header, isRequest, body, out _);
            isDone = true;
            return isValue;
        }
        finally
        {
            if (!isDone)
            {
                output.WriteLine($"{header} body {Convert.ToHexStringLower(body)}");
            }
        }
    }

    private void SplitAll(ReadOnlySpan<byte> datagram)
    {
        var messages = new NetlinkMessages(datagram);
        var found = 0;
        while (messages.TryNext(out var message))
        {
            found++;
            if (Decoders.Types.Contains(message.Type))
            {
                Decode(message.Header, isRequest: false, message.Body);
            }
        }

        Assert.InRange(found, 0, datagram.Length / CapturedMessage.HeaderBytes);
    }

    private static byte[] Mutate(Random random, byte[] original)
    {
        var bytes = (byte[])original.Clone();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            switch (random.Next(6))
            {
                case 0 when bytes.Length > 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when bytes.Length > 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 2 when bytes.Length >= 8:
                    // A length where lengths are.
                    MemoryMarshal.Write(bytes.AsSpan(random.Next(bytes.Length / 4) * 4), Length(random, bytes.Length));
                    break;
                case 3:
                    Array.Resize(ref bytes, random.Next(bytes.Length + 1));
                    break;
                case 4:
                    var other = Messages[random.Next(Messages.Length)].Bytes;
                    bytes = [.. bytes, .. other.AsSpan(Math.Min(other.Length, CapturedMessage.HeaderBytes + 12))];
                    break;
                case 5 when bytes.Length >= 8:
                    // An attribute of another number.
                    bytes[(random.Next(bytes.Length / 4) * 4) + 2] = (byte)random.Next(32);
                    break;
                default:
                    break;
            }
        }

        return bytes;
    }

    private static ushort Length(Random random, int near) =>
        random.Next(4) switch
        {
            0 => (ushort)random.Next(9),
            1 => (ushort)(ushort.MaxValue - random.Next(4)),
            2 => (ushort)Math.Clamp(near + random.Next(-4, 5), 0, ushort.MaxValue),
            _ => (ushort)random.Next(64),
        };
}
