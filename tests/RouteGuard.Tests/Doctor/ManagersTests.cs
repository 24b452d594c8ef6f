using RouteGuard.Doctor;

namespace RouteGuard.Tests.Doctor;

/// <summary>Programs that write routes too, and what makes peace with each.</summary>
public sealed class ManagersTests
{
    [Theory]
    [InlineData("zebra", "FRR", "")]
    [InlineData("bird", "BIRD", "")]
    [InlineData("dhcpcd", "dhcpcd", "nogateway")]
    [InlineData("charon", "strongSwan", "install_routes = no")]
    [InlineData("charon-systemd", "strongSwan", "install_routes = no")]
    [InlineData("tailscaled", "Tailscale", "tailscale set --exit-node= --accept-routes=false")]
    [InlineData("mullvad-daemon", "Mullvad", "mullvad lockdown-mode set off")]
    [InlineData("warp-svc", "Cloudflare WARP", "warp-cli tunnel ip add")]
    [InlineData("vpnagentd", "Cisco Secure Client", "--on-drift report")]
    [InlineData("openvpn", "OpenVPN", "routeguard run -- openvpn")]
    [InlineData("openconnect", "OpenConnect", "routeguard run -- openconnect")]
    [InlineData("wireguard-go", "WireGuard", "Table = off")]
    [InlineData(Managers.KernelWireGuard, "WireGuard", "Table = off")]
    [InlineData("NetworkManager", "NetworkManager", "unmanaged-devices=interface-name:tun*;interface-name:wg*")]
    [InlineData("configd", "configd", "")]
    public void Each_is_known_by_its_program(string program, string name, string advice)
    {
        var found = Assert.Single(Managers.Of(new HashSet<string> { program, "bash" }, _ => null));
        Assert.Equal((name, "note"), (found.Name, found.Level));
        Assert.Contains(advice, found.Advice ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_with_none_of_them_is_told_so() =>
        Assert.Equal("ok", Assert.Single(Managers.Of(new HashSet<string> { "bash" }, _ => null)).Level);

    [Fact]
    public void Networkd_is_a_problem_until_both_settings_are_off()
    {
        HashSet<string> programs = ["systemd-networkd"];
        var half = Assert.Single(Managers.Of(programs, _ => "[Network]\nManageForeignRoutes = no\n"));
        Assert.Equal("In /etc/systemd/networkd.conf: [Network] ManageForeignRoutingPolicyRules=no", half.Advice);
        const string Both = "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=false\n";
        Assert.Equal("ok", Assert.Single(Managers.Of(programs, _ => Both)).Level);
    }

    [Fact]
    public void What_is_dropped_in_last_counts()
    {
        HashSet<string> programs = ["systemd-networkd", "NetworkManager"];
        var files = new Dictionary<string, string>
        {
            ["/etc/systemd/networkd.conf"] = "ManageForeignRoutes=yes\nManageForeignRoutingPolicyRules=no",
            ["/etc/systemd/networkd.conf.d"] = "ManageForeignRoutes=no",
            ["/usr/lib/NetworkManager/conf.d"] = "[keyfile]\nunmanaged-devices=interface-name:lxc*",
            ["/etc/NetworkManager/conf.d"] = "[keyfile]\nunmanaged-devices=interface-name:tun*",
        };
        Assert.Equal(["ok", "ok"], Managers.Of(programs, files.GetValueOrDefault).Select(check => check.Level));
        files["/etc/systemd/networkd.conf.d"] = "ManageForeignRoutes=yes";
        files["/etc/NetworkManager/conf.d"] = "[keyfile]\nunmanaged-devices=";
        Assert.Equal(["problem", "note"], Managers.Of(programs, files.GetValueOrDefault).Select(check => check.Level));
    }
}
