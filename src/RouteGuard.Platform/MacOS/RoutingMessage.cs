using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.MacOS;

/// <summary>A view of one message of a routing socket, or of one record of a sysctl dump.</summary>
/// <remarks>
/// <para>Decoding is total: any bytes give a view or a fault. The view is as good as its source. Anybody may send what
/// looks like a message (the kernel broadcasts refused requests verbatim), so from a socket it is only a hint.</para>
/// <para>The header depends on the type; behind it lie the addresses that its bits name, each padded to 4 bytes except
/// perhaps the last. Fewer than named is no fault: the kernel sets RTA_BRD on addresses that have none. Bytes behind
/// the
/// last address are kept in <see cref="Rest"/>. Source: bsd/net/rtsock.c:rt_msg1, rt_msg2, rt_xaddrs.</para>
/// </remarks>
internal readonly ref struct RoutingMessage
{
    /// <summary>RTM_VERSION.</summary>
    public const byte Version = 5;

    /// <summary>rtm_msglen is 16 bits wide.</summary>
    public const int LengthBytesMax = ushort.MaxValue;

    private const int StartBytes = 4;

    private readonly SlotOffsets _offsets;

    private RoutingMessage(
        ReadOnlySpan<byte> bytes,
        int headerBytes,
        AddressBits addresses,
        SlotOffsets offsets,
        int endAt
    )
    {
        Bytes = bytes;
        HeaderBytes = headerBytes;
        Addresses = addresses;
        _offsets = offsets;
        Rest = bytes[endAt..];
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public RoutingMessageType Type => (RoutingMessageType)Bytes[3];

    public int HeaderBytes { get; }

    /// <summary>The addresses that are there: bits of the header whose bytes were cut off are left out.</summary>
    public AddressBits Addresses { get; }

    /// <summary>Bytes behind the last address; none in what the kernel makes.</summary>
    public ReadOnlySpan<byte> Rest { get; }

    /// <summary>True for the types that carry an <c>rt_msghdr</c>.</summary>
    public bool IsAboutRoute =>
        Type is >= RoutingMessageType.Add and <= RoutingMessageType.Resolve or RoutingMessageType.GetSilent;

    /// <summary>The address of a slot; empty when the message has none there.</summary>
    public SocketAddress this[AddressSlot slot]
    {
        get
        {
            if (!Has(slot))
            {
                return default;
            }

            int at = _offsets[(int)slot];
            return Bytes[at] == 0 && at + 1 < Bytes.Length ? new([], Bytes[at + 1]) : new(Bytes.Slice(at, Bytes[at]));
        }
    }

    public bool Has(AddressSlot slot) => ((uint)Addresses & (1u << (int)slot)) != 0;

    /// <summary>The header. The type must be the one of <see cref="Type"/>.</summary>
    public T Header<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Bytes[..HeaderBytes]);

    /// <summary>Decodes bytes that are one whole message.</summary>
    /// <returns>True and a view on the bytes; or false and a fault, for any input whatever.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out RoutingMessage message, out WireFault fault)
    {
        message = default;
        if (!TryReadStart(bytes, out var start, out fault))
        {
            return false;
        }

        if (start.LengthBytes != bytes.Length)
        {
            fault = new("rtm_msglen", 0, $"is {start.LengthBytes}, but {bytes.Length} bytes were read");
            return false;
        }

        var (headerBytes, addressesAt) = ShapeOf(start.Type);
        if (headerBytes == 0)
        {
            fault = new("rtm_type", 3, $"is {(byte)start.Type}, which is no known message");
            return false;
        }

        if (bytes.Length < headerBytes)
        {
            fault = new("rtm_msglen", 0, $"is {bytes.Length}, less than the {headerBytes} bytes of the header");
            return false;
        }

        var named = (AddressBits)MemoryMarshal.Read<uint>(bytes[addressesAt..]);
        return TryReadAddresses(bytes, headerBytes, named, out message, out fault);
    }

    /// <summary>Takes the next record from the front of a dump.</summary>
    /// <returns>False at the end of the dump, with no fault; or where it breaks off, with one.</returns>
    public static bool TryNext(ref ReadOnlySpan<byte> dump, out RoutingMessage message, out WireFault fault)
    {
        message = default;
        fault = default;
        if (dump.IsEmpty || !TryReadStart(dump, out var start, out fault))
        {
            return false;
        }

        var lengthBytes = Math.Min(start.LengthBytes, dump.Length);
        if (!TryDecode(dump[..lengthBytes], out message, out fault))
        {
            return false;
        }

        dump = dump[lengthBytes..];
        return true;
    }

    private static bool TryReadStart(ReadOnlySpan<byte> bytes, out MessageStart start, out WireFault fault)
    {
        var reader = new WireReader(bytes);
        if (!reader.TryRead(out start))
        {
            fault = new("rtm_msglen", 0, $"is not there: {bytes.Length} bytes are less than {StartBytes}");
            return false;
        }

        fault = start.Version == Version ? default : new("rtm_version", 2, $"is {start.Version} instead of {Version}");
        return fault.IsNone;
    }

    private static bool TryReadAddresses(
        ReadOnlySpan<byte> bytes,
        int headerBytes,
        AddressBits named,
        out RoutingMessage message,
        out WireFault fault
    )
    {
        message = default;
        fault = default;
        var offsets = default(SlotOffsets);
        var there = AddressBits.None;
        var reader = new WireReader(bytes);
        reader.TrySkip(headerBytes);
        for (var slot = 0; slot < SlotOffsets.Count && !reader.IsEnd; slot++)
        {
            if (((uint)named & (1u << slot)) == 0)
            {
                continue;
            }

            var at = reader.OffsetBytes;
            int lengthBytes = bytes[at];
            if (lengthBytes > reader.RemainingBytes)
            {
                fault = new("sa_len", at, $"is {lengthBytes}, but {reader.RemainingBytes} bytes are left");
                return false;
            }

            reader.TrySkip(Math.Min(SocketAddress.StepBytes(lengthBytes), reader.RemainingBytes));
            offsets[slot] = (ushort)at;
            there |= (AddressBits)(1u << slot);
        }

        message = new(bytes, headerBytes, there, offsets, reader.OffsetBytes);
        return true;
    }

    /// <summary>Size of the header by type, and where its address bits stand.</summary>
    private static (int HeaderBytes, int AddressesAt) ShapeOf(RoutingMessageType type) =>
        type switch
        {
            >= RoutingMessageType.Add and <= RoutingMessageType.Resolve => (Unsafe.SizeOf<RouteHeader>(), 12),
            RoutingMessageType.GetSilent => (Unsafe.SizeOf<RouteHeader>(), 12),
            RoutingMessageType.Get2 => (Unsafe.SizeOf<RouteDumpHeader>(), 12),
            RoutingMessageType.GetExtended => (Unsafe.SizeOf<ExtendedRouteHeader>(), 16),
            RoutingMessageType.NewAddress or RoutingMessageType.DeleteAddress => (Unsafe.SizeOf<AddressHeader>(), 4),
            RoutingMessageType.Interface => (Unsafe.SizeOf<LinkHeader>(), 4),
            RoutingMessageType.Interface2 => (Unsafe.SizeOf<LinkHeader2>(), 4),
            RoutingMessageType.NewMembership or RoutingMessageType.DeleteMembership => (
                Unsafe.SizeOf<MembershipHeader>(),
                4
            ),
            RoutingMessageType.NewMembership2 => (Unsafe.SizeOf<MembershipHeader2>(), 4),
            _ => (0, 0),
        };

    /// <summary>Where the address of each slot begins.</summary>
    [InlineArray(Count)]
    private struct SlotOffsets
    {
        /// <summary>RTAX_MAX.</summary>
        public const int Count = 8;

        private ushort _first;
    }
}
