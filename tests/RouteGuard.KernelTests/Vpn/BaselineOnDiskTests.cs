using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>RouteGuard killed at the worst moments: what it answered for is on disk.</summary>
public sealed class BaselineOnDiskTests
{
    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.WireGuardFull)]
    [InlineData(VpnKind.TunPersistent)]
    public void A_baseline_is_on_disk_before_session_begin_answers(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.Guard.Must("session", "begin", "--label", "killed after the answer", "--tunnel", guarded.Vpn.Tunnel);
        guarded.Guard.KillDaemon();
        guarded.Vpn.Start();
        guarded.Vpn.WaitUp();
        guarded.Vpn.Kill();
        guarded.MustBeBroken();

        guarded.Guard.Must("restore", "--offline");

        guarded.MustBeAsBefore();
    }

    [Fact]
    public void A_restore_while_the_vpn_still_runs_puts_the_baseline_back()
    {
        using var guarded = new GuardedVpn(VpnKind.OpenVpnRedirect, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();

        guarded.Guard.Must("restore", "--offline");

        var tables = guarded.Lab.Tables();
        Assert.True(
            tables.Has(
                "unicast default via 192.0.2.1 dev phys0 table main proto dhcp scope global src 192.0.2.10 metric 100"
            )
        );
        Assert.False(tables.Has("unicast default via 10.8.0.1 dev tun0 table main proto boot scope global"));
        Assert.True(guarded.Lab.Reaches(VpnLab.Internet));
    }

    [Fact]
    public void A_dry_run_prints_the_plan_and_writes_nothing()
    {
        using var guarded = new GuardedVpn(VpnKind.OpenVpnRedirect, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Vpn.Kill();
        var watch = new KernelWatch(guarded.Lab.Host);

        var plan = guarded.Guard.Must("restore", "--offline", "--dry-run");

        watch.MustHaveHeardNothing();
        Assert.Contains("192.0.2.1", plan, StringComparison.Ordinal);
        Assert.Contains("203.0.113.2", plan, StringComparison.Ordinal);
        guarded.Guard.Must("restore", "--offline");
        guarded.MustBeAsBefore();
    }

    [Fact]
    public void A_second_restore_writes_nothing()
    {
        using var guarded = new GuardedVpn(VpnKind.OpenVpnRedirect, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Vpn.Kill();
        guarded.Guard.Must("restore", "--offline");
        var watch = new KernelWatch(guarded.Lab.Host);

        guarded.Guard.Must("restore", "--offline");

        watch.MustHaveHeardNothing();
    }
}
