using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>VPNs that hang, and VPNs whose death must let nothing out.</summary>
public sealed class HangTests
{
    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.OpenVpnDef1)]
    [InlineData(VpnKind.WireGuardFull)]
    public void A_vpn_that_is_stopped_by_a_signal_misses_its_lease_and_the_baseline_comes_back(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        var session = Begin(guarded, "--lease", "5");
        guarded.Guard.Must("session", "heartbeat", session);
        var pid = guarded.Vpn.Pid;

        guarded.Lab.Host.Signal(pid, "STOP");

        MustBecomeAsBeforeButForTheTunnel(guarded);
        Assert.True(guarded.Lab.Reaches(VpnLab.Internet));
        Assert.Contains("no sign of life for 5 s", guarded.Guard.Journal, StringComparison.Ordinal);
        guarded.Lab.Host.Signal(pid, "CONT");
        Matrix.Add(
            kind,
            "SIGSTOP, lease of 5 s",
            LeakWindows.Told(guarded.Guard.Journal),
            "as before, but for the tunnel's own network"
        );
    }

    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.WireGuardFull)]
    public void A_vpn_that_runs_and_carries_nothing_is_dead_after_three_silent_probes(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        Begin(guarded, "--probe", VpnLab.Internet);
        Thread.Sleep(TimeSpan.FromSeconds(6));
        Assert.DoesNotContain("gave no answer", guarded.Guard.Journal, StringComparison.Ordinal);
        var pid = guarded.Vpn.Pid;

        guarded.Lab.Host.Signal(pid, "STOP");

        MustBecomeAsBeforeButForTheTunnel(guarded);
        Assert.Contains("gave no answer 3 times", guarded.Guard.Journal, StringComparison.Ordinal);
        guarded.Lab.Host.Signal(pid, "CONT");
    }

    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.WireGuardFull)]
    [InlineData(VpnKind.TunFourSteps)]
    public void A_session_that_holds_lets_nothing_out_until_a_restore_is_asked_for(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        Begin(guarded, "--on-death", "hold");

        guarded.Vpn.Kill();

        Eventually.Holds(
            "nothing leaves by a default",
            () =>
                guarded.Lab.Host.Run("ip", "-4", "route", "get", VpnLab.Internet).ExitCode != 0
                && guarded.Lab.Host.Run("ip", "-6", "route", "get", "2001:db8:ffff::1").ExitCode != 0,
            () => $"{guarded.Lab.Tables()}\n{guarded.Guard.Journal}"
        );
        Assert.Equal(0, guarded.Lab.Host.Run("ip", "route", "get", VpnLab.Gateway).ExitCode);
        Assert.False(guarded.Lab.Reaches(VpnLab.Internet));

        guarded.Guard.Must("restore");
        guarded.MustBecomeAsBefore();
        Assert.True(guarded.Lab.Reaches(VpnLab.Internet));
    }

    // Its interface lives, and with it what the kernel keeps for its address.
    private static void MustBecomeAsBeforeButForTheTunnel(GuardedVpn guarded) =>
        Eventually.Holds(
            "the routes are as before, but for the hanging tunnel's own network",
            () =>
                Without(guarded.Lab.Tables(), guarded.Vpn.Tunnel)
                    .Equals(Without(guarded.Lab.Before, guarded.Vpn.Tunnel)),
            () =>
                $"{guarded.Lab.Before.Against(guarded.Lab.Tables())}\n{guarded.Guard.DaemonLog}\n{guarded.Guard.Journal}"
        );

    private static string Begin(GuardedVpn guarded, params string[] options)
    {
        var session = guarded.Guard.Must([
            "session",
            "begin",
            "--label",
            "by hand",
            "--tunnel",
            guarded.Vpn.Tunnel,
            .. options,
        ]);
        guarded.Vpn.Start();
        guarded.Vpn.WaitUp();
        guarded.Guard.Must("session", "up", session);
        return session;
    }

    private static TableText Without(TableText table, string tunnel) =>
        table.RoutesAndRules.WithoutKernelRoutesOf(tunnel);
}
