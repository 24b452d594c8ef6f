using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>Real VPNs that live, and a world that moves under them. Each case ends with a kill and the right
/// table.</summary>
public sealed partial class DriftMatrixTests
{
    private const string OtherGateway = "192.0.2.254";

    /// <summary>The route by which each VPN takes everything.</summary>
    private static readonly Dictionary<VpnKind, string> Wide = new()
    {
        [VpnKind.OpenVpnRedirect] = "default via 10.8.0.1 dev tun0",
        [VpnKind.OpenVpnDef1] = "0.0.0.0/1 via 10.8.0.1 dev tun0",
        [VpnKind.WireGuardFull] = "default dev wg0 table 51820",
    };

    public static TheoryData<VpnKind> Kinds => [.. Wide.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_tunnels_way_out_that_somebody_deletes_is_back_at_once(VpnKind kind)
    {
        using var guarded = Up(kind);
        var up = guarded.Lab.Tables();

        guarded.Lab.Host.Ip($"route del {Wide[kind]}");

        Eventually.Holds("the way out is back", () => up.Equals(guarded.Lab.Tables()), () => Story(guarded));
        Eventually.Holds(
            "the journal says for how long it was missing",
            () => LeakWindows.In(guarded.Guard.Journal) is [> 0, ..],
            () => Story(guarded)
        );
        var lived = KillAndCompare(guarded);
        Add(guarded, lived, kind, "way out deleted", "as with the VPN; killed: as before");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_rival_who_rewrites_every_50_ms_meets_a_truce_and_costs_little(VpnKind kind)
    {
        using var guarded = Up(kind);
        var route = Wide[kind];
        var rivals = TunnelWay().Replace(route, "via 192.0.2.1 dev phys0");
        var before = CpuTicks(guarded.Guard.DaemonPid);
        var clock = Stopwatch.StartNew();
        var script = $"for i in $(seq 120); do ip route replace {rivals}; sleep 0.05; done; ip route del {rivals}";

        guarded.Lab.Host.Run("sh", "-c", script);

        const double TicksPerSecond = 100;
        var share = (CpuTicks(guarded.Guard.DaemonPid) - before) / TicksPerSecond / clock.Elapsed.TotalSeconds;
        var rewrites = guarded
            .Guard.Journal.Split('\n')
            .Count(line => line.Contains("\"kept what", StringComparison.Ordinal));
        Assert.InRange(rewrites, 1, 5);
        Assert.Contains("\"contested\"", guarded.Guard.Ask("/v1/status") ?? string.Empty, StringComparison.Ordinal);
        var measured = string.Create(CultureInfo.InvariantCulture, $"{rewrites} rewrites, {share:P1} of one CPU");
        var lived = KillAndCompare(guarded);
        Add(guarded, lived, kind, "way out replaced every 50 ms", $"{measured}, truce; killed: as before");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_link_that_flaps_gets_the_servers_route_back_and_the_default_after_a_while(VpnKind kind)
    {
        using var guarded = Up(kind);
        var up = guarded.Lab.Tables();

        guarded.Lab.Host.Ip("link set phys0 down");
        Thread.Sleep(TimeSpan.FromMilliseconds(300));
        guarded.Lab.Host.Ip(
            """
            link set phys0 up
            addr add 2001:db8:1::10/64 dev phys0 nodad
            """
        );

        Eventually.Holds(
            "the table is as with the VPN",
            () => up.Sorted.Equals(guarded.Lab.Tables().Sorted),
            () => Story(guarded, up)
        );
        var lived = Kill(guarded);
        Eventually.Holds(
            "the tables are as before",
            () => guarded.Lab.Before.Sorted.Equals(guarded.Lab.Tables().Sorted),
            () => Story(guarded)
        );
        Add(guarded, lived, kind, "phys link down for 300 ms, up", "as with the VPN; killed: as before");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void When_the_gateway_changes_the_servers_route_follows_and_the_old_gateway_is_history(VpnKind kind)
    {
        using var guarded = Up(kind);
        guarded.Lab.Router.Ip($"addr add {OtherGateway}/24 dev h0");
        var isTaken = kind == VpnKind.OpenVpnRedirect;

        guarded.Lab.Host.Ip(
            $"route {(isTaken ? "add" : "replace")} default via {OtherGateway} dev phys0 proto dhcp src 192.0.2.10 metric 100"
        );

        if (kind != VpnKind.WireGuardFull)
        {
            // wg-quick has no route to its server: its own packets bear a mark that leads past the tunnel.
            Eventually.Holds(
                "the server's route follows",
                () =>
                    guarded
                        .Lab.Host.Must("ip", "route", "get", VpnLab.VpnServer)
                        .Contains(OtherGateway, StringComparison.Ordinal),
                () => Story(guarded)
            );
        }

        Eventually.Holds(
            "the baseline has moved",
            () => guarded.Guard.Journal.Contains("baselineMoved", StringComparison.Ordinal),
            () => Story(guarded)
        );
        var lived = Kill(guarded);
        Eventually.Holds(
            "the machine goes by the new gateway alone",
            () =>
                Change(guarded)
                == Expected(
                    guarded,
                    $"{VpnLab.Gateway} dev phys0 table main proto dhcp",
                    $"{OtherGateway} dev phys0 table main proto dhcp"
                ),
            () => Story(guarded)
        );
        Add(guarded, lived, kind, "gateway changed", "server's route follows; killed: by the new gateway");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_second_uplink_is_left_alone_and_stays(VpnKind kind)
    {
        using var guarded = Up(kind);
        guarded.Lab.Host.Ip(
            """
            link add phys1 type veth peer name h1
            link set h1 up
            link set phys1 addrgenmode none
            link set phys1 up
            addr add 198.51.100.10/24 dev phys1
            route add default via 198.51.100.1 dev phys1 proto dhcp metric 200
            """
        );
        Thread.Sleep(TimeSpan.FromSeconds(1));
        var lived = Kill(guarded);

        const string Uplink =
            "unicast default via 198.51.100.1 dev phys1 table main proto dhcp scope global metric 200";
        Eventually.Holds(
            "only the second uplink has come",
            () =>
                Change(guarded) is var change
                && change.Contains($"+ {Uplink}\n", StringComparison.Ordinal)
                && !change.Contains("\n- ", StringComparison.Ordinal)
                && !change.Contains("tun0", StringComparison.Ordinal)
                && !change.Contains(VpnLab.VpnServer, StringComparison.Ordinal),
            () => Story(guarded)
        );
        Add(guarded, lived, kind, "second uplink", "left alone; killed: as before beside it");
    }

    private static GuardedVpn Up(VpnKind kind)
    {
        var guarded = new GuardedVpn(kind, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        return guarded;
    }

    private static int KillAndCompare(GuardedVpn guarded)
    {
        var lived = Kill(guarded);
        guarded.MustBecomeAsBefore();
        return lived;
    }

    /// <returns>How many leak windows there were while the VPN lived.</returns>
    private static int Kill(GuardedVpn guarded)
    {
        var lived = LeakWindows.In(guarded.Guard.Journal).Count;
        guarded.Vpn.Kill();
        return lived;
    }

    private static void Add(GuardedVpn guarded, int lived, VpnKind kind, string happening, string outcome) =>
        Matrix.Add(kind, happening, LeakWindows.Told(guarded.Guard.Journal, lived), outcome);

    private static string Change(GuardedVpn guarded) =>
        guarded.Lab.Before.RoutesAndRules.Against(guarded.Lab.Tables().RoutesAndRules);

    // The same table with one line in other words.
    private static string Expected(GuardedVpn guarded, string before, string after)
    {
        var text = guarded.Lab.Before.RoutesAndRules.ToString();
        return guarded.Lab.Before.RoutesAndRules.Against(
            TableText.Parse(text.Replace(before, after, StringComparison.Ordinal))
        );
    }

    private static string Story(GuardedVpn guarded, TableText? wanted = null) =>
        $"{(wanted ?? guarded.Lab.Before).Against(guarded.Lab.Tables())}\n{guarded.Guard.DaemonLog}\n{guarded.Guard.Journal}";

    // utime and stime, proc_pid_stat(5) fields 14 and 15; the name in field 2 has no blank here.
    private static long CpuTicks(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(' ');
        return long.Parse(fields[13], CultureInfo.InvariantCulture)
            + long.Parse(fields[14], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(
        "(via 10\\.8\\.0\\.1 )?dev [a-z0-9]+",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TunnelWay();
}
