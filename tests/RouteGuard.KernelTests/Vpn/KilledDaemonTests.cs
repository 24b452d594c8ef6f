using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>
/// The daemon killed while it restores or puts back, at points drawn from all the calls that it makes then; the next
/// daemon ends what it began.
/// </summary>
public sealed class KilledDaemonTests
{
    /// <summary>The kernel is written to, the journal, a session's file.</summary>
    public static TheoryData<VpnKind, string, int> WhileRestoring =>
        new()
        {
            { VpnKind.TunFourSteps, "sendto", 1 },
            { VpnKind.TunFourSteps, "sendto", 2 },
            { VpnKind.TunFourSteps, "sendto", 9 },
            { VpnKind.TunFourSteps, "pwrite64", 1 },
            { VpnKind.TunFourSteps, "pwrite64", 3 },
            { VpnKind.TunFourSteps, "fsync", 2 },
            { VpnKind.TunFourSteps, "rename", 1 },
            { VpnKind.TunFourSteps, "rename", 2 },
            { VpnKind.TunFourSteps, "rename", 3 },
            { VpnKind.OpenVpnRedirect, "sendto", 1 },
            { VpnKind.OpenVpnRedirect, "pwrite64", 2 },
            { VpnKind.OpenVpnRedirect, "renameat", 1 },
            { VpnKind.WireGuardFull, "sendto", 2 },
            { VpnKind.WireGuardFull, "pwrite64", 4 },
        };

    /// <summary>Seven dumps, a journal record, the message that puts the route back, a record, seven dumps.</summary>
    public static TheoryData<VpnKind, string, int> WhilePuttingBack =>
        new()
        {
            { VpnKind.OpenVpnRedirect, "sendto", 1 },
            { VpnKind.OpenVpnRedirect, "sendto", 8 },
            { VpnKind.OpenVpnRedirect, "sendto", 9 },
            { VpnKind.OpenVpnRedirect, "pwrite64", 1 },
            { VpnKind.OpenVpnRedirect, "pwrite64", 2 },
            { VpnKind.OpenVpnRedirect, "fsync", 2 },
        };

    [Theory]
    [MemberData(nameof(WhileRestoring))]
    public void A_daemon_that_is_killed_while_it_restores_has_a_successor_that_ends_it(
        VpnKind kind,
        string call,
        int nth
    )
    {
        using var guarded = Up(kind);

        var killedAt = KillDaemonAt(guarded, call, nth, guarded.Vpn.Kill);

        guarded.Guard.StartDaemon();
        guarded.Guard.WaitForNoSession();
        guarded.MustBeAsBefore();
        Matrix.Add(kind, $"dies; daemon killed at its {call} {nth}", killedAt, "as before after a new start");
    }

    [Theory]
    [MemberData(nameof(WhilePuttingBack))]
    public void A_daemon_that_is_killed_while_it_puts_a_route_back_has_a_successor_that_ends_it(
        VpnKind kind,
        string call,
        int nth
    )
    {
        using var guarded = Up(kind);
        var up = guarded.Lab.Tables();

        var killedAt = KillDaemonAt(
            guarded,
            call,
            nth,
            () => guarded.Lab.Host.Ip($"route delete default via 10.8.0.1 dev {guarded.Vpn.Tunnel}")
        );

        guarded.Guard.StartDaemon();
        Eventually.Holds(
            "the table is as with the VPN",
            () => up.Equals(guarded.Lab.Tables()),
            () => $"{up.Against(guarded.Lab.Tables())}\n{guarded.Guard.DaemonLog}\n{guarded.Guard.Journal}"
        );
        guarded.Vpn.Kill();
        guarded.MustBecomeAsBefore();
        Matrix.Add(kind, $"default deleted; daemon killed at its {call} {nth}", killedAt, "as with the VPN, as before");
    }

    private static GuardedVpn Up(VpnKind kind)
    {
        Needs.RootAnd("strace");
        var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        var session = guarded.Guard.Must("session", "begin", "--label", "by hand", "--tunnel", guarded.Vpn.Tunnel);
        guarded.Vpn.Start();
        guarded.Vpn.WaitUp();
        guarded.Guard.Must("session", "up", session);
        return guarded;
    }

    /// <returns>What the call was about.</returns>
    private static string KillDaemonAt(GuardedVpn guarded, string call, int nth, Action happening)
    {
        var pid = guarded.Guard.DaemonPid;
        var strace = new Strace(guarded.Lab, guarded.Guard.StateFolder);
        var ambush = strace.LieInWait(pid, call, nth);

        happening();

        Eventually.Holds(
            "the daemon is killed",
            () => LabNamespace.HasEnded(pid),
            () => $"{guarded.Change()}\n{ambush}\n{string.Join('\n', strace.Read().Select(one => one.Line))}"
        );
        ambush.WaitForExit();
        return What(Assert.Single(strace.Read(), one => one.Name == call && one.Nth == nth).Line);
    }

    private static string What(string line)
    {
        const string Netlink = "nlmsg_type=";
        return line.IndexOf(Netlink, StringComparison.Ordinal) is >= 0 and var at
            ? line[(at + Netlink.Length)..line.IndexOf(',', at)]
            : Path.GetFileName(line.Split('<', '>', '"')[1]);
    }
}
