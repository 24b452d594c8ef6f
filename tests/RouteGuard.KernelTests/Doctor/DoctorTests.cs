using System.Text.Json;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Doctor;

/// <summary>doctor --fix on the real kernel: what a dead VPN left goes, and the table is as it was.</summary>
public sealed class DoctorTests
{
    // A tunnel without a program; a route by it, one by a gateway that is gone, a hold, a table and rules of VPNs.
    private const string Residue = """
        tuntap add dev dead0 mode tun
        link set dead0 up
        route add 10.99.0.0/16 dev dead0
        route add 203.0.113.99/32 via 198.51.100.1 dev phys0 onlink
        route add unreachable default metric 1
        rule add pref 220 lookup 220
        rule add pref 32764 lookup main suppress_prefixlength 0
        -6 rule add pref 220 lookup 220
        route add 10.98.0.0/16 via 192.0.2.1 table 51820
        """;

    [Fact]
    public void What_dead_vpns_left_is_found_and_removed_and_nothing_else()
    {
        Needs.RootAnd();
        using var lab = new VpnLab(BaselineKind.Dhcp100);
        var guard = new RouteGuardUnderTest(lab);
        Assert.Equal(0, Found(guard.Must("doctor", "--json")));
        foreach (var command in Residue.Split('\n'))
        {
            lab.Host.Must(["ip", .. command.Split(' ')]);
        }

        // The kernel holds an onlink gateway for reachable, and so does the doctor: seven of the eight are leftovers.
        Assert.Equal(7, Found(guard.Must("doctor", "--json")));
        guard.Must("doctor", "--fix", "all");

        Assert.Equal(0, Found(guard.Must("doctor", "--json")));
        lab.Host.Must("ip", "link", "delete", "dead0");
        lab.Host.Must("ip", "route", "delete", "203.0.113.99/32");
        Assert.Equal(string.Empty, lab.ChangeSinceBefore());
        Assert.Contains("repair what a dead VPN left (doctor)", guard.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_has_what_we_rely_on()
    {
        Needs.RootAnd();
        using var lab = new VpnLab(BaselineKind.Plain);
        using var answer = JsonDocument.Parse(new RouteGuardUnderTest(lab).Must("doctor", "--json"));
        var levels = answer
            .RootElement.GetProperty("checks")
            .EnumerateArray()
            .ToLookup(check => check.GetProperty("name").GetString(), check => check.GetProperty("level").GetString());
        foreach (var feature in new[] { "netlink", "pidfd_open", "IPv6" })
        {
            Assert.Equal(["ok"], levels[feature]);
        }
    }

    private static int Found(string json)
    {
        using var answer = JsonDocument.Parse(json);
        return answer.RootElement.GetProperty("residue").GetArrayLength();
    }
}
