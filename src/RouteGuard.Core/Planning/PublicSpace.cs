using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Addresses that belong to somebody on the Internet, so that a packet to one of them is worth a
/// tunnel.</summary>
/// <remarks>
/// Not public: loopback (RFC 1122, RFC 4291), private (RFC 1918), shared (RFC 6598), link-local (RFC 3927, RFC 4291),
/// unique local (RFC 4193), multicast (RFC 5771, RFC 4291). The prefixes for documentation count as public: nothing is
/// lost when nobody uses them, and tests may.
/// </remarks>
public static class PublicSpace
{
    private static readonly PrefixSet V4 = AllBut(
        IpFamily.V4,
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4"
    );

    private static readonly PrefixSet V6 = AllBut(IpFamily.V6, "::1/128", "fc00::/7", "fe80::/10", "ff00::/8");

    public static PrefixSet Of(IpFamily family) => family == IpFamily.V4 ? V4 : V6;

    private static PrefixSet AllBut(IpFamily family, params string[] prefixes) =>
        PrefixSet.Of(family, prefixes.Select(Prefix.Parse)).Complement();
}
