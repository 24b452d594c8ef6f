using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>Routes with netlink attributes that nobody models: they come back whole, or are left alone.</summary>
public sealed class UnknownAttributeTests
{
    /// <summary>Words for <c>ip route add</c>, each with an attribute beyond destination, gateway and metric.</summary>
    public static TheoryData<string> Strange =>
        [
            "172.20.0.0/16 via 192.0.2.1 dev phys0 realm 5",
            "172.20.0.0/16 encap ip id 7 dst 203.0.113.9 via 192.0.2.1 dev phys0",
            "172.20.0.0/16 via inet6 2001:db8:1::1 dev phys0",
            "172.20.0.0/16 via 192.0.2.1 dev phys0 congctl reno features ecn initcwnd 10",
            "172.20.0.0/16 via 192.0.2.1 dev phys0 mtu lock 1400 advmss 1300 rto_min 5ms quickack 1",
            "172.20.0.0/16 nexthop via 192.0.2.1 dev phys0 weight 3 nexthop via 192.0.2.3 dev phys0 weight 1",
            "172.20.0.0/16 tos 0x10 via 192.0.2.1 dev phys0",
            "blackhole 172.20.0.0/16 metric 9",
        ];

    [Theory]
    [MemberData(nameof(Strange))]
    public void A_strange_route_that_a_vpn_took_comes_back_whole(string route)
    {
        Needs.RootAnd();
        using var lab = new VpnLab(BaselineKind.Dhcp100);
        lab.Host.Ip($"route add {route}");
        var before = lab.Tables();
        var guard = new RouteGuardUnderTest(lab);
        guard.StartDaemon();
        var vpn = VpnProgram.Create(VpnKind.TunFourSteps, lab);
        var session = guard.Must("session", "begin", "--label", "strange", "--tunnel", vpn.Tunnel);
        vpn.Start();
        vpn.WaitUp();
        lab.Host.Ip($"route delete {route}");
        guard.Must("session", "up", session);

        vpn.Kill();

        Eventually.Holds(
            "the tables are as before",
            () => before.Against(lab.Tables()).Length == 0,
            () => $"{before.Against(lab.Tables())}{guard.DaemonLog}"
        );
    }
}
