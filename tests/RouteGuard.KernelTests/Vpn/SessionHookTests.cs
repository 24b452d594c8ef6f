using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>Sessions as a VPN's hooks begin, confirm and end them, and <c>run</c> as its user stops it.</summary>
public sealed class SessionHookTests
{
    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.TunPersistent)]
    public void A_vpn_that_begins_its_own_session_is_repaired_when_it_is_killed(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        var session = StartByHooks(guarded);
        guarded.Guard.Must("session", "up", session, "--tunnel", guarded.Vpn.Tunnel);

        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
    }

    [Theory]
    [InlineData(VpnKind.OpenVpnRedirect)]
    [InlineData(VpnKind.TunFourSteps)]
    public void A_vpn_that_ends_its_own_session_leaves_the_baseline(VpnKind kind)
    {
        using var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        var session = StartByHooks(guarded);
        guarded.Guard.Must("session", "up", session, "--tunnel", guarded.Vpn.Tunnel);

        guarded.Vpn.Stop();
        guarded.Guard.Must("session", "end", session);

        guarded.MustBeAsBefore();
    }

    [Fact]
    public void Without_up_the_overlay_is_learned_from_two_quiet_seconds()
    {
        using var guarded = new GuardedVpn(VpnKind.WireGuardFull, BaselineKind.Dhcp100);
        guarded.Start();

        guarded.Guard.WaitForPhase("up");
        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void Stopping_run_stops_the_vpn_and_leaves_the_baseline(string signal)
    {
        using var guarded = new GuardedVpn(VpnKind.OpenVpnRedirect, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();

        guarded.Lab.Host.Signal(guarded.Run.Pid, signal);

        guarded.Run.WaitForExit();
        guarded.MustBeAsBefore();
        guarded.Guard.WaitForNoSession();
    }

    [Fact]
    public void Without_a_daemon_run_guards_by_itself_and_ends_as_the_vpn_ended()
    {
        const int KilledBySignal9 = 128 + 9;
        using var guarded = new GuardedVpn(VpnKind.TunFourSteps, BaselineKind.Dhcp100, hasDaemon: false);
        guarded.StartAndConfirm();

        guarded.Vpn.Kill();

        guarded.Run.WaitForExit().MustExit(KilledBySignal9);
        guarded.MustBeAsBefore();
    }

    [Fact]
    public void A_resolver_file_that_is_a_mount_of_its_own_is_put_back_as_well()
    {
        using var guarded = new GuardedVpn(VpnKind.OpenVpnSplit, BaselineKind.Dhcp100);
        guarded.Lab.Host.Must("sh", "-c", "cp /etc/resolv.conf /run/names && mount --bind /run/names /etc/resolv.conf");
        guarded.StartAndConfirm();

        guarded.Vpn.Kill();

        guarded.MustBecomeAsBefore();
    }

    /// <summary>A wrapper as people write it: begin with the shell's own process id, then become the VPN.</summary>
    private static string StartByHooks(GuardedVpn guarded)
    {
        var file = Path.Combine(guarded.Lab.Folder, "session");
        var script = guarded.Lab.Write(
            "start",
            $"""
            #!/bin/sh -e
            {string.Join(' ', guarded.Guard.Words("session", "begin", "--label", "hook", "--pid", "$$"))} > {file}
            exec {string.Join(' ', guarded.Vpn.Foreground!)}
            """,
            isProgram: true
        );
        guarded.Lab.Host.Start(script);
        guarded.Vpn.WaitUp();
        return File.ReadAllText(file).Trim();
    }
}
