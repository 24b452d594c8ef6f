using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Any request to a routing socket, said with names: also those that the adapter never sends.</summary>
internal sealed record Spoken(RoutingMessageType Type, string Destination)
{
    public string? Gateway { get; init; }

    /// <summary>As an address; null sends none, empty one of length 0.</summary>
    public string? Mask { get; init; }

    public RouteFlags Flags { get; init; } = RouteFlags.Up | RouteFlags.Static;

    public int Index { get; init; }

    /// <summary>RTA_IFP by number; 0 sends none.</summary>
    public int InterfaceIndex { get; init; }

    public int Sequence { get; init; } = 1;

    public byte[] ToBytes()
    {
        byte[]?[] parts =
        [
            Sockaddr.Inet(Destination),
            Gateway is null ? null : Sockaddr.Inet(Gateway),
            Mask is null ? null
            : Mask.Length == 0 ? []
            : Sockaddr.Inet(Mask),
            null,
            InterfaceIndex == 0 ? null : Sockaddr.Link(InterfaceIndex),
        ];
        var bits = AddressBits.None;
        for (var slot = 0; slot < parts.Length; slot++)
        {
            bits |= parts[slot] is null ? AddressBits.None : (AddressBits)(1u << slot);
        }

        var writer = new MessageWriter();
        writer.Begin(
            new RouteHeader
            {
                Start = new(0, RoutingMessage.Version, Type),
                Index = (ushort)Index,
                Flags = Flags,
                Addresses = bits,
                Sequence = Sequence,
            }
        );
        foreach (var part in parts.OfType<byte[]>())
        {
            writer.Address(part);
        }

        return writer.End().ToArray();
    }
}
