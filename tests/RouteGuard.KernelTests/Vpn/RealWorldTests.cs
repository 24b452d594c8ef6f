using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>What each VPN leaves behind when nobody guards the table. The other tests rest on this.</summary>
public sealed class RealWorldTests
{
    private const string Routes = "## ip -d -4 route show table all\n";
    private const string Names = "## cat /etc/resolv.conf\n- nameserver 203.0.113.66\n+ nameserver 10.20.0.2\n";
    private const string DhcpDefault =
        "unicast default via 192.0.2.1 dev phys0 table main proto dhcp scope global src 192.0.2.10 metric 100\n";

    private const string PlainDefault = "unicast default via 192.0.2.1 dev phys0 table main proto boot scope global\n";
    private const string LosingDefault =
        "unicast default via 192.0.2.1 dev phys0 table main proto boot scope global metric 4000\n";

    private const string TunnelDefault = "unicast default dev tun7 table main proto boot scope link\n";
    private const string ServerRoute =
        "unicast 203.0.113.2 via 192.0.2.1 dev phys0 table main proto boot scope global\n";
    private const string Rules =
        "+ 32764:\tfrom all lookup main suppress_prefixlength 0\n+ 32765:\tnot from all fwmark 0xca6c lookup 51820\n";

    /// <summary>Of each program: what stays after SIGKILL, and whether the internet is still there.</summary>
    public static TheoryData<VpnKind, BaselineKind, string, bool> AfterKill =>
        new()
        {
            { VpnKind.OpenVpnRedirect, BaselineKind.Dhcp100, $"{Routes}- {DhcpDefault}+ {ServerRoute}{Names}", false },
            { VpnKind.OpenVpnRedirect, BaselineKind.Plain, $"{Routes}- {PlainDefault}+ {ServerRoute}{Names}", false },
            { VpnKind.OpenVpnDef1, BaselineKind.Dhcp100, $"{Routes}+ {ServerRoute}{Names}", true },
            { VpnKind.OpenVpnSplit, BaselineKind.Dhcp100, Names, true },
            {
                VpnKind.WireGuardFull,
                BaselineKind.Dhcp100,
                $"## ip -4 rule\n{Rules}## ip -6 rule\n{Rules}{Names}",
                true
            },
            {
                VpnKind.TunFourSteps,
                BaselineKind.Dhcp100,
                $"{Routes}- {DhcpDefault}+ {LosingDefault}+ {ServerRoute}",
                true
            },
            {
                VpnKind.TunFourSteps,
                BaselineKind.Plain,
                $"{Routes}- {PlainDefault}+ {LosingDefault}+ {ServerRoute}",
                true
            },
            {
                VpnKind.TunPersistent,
                BaselineKind.Dhcp100,
                $"{Routes}- {DhcpDefault}+ {TunnelDefault}+ {LosingDefault}+ {ServerRoute}",
                false
            },
        };

    /// <summary>Of each program: the change that stays after a clean stop.</summary>
    public static TheoryData<VpnKind, string> AfterStop =>
        new()
        {
            { VpnKind.OpenVpnRedirect, $"{Routes}- {DhcpDefault}+ {PlainDefault}" },
            { VpnKind.OpenVpnDef1, string.Empty },
            { VpnKind.OpenVpnSplit, string.Empty },
            { VpnKind.WireGuardFull, string.Empty },
            { VpnKind.TunFourSteps, string.Empty },
            { VpnKind.TunPersistent, string.Empty },
        };

    [Theory]
    [MemberData(nameof(AfterKill))]
    public void The_lab_breaks_as_the_real_world_does(
        VpnKind kind,
        BaselineKind baseline,
        string left,
        bool internetIsThere
    )
    {
        Needs.RootAnd(VpnProgram.Programs(kind));
        using var lab = new VpnLab(baseline);
        var vpn = VpnProgram.Create(kind, lab);
        Assert.True(lab.Reaches(VpnLab.Internet));
        vpn.Start();
        vpn.WaitUp();

        vpn.Kill();

        Assert.Equal(left, vpn.Comparable(lab.Before).Against(vpn.Comparable(lab.Tables())));
        Assert.Equal(internetIsThere, lab.Reaches(VpnLab.Internet));
    }

    [Theory]
    [MemberData(nameof(AfterStop))]
    public void A_clean_stop_leaves_what_the_real_world_leaves(VpnKind kind, string left)
    {
        Needs.RootAnd(VpnProgram.Programs(kind));
        using var lab = new VpnLab(BaselineKind.Dhcp100);
        var vpn = VpnProgram.Create(kind, lab);
        vpn.Start();
        vpn.WaitUp();
        Assert.NotEqual(string.Empty, lab.ChangeSinceBefore());

        vpn.Stop();

        Assert.Equal(left, lab.ChangeSinceBefore());
    }
}
