using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.KernelTests.Namespaces;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>Making interfaces for the demo, and all ports at once.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinkSetupTests
{
    [Theory]
    [InlineData(false, "tun")]
    [InlineData(true, "tun")]
    public void A_tunnel_is_made_with_addresses_and_goes_with_its_object(bool isTap, string kind)
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            using var setup = new LinuxLinkSetup();
            using var kernel = new LinuxKernelRoutes();
            using (var tun = TunDevice.Open("vpn%d", isTap))
            {
                setup.SetUp(tun.Index);
                setup.AddAddress(tun.Index, new(IpAddress.Parse("10.8.0.2"), 24));
                setup.AddAddress(tun.Index, new(IpAddress.Parse("2001:db8:8::2"), 64));

                Assert.Equal("vpn0", tun.Name);
                Assert.Equal(tun.Index, LinuxLinkSetup.Find("vpn0"));
                var link = kernel.Read().FindLink(tun.Index)!;
                Assert.True(
                    link is { IsUp: true, HasCarrier: true } && link.IsPointToPoint != isTap && link.Kind == kind
                );
                Assert.Equal(
                    ["10.8.0.2/24", "2001:db8:8::2/64"],
                    link.Addresses.Select(address => address.ToString()).Where(text => text[0] != 'f')
                );
                setup.SetUp(tun.Index, isUp: false);
                Assert.False(kernel.Read().FindLink(tun.Index)!.IsUp);
            }

            Soon.Holds("the tunnel is gone", () => kernel.Read().FindLink("vpn0") is null);
            Assert.True(LinuxLinkSetup.Find("vpn0").IsNone);
        });
    }

    [Fact]
    public void A_persistent_tunnel_outlives_its_object_without_a_carrier()
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            using var setup = new LinuxLinkSetup();
            using var kernel = new LinuxKernelRoutes();
            var tun = TunDevice.Open("vpn0");
            tun.SetPersistent(true);
            setup.SetUp(tun.Index);
            tun.Dispose();

            Soon.Holds(
                "the tunnel lost its carrier",
                () => kernel.Read().FindLink("vpn0") is { IsUp: true, HasCarrier: false }
            );
            setup.Delete(tun.Index);
            Assert.Null(kernel.Read().FindLink("vpn0"));
        });
    }

    [Fact]
    public void What_the_kernel_refuses_is_said_with_its_name()
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            using var setup = new LinuxLinkSetup();
            var refused = Assert.Throws<KernelRoutesException>(() => setup.SetUp(new(4242)));
            Assert.Equal("ENODEV", refused.ErrnoName);
            Assert.Equal("EINVAL", Assert.Throws<KernelRoutesException>(() => TunDevice.Open("a/b")).ErrnoName);
        });
    }

    [Fact]
    public void All_ports_are_opened_in_the_network_of_the_thread()
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            using var platform = LinuxPlatform.Open("/nowhere/resolv.conf");
            Assert.Equal("lo", Assert.Single(platform.Kernel.Read().Links).Name);
            net.Ip("route add blackhole 10.0.0.0/8");
            List<KernelEvent> told = [];
            platform.Events.Wait(TimeSpan.FromSeconds(10), told);
            Assert.Equal(KernelEvent.TableChanged.Instance, told[0]);
            Assert.NotEmpty(platform.Machine.BootId);
            Assert.Null(platform.Dns.Read().Settings);
        });
    }
}
