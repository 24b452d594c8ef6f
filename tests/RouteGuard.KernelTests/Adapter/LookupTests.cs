using System.Runtime.Versioning;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Asking the kernel which way a packet would go.</summary>
[SupportedOSPlatform("linux")]
public sealed class LookupTests : IDisposable
{
    private readonly AdapterWorld _world = new();

    public LookupTests() =>
        _world.Net.IpBatch(
            """
            route add default via 192.0.2.1
            route add default dev tun0 table 51820
            route add default via 2001:db8:1::1
            rule add fwmark 7 table 51820
            route add unreachable 10.66.0.0/16
            route add prohibit 10.67.0.0/16
            route add blackhole 10.68.0.0/16
            """
        );

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("203.0.113.9", null, "via 192.0.2.1 p0")]
    [InlineData("203.0.113.9", 7u, "tun0")]
    [InlineData("192.0.2.44", null, "p0")]
    [InlineData("2001:db8:ffff::1", null, "via 2001:db8:1::1 p0")]
    [InlineData("10.66.1.1", null, "EHOSTUNREACH")]
    [InlineData("10.67.1.1", null, "EACCES")]
    [InlineData("10.68.1.1", null, "EINVAL")]
    public void A_packet_takes_the_way_that_the_tables_and_rules_say(string destination, uint? mark, string expected)
    {
        var found = _world.Net.Do(() => _world.Kernel.Lookup(IpAddress.Parse(destination), mark));

        Assert.Equal(expected, Describe(found));
    }

    private string Describe(RouteLookup found) =>
        found.Route?.NextHop switch
        {
            null => found.ErrnoName,
            NextHop.Via via => $"via {via.Gateway} {_world.Read().Names.NameOf(via.Device)}",
            var other => _world.Read().Names.NameOf(other.Device),
        };
}
