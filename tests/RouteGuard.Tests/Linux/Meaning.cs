using System.Runtime.InteropServices;

namespace RouteGuard.Tests.Linux;

/// <summary>
/// What a message of a route or a rule says, as lines that can be compared: attributes in one order, without those
/// that say nothing. It is written against rtnetlink(7) and the kernel's sources, not against the codec.
/// </summary>
internal static class Meaning
{
    private const byte Inet6 = 10;

    private const int HeaderBytes = 12;

    public static string OfRoute(ReadOnlySpan<byte> body)
    {
        var head = body[..HeaderBytes].ToArray();
        var attributes = Read(body[HeaderBytes..]);
        var (family, type) = (head[0], head[7]);
        var flags = BitConverter.ToUInt32(head, 8) & 0x4;

        // A route over a blackhole object is shown as blackhole. The next hops beside RTA_NH_ID are only shown.
        if (attributes.Exists(item => item.Type == 30) && type is 1 or 6)
        {
            type = 1;
            attributes.RemoveAll(item => item.Type is 4 or 5 or 9 or 18);
        }

        // RTNH_F_ONLINK is about a gateway; the kernel does not look at it for a device or for several legs.
        flags = attributes.Exists(item => item.Type is 5 or 18) && type == 1 ? flags : 0;
        var lines = attributes
            .Where(item => !SaysNothing(item.Type, item.Payload, head))
            .Select(item => Line(item.Type, item.Payload));
        return Lines(
            lines,
            $"family {family} dst {head[1]} src {head[2]} tos {head[3]} table {Table(head, attributes)}",
            $"proto {head[5]} scope {head[6]} type {type} flags {flags}"
        );
    }

    private static string Lines(IEnumerable<string> lines, params string[] first) =>
        string.Join('\n', first.Concat(lines.Order(StringComparer.Ordinal)));

    // RTA_TABLE and FRA_TABLE have the same number; the header holds only small tables.
    private static uint Table(byte[] head, List<(ushort Type, byte[] Payload)> attributes) =>
        attributes.Find(item => item.Type == 15).Payload is { Length: 4 } wide ? BitConverter.ToUInt32(wide) : head[4];

    public static string OfRule(ReadOnlySpan<byte> body, bool isRequest)
    {
        var head = body[..HeaderBytes].ToArray();
        var attributes = Read(body[HeaderBytes..]);
        var lines = attributes
            .Where(item =>
                item switch
                {
                    { Type: 15 } => false,

                    // `from all`
                    { Type: 1 } => head[1] != 0,
                    { Type: 2 } => head[2] != 0,

                    // Off; all bits; nobody; a kernel's priority 0; the whole port.
                    { Type: 13 or 14, Payload: [0xff, 0xff, 0xff, 0xff] } => false,
                    { Type: 16, Payload: [0xff, 0xff, 0xff, 0xff] } => false,

                    // A mark of 0 goes without saying beside its mask.
                    { Type: 10, Payload: [0, 0, 0, 0] } => !attributes.Exists(other => other.Type == 16),
                    { Type: 21, Payload: [0] } => false,
                    { Type: 6, Payload: [0, 0, 0, 0] } => isRequest,
                    { Type: 28 or 29, Payload: [0xff, 0xff] } => false,
                    _ => true,
                }
            )
            .Select(item => $"{item.Type} {Convert.ToHexStringLower(item.Payload)}");
        return Lines(
            lines,
            $"family {head[0]} dst {head[1]} src {head[2]} tos {head[3]} table {Table(head, attributes)}",
            $"action {head[7]} flags {head[8] & 2}"
        );
    }

    private static bool SaysNothing(ushort type, byte[] payload, byte[] head) =>
        type switch
        {
            // RTA_TABLE is in the first line; a prefix of no length has one address only.
            15 => true,
            1 => head[1] == 0,
            2 => head[2] == 0,

            // Metric 0 and preference medium are what there is anyway.
            6 or 20 => !payload.AsSpan().ContainsAnyExcept((byte)0),

            // Use counts; the lifetime is looked at below.
            12 => BitConverter.ToInt32(payload, 8) == 0,
            23 => BitConverter.ToUInt32(payload) == 0,

            // IPv6 shows lo where a route leads nowhere.
            4 => head[0] == Inet6 && head[7] is 6 or 7 or 8 or 9 && BitConverter.ToInt32(payload) == 1,
            _ => false,
        };

    private static string Line(ushort type, byte[] payload) =>
        type switch
        {
            12 => $"23 {BitConverter.ToInt32(payload, 8) / 100}",
            23 => $"23 {BitConverter.ToUInt32(payload)}",
            8 => $"8 {string.Join(", ", Read(payload).Select(RtaxLine).Order(StringComparer.Ordinal))}",
            9 => $"9 {Legs(payload)}",
            _ => $"{type} {Convert.ToHexStringLower(payload)}",
        };

    private static string RtaxLine((ushort Type, byte[] Payload) metric) =>
        $"rtax {metric.Type} {Convert.ToHexStringLower(metric.Payload)}";

    // rtnh_flags are link state but for RTNH_F_ONLINK.
    private static string Legs(byte[] payload)
    {
        var legs = new List<string>();
        for (var at = 0; at + 8 <= payload.Length; )
        {
            var length = BitConverter.ToUInt16(payload, at);
            var inside = Read(payload.AsSpan(at + 8, length - 8)).Select(item => Line(item.Type, item.Payload));
            var device = BitConverter.ToInt32(payload, at + 4);
            legs.Add(Lines(inside, $"flags {payload[at + 2] & 4} hops {payload[at + 3]} dev {device}"));
            at += (length + 3) & ~3;
        }

        return string.Join(" / ", legs);
    }

    private static List<(ushort Type, byte[] Payload)> Read(ReadOnlySpan<byte> bytes)
    {
        var found = new List<(ushort Type, byte[] Payload)>();
        for (var at = 0; at + 4 <= bytes.Length; )
        {
            var length = MemoryMarshal.Read<ushort>(bytes[at..]);
            var type = MemoryMarshal.Read<ushort>(bytes[(at + 2)..]) & 0x3fff;
            found.Add(((ushort)type, bytes[(at + 4)..(at + length)].ToArray()));
            at += (length + 3) & ~3;
        }

        return found;
    }
}
