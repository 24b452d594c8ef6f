using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Recording;

/// <summary>Which leading bits of an address say what kind of address it is, and must stay.</summary>
/// <remarks>
/// Think of all addresses of a family as a tree, a bit a level. The way from the root down to a class stays as it is,
/// so the class stays where it is, and with it every default, every half and every split of everything that goes
/// around private space. Sources: RFC 6890, RFC 4291 §2.4, RFC 4193, RFC 6598.
/// </remarks>
internal static class AddressClasses
{
    // 0.0.0.0/8 is "this network", 240.0.0.0/4 holds the broadcast address and nothing of anybody's.
    private static readonly Prefix[] Told = Parse("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/24", "240.0.0.0/4", "::/127");

    private static readonly Prefix[] Kept = Parse(
        "10.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4",
        "2000::/3",
        "64:ff9b::/96",
        "fc00::/8",
        "fd00::/8",
        "fe80::/64",
        "ff00::/16",
        "ff01::/16",
        "ff02::/16",
        "ff05::/16",
        "ff08::/16",
        "ff0e::/16"
    );

    /// <summary>True for addresses that tell nothing of whose they are: unspecified, loopback, broadcast.</summary>
    public static bool IsTold(IpAddress address) => Told.Any(known => known.Contains(address));

    /// <summary>How many leading bits stay.</summary>
    public static int KeptBits(IpAddress address) =>
        Told.Concat(Kept)
            .Where(known => known.Family == address.Family)
            .Max(known => Math.Min(CommonBits(known.Address, address) + 1, known.Length));

    private static int CommonBits(IpAddress one, IpAddress other)
    {
        var differs = one.Number ^ other.Number;
        return (int)UInt128.LeadingZeroCount(differs) - (128 - one.BitLength);
    }

    private static Prefix[] Parse(params string[] texts) => [.. texts.Select(Prefix.Parse)];
}
