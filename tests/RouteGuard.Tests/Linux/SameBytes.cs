using System.Runtime.InteropServices;

namespace RouteGuard.Tests.Linux;

/// <summary>Compares a request of ours with the one that ip(8) sent.</summary>
/// <remarks>
/// Byte by byte, unless ip(8) itself explains the difference. It writes an attribute the moment it reads a word, so
/// words in another order than that of <c>ip route show</c> give attributes in another order; some words say nothing
/// (<c>from all</c>,
/// <c>metric 0</c>); and the padding of some attributes is whatever was on its stack. Then both are compared in plain
/// form.
/// </remarks>
internal static class SameBytes
{
    private const int HeadBytes = CapturedMessage.HeaderBytes + 12;
    private const ushort RouteMetrics = 8;
    private const ushort RouteMultipath = 9;

    // RTA_*: DST SRC, encapsulation, NH_ID GATEWAY VIA, TABLE PREFSRC PRIORITY FLOW EXPIRES PREF, OIF METRICS
    // MULTIPATH.
    private static readonly ushort[] OrderOfRoute = [1, 2, 22, 21, 30, 5, 18, 15, 7, 6, 11, 23, 20, 4, 8, 9];

    // FRA_*: PRIORITY SRC DST FWMARK FWMASK IIFNAME OIFNAME L3MDEV UID_RANGE IP_PROTO ports TABLE SUPPRESS_* GOTO
    // PROTOCOL FLOW.
    private static readonly ushort[] OrderOfRule = [6, 2, 1, 10, 16, 3, 17, 19, 20, 22, 23, 24, 15, 14, 13, 4, 21, 11];

    /// <summary>True when the bytes are the same as they stand, false when they are in plain form.</summary>
    public static bool Assert(CapturedMessage captured, ReadOnlySpan<byte> ours, bool isRule)
    {
        if (captured.Bytes.AsSpan().SequenceEqual(ours))
        {
            return true;
        }

        Xunit.Assert.Equal(Convert.ToHexStringLower(ours), Plain(ours, isRule, isAllKept: true));
        Xunit.Assert.Equal(Plain(captured.Bytes, isRule), Plain(ours, isRule));
        return false;
    }

    private static string Plain(ReadOnlySpan<byte> message, bool isRule, bool isAllKept = false)
    {
        var head = message[..HeadBytes].ToArray();
        var order = isRule ? OrderOfRule : OrderOfRoute;
        var attributes = Attribute.Read(message[HeadBytes..]);
        if (!isAllKept)
        {
            attributes.RemoveAll(item => isRule ? RuleSaysNothing(item, head) : RouteSaysNothing(item, head));
            if (!isRule && !attributes.Exists(item => item.Number is 5 or 18))
            {
                // RTNH_F_ONLINK is about a gateway; the kernel does not look at it for a device or for several legs.
                head[24] &= 0xfb;
            }
        }

        var sorted = attributes
            .OrderBy(item => Array.IndexOf(order, order.Contains(item.Number) ? item.Number : (ushort)11))
            .SelectMany(item =>
                item.Bytes(
                    item.Number switch
                    {
                        RouteMetrics when !isRule => Metrics(item.Payload),
                        RouteMultipath when !isRule => Legs(item.Payload),
                        _ => item.Payload,
                    }
                )
            );
        byte[] plain = [.. head, .. sorted];
        MemoryMarshal.Write(plain, plain.Length);
        return Convert.ToHexStringLower(plain);
    }

    // Ascending, RTAX_LOCK (1) last.
    private static byte[] Metrics(byte[] payload) =>
        [
            .. Attribute
                .Read(payload)
                .OrderBy(item => item.Number == 1 ? ushort.MaxValue : item.Number)
                .SelectMany(item => item.Bytes(item.Payload)),
        ];

    private static byte[] Legs(byte[] payload)
    {
        var legs = new List<byte>();
        for (var at = 0; at + 8 <= payload.Length; )
        {
            var length = MemoryMarshal.Read<ushort>(payload.AsSpan(at));
            legs.AddRange(payload.AsSpan(at, 8));
            var inside = Attribute.Read(payload.AsSpan(at + 8, length - 8));
            legs.AddRange(inside.SelectMany(item => item.Bytes(item.Payload)));
            at += (length + 3) & ~3;
        }

        return [.. legs];
    }

    private static bool RouteSaysNothing(Attribute attribute, byte[] head) =>
        attribute.Number switch
        {
            // A prefix of no length has one address only; ip(8) writes it if it knows the family at that word.
            1 => head[17] == 0,
            2 => head[18] == 0,

            // Metric 0, preference medium, no lifetime.
            6 or 20 or 23 => attribute.IsZero,

            // The device of an IPv6 route that leads nowhere is lo, whatever is said.
            4 => head[16] == 10 && head[23] is 6 or 7 or 8 or 9,
            _ => false,
        };

    private static bool RuleSaysNothing(Attribute attribute, byte[] head) =>
        attribute.Number switch
        {
            // `from all`
            1 => head[17] == 0,
            2 => head[18] == 0,

            // No protocol; all bits of a mark.
            21 => attribute.IsZero,
            16 => !attribute.Payload.AsSpan().ContainsAnyExcept((byte)0xff),
            _ => false,
        };

    private sealed record Attribute(ushort Type, byte[] Payload)
    {
        public ushort Number => (ushort)(Type & 0x3fff);

        public bool IsZero => !Payload.AsSpan().ContainsAnyExcept((byte)0);

        public byte[] Bytes(byte[] payload)
        {
            var bytes = new byte[4 + ((payload.Length + 3) & ~3)];
            MemoryMarshal.Write(bytes, (ushort)(4 + payload.Length));
            MemoryMarshal.Write(bytes.AsSpan(2), Type);
            payload.CopyTo(bytes.AsSpan(4));
            return bytes;
        }

        public static List<Attribute> Read(ReadOnlySpan<byte> bytes)
        {
            var found = new List<Attribute>();
            for (var at = 0; at + 4 <= bytes.Length; )
            {
                var length = MemoryMarshal.Read<ushort>(bytes[at..]);
                found.Add(new(MemoryMarshal.Read<ushort>(bytes[(at + 2)..]), bytes[(at + 4)..(at + length)].ToArray()));
                at += (length + 3) & ~3;
            }

            return found;
        }
    }
}
