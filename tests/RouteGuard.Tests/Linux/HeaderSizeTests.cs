using System.Runtime.CompilerServices;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

/// <summary>Sizes as sizeof gives them for the structures of linux/*.h on x86-64 and arm64.</summary>
public sealed class HeaderSizeTests
{
    [Fact]
    public void Structures_have_the_sizes_that_the_kernel_gives_them()
    {
        Assert.Equal(16, Unsafe.SizeOf<NetlinkHeader>());
        Assert.Equal(NetlinkWriter.MessageHeaderBytes, Unsafe.SizeOf<NetlinkHeader>());
        Assert.Equal(4, Unsafe.SizeOf<AttributeHeader>());
        Assert.Equal(NetlinkWriter.AttributeHeaderBytes, Unsafe.SizeOf<AttributeHeader>());
        Assert.Equal(12, Unsafe.SizeOf<RouteHeader>());
        Assert.Equal(12, Unsafe.SizeOf<RuleHeader>());
        Assert.Equal(16, Unsafe.SizeOf<LinkHeader>());
        Assert.Equal(8, Unsafe.SizeOf<AddressHeader>());
        Assert.Equal(8, Unsafe.SizeOf<NextHopHeader>());
        Assert.Equal(8, Unsafe.SizeOf<LegHeader>());
        Assert.Equal(32, Unsafe.SizeOf<CacheHeader>());
        Assert.Equal(4, Unsafe.SizeOf<PortRange>());
        Assert.Equal(8, Unsafe.SizeOf<UidRange>());
    }
}
