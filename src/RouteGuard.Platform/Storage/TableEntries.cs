using System.Globalization;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Storage;

/// <summary>An interface as a file shows it.</summary>
internal sealed record InterfaceEntry(
    int Index,
    string Name,
    string Kind,
    bool Up,
    bool Carrier,
    bool Loopback,
    bool PointToPoint,
    string Mac,
    uint Mtu,
    IReadOnlyList<string> Addresses
)
{
    public static InterfaceEntry Of(NetworkLink link) =>
        new(
            link.Index.Value,
            link.Name,
            link.Kind,
            link.IsUp,
            link.HasCarrier,
            link.IsLoopback,
            link.IsPointToPoint,
            link.Mac,
            link.Mtu,
            [.. link.Addresses.Select(address => address.ToString())]
        );

    /// <summary>Says no by <see cref="FormatException"/> when an address is none.</summary>
    public NetworkLink ToLink() =>
        new()
        {
            Index = new(Index),
            Name = Name,
            Kind = Kind,
            IsUp = Up,
            HasCarrier = Carrier,
            IsLoopback = Loopback,
            IsPointToPoint = PointToPoint,
            Mac = Mac,
            Mtu = Mtu,
            Addresses = new(Addresses.Select(AddressOf)),
        };

    private static InterfaceAddress AddressOf(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return
            slash > 0
            && IpAddress.TryParse(text.AsSpan(0, slash), out var address)
            && byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length <= address.BitLength
            ? new(address, length)
            : throw new FormatException($"'{text}' is not an address with a prefix length");
    }
}

/// <summary>A next-hop object as a file shows it.</summary>
internal sealed record NextHopEntry(uint Id, IpFamily? Family, byte Protocol, int Device, string Raw)
{
    public static NextHopEntry Of(NextHopObject nextHop) =>
        new(nextHop.Id, nextHop.Family, nextHop.Protocol, nextHop.Device.Value, nextHop.Raw.ToString());

    /// <summary>Says no by <see cref="FormatException"/> when the bytes are no hex digits.</summary>
    public NextHopObject ToNextHop() =>
        new(Id, Family, Protocol, new(Device), RawAttributes.Of(Convert.FromHexString(Raw)));
}
