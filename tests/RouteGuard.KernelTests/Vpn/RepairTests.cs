using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>Every program, every ending. Each class below is a row; the tests are the columns.</summary>
public abstract class RepairTests(VpnKind kind)
{
    [Theory]
    [InlineData(BaselineKind.Plain)]
    [InlineData(BaselineKind.Dhcp100)]
    public void A_killed_vpn_is_repaired_without_any_command(BaselineKind baseline)
    {
        using var guarded = new GuardedVpn(kind, baseline);
        guarded.StartAndConfirm();

        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
        guarded.Guard.WaitForNoSession();
        Assert.True(guarded.Lab.Reaches(VpnLab.Internet));
    }

    [Fact]
    public void A_vpn_that_is_killed_before_anybody_said_up_is_repaired()
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.Start();

        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
    }

    [Theory]
    [InlineData(BaselineKind.Plain)]
    [InlineData(BaselineKind.Dhcp100)]
    public void With_the_daemon_killed_too_restore_repairs(BaselineKind baseline)
    {
        using var guarded = new GuardedVpn(kind, baseline);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Vpn.Kill();
        guarded.MustBeBroken();

        guarded.Guard.Must("restore");

        guarded.MustBeAsBefore();
    }

    [Fact]
    public void A_daemon_that_is_started_again_repairs_what_happened_meanwhile()
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Vpn.Kill();
        guarded.MustBeBroken();

        guarded.Guard.StartDaemon();

        guarded.MustBecomeAsBefore();
    }

    [Fact]
    public void A_daemon_that_is_started_again_guards_on()
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        guarded.KillRouteGuard();
        guarded.Guard.StartDaemon();
        guarded.Guard.WaitForPhase("up");

        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
    }

    [Theory]
    [InlineData(BaselineKind.Plain)]
    [InlineData(BaselineKind.Dhcp100)]
    public void After_a_clean_stop_the_baseline_is_exactly_back(BaselineKind baseline)
    {
        using var guarded = new GuardedVpn(kind, baseline);
        guarded.StartAndConfirm();

        guarded.Stop();

        guarded.MustBeAsBefore();
        guarded.Guard.WaitForNoSession();
    }
}

/// <summary>Replaces the default.</summary>
public sealed class OpenVpnRedirectRepairTests() : RepairTests(VpnKind.OpenVpnRedirect);

/// <summary>Two halves above the default.</summary>
public sealed class OpenVpnDef1RepairTests() : RepairTests(VpnKind.OpenVpnDef1);

/// <summary>Pushed routes only.</summary>
public sealed class OpenVpnSplitRepairTests() : RepairTests(VpnKind.OpenVpnSplit);

/// <summary>A table and rules; the session is begun, confirmed and ended by hand.</summary>
public sealed class WireGuardRepairTests() : RepairTests(VpnKind.WireGuardFull);

/// <summary>The forum's four steps.</summary>
public sealed class TunFourStepsRepairTests() : RepairTests(VpnKind.TunFourSteps);

/// <summary>The forum's four steps on a tunnel that stays.</summary>
public sealed class TunPersistentRepairTests() : RepairTests(VpnKind.TunPersistent);
