namespace RouteGuard.Doctor;

/// <summary>Programs that also write routes, and the setting of each that makes peace with a VPN's. Pure.</summary>
internal static class Managers
{
    private const string OneWriter =
        "So that only one of them writes, begin its session with --on-drift report: routeguard run --on-drift report -- …";

    // systemd.network(5), networkd.conf(5): the file, then what is dropped in, lowest first.
    private static readonly string[] NetworkdSettings =
    [
        "/etc/systemd/networkd.conf",
        "/usr/lib/systemd/networkd.conf.d",
        "/run/systemd/networkd.conf.d",
        "/etc/systemd/networkd.conf.d",
    ];

    private static readonly string[] NetworkManagerSettings =
    [
        "/usr/lib/NetworkManager/conf.d",
        "/run/NetworkManager/conf.d",
        "/etc/NetworkManager/NetworkManager.conf",
        "/etc/NetworkManager/conf.d",
    ];

    /// <summary>Who is known by the name of a running program.</summary>
    private static readonly Rival[] Rivals =
    [
        new("FRR", "sweeps the routes of its own protocols when it starts; a VPN's it leaves alone.", null, "zebra"),
        new("BIRD", "writes only routes with its own mark, unless its kernel protocol says learn.", null, "bird"),
        new(
            "dhcpcd",
            "writes the default anew whenever a lease is renewed.",
            "In /etc/dhcpcd.conf, if a VPN owns the default: nogateway",
            "dhcpcd"
        ),
        new(
            "strongSwan",
            "keeps its routes in table 220 by a rule before main: they win over a session's.",
            "In strongswan.conf, to leave the routes to others: charon { install_routes = no }",
            "charon",
            "charon-systemd",
            "charon-nm"
        ),
        new(
            "Tailscale",
            "keeps its routes in table 52 and rules 5210 to 5270, before main: they win over a session's.",
            "To keep its routes to its own network: tailscale set --exit-node= --accept-routes=false",
            "tailscaled",
            "io.tailscale.ipn.macsys.network-extension"
        ),
        new(
            "Mullvad",
            "keeps its routes in a table of its own before main, and a firewall that drops what another tunnel sends.",
            "While another VPN is guarded: mullvad auto-connect set off; mullvad lockdown-mode set off; mullvad disconnect",
            "mullvad-daemon"
        ),
        new(
            "Cloudflare WARP",
            "takes the default by rules of its own, writes the firewall, and answers DNS itself.",
            "To leave another VPN's server out of it: warp-cli tunnel ip add ADDRESS",
            "warp-svc",
            "CloudflareWARP"
        ),
        new("Cisco Secure Client", "watches the table itself and puts its own routes back.", OneWriter, "vpnagentd"),
        new("OpenVPN", "is running.", "Guard it: routeguard run -- openvpn …", "openvpn"),
        new("OpenConnect", "is running.", "Guard it: routeguard run -- openconnect …", "openconnect"),
        new(
            "WireGuard",
            "is running, and wg-quick keeps a full tunnel in table 51820 by rules before main.",
            "To leave routes and rules to others, in /etc/wireguard/NAME.conf: [Interface] Table = off",
            "wireguard-go",
            KernelWireGuard
        ),
        new(
            "configd",
            "owns the default on a Mac and may write it at any time; RouteGuard asks it first.",
            null,
            "configd"
        ),
    ];

    /// <summary>Stands for an interface of the kernel's own WireGuard, which has no process.</summary>
    public const string KernelWireGuard = "a wireguard interface";

    /// <param name="programs">Names of running programs, and <see cref="KernelWireGuard"/> where there is one.</param>
    /// <param name="read">The text of a file, or of a folder of them, or null.</param>
    public static IReadOnlyList<CheckView> Of(IReadOnlySet<string> programs, Func<string, string?> read)
    {
        List<CheckView> found = [];
        if (programs.Contains("systemd-networkd"))
        {
            found.Add(Networkd(SettingsOf(NetworkdSettings, read)));
        }

        if (programs.Contains("NetworkManager"))
        {
            found.Add(NetworkManager(SettingsOf(NetworkManagerSettings, read)));
        }

        found.AddRange(
            Rivals
                .Where(rival => rival.Programs.Any(programs.Contains))
                .Select(rival => new CheckView(rival.Name, "note", rival.Text, rival.Advice))
        );
        return found.Count > 0
            ? found
            : [new("managers", "ok", "no other program that writes routes is running.", null)];
    }

    // networkd.conf(5): by default it removes routes and rules that it has not made when it configures a link.
    private static CheckView Networkd(string[] settings)
    {
        string[] wanted = ["ManageForeignRoutes", "ManageForeignRoutingPolicyRules"];
        var missing = wanted.Where(key => !IsOff(LastOf(settings, key))).ToArray();
        return missing.Length == 0
            ? new("systemd-networkd", "ok", "leaves foreign routes and rules alone.", null)
            : new(
                "systemd-networkd",
                "problem",
                "removes routes and rules of others when it configures a link or starts anew.",
                $"In {NetworkdSettings[0]}: [Network] {string.Join(' ', missing.Select(key => $"{key}=no"))}"
            );
    }

    // NetworkManager.conf(5): the value of the last file counts.
    private static CheckView NetworkManager(string[] settings)
    {
        const string Name = "NetworkManager";
        var unmanaged = LastOf(settings, "unmanaged-devices") ?? string.Empty;
        return unmanaged.Contains("interface-name:tun", StringComparison.Ordinal)
            ? new(Name, "ok", $"leaves tunnels alone: unmanaged-devices={unmanaged}", null)
            : new(
                Name,
                "note",
                "writes the routes of its links anew when a connection is reapplied, and may take a tunnel for its own.",
                "In /etc/NetworkManager/conf.d/routeguard.conf: [keyfile] unmanaged-devices=interface-name:tun*;interface-name:wg*"
            );
    }

    private static string[] SettingsOf(string[] paths, Func<string, string?> read) =>
        [.. paths.SelectMany(path => (read(path) ?? string.Empty).Split('\n'))];

    private static string? LastOf(string[] lines, string key) =>
        lines
            .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
            .LastOrDefault(parts => parts.Length == 2 && parts[0] == key)
            ?[1];

    private static bool IsOff(string? value) =>
        value?.ToLowerInvariant() is "no" or "false" or "off" or "0" or "n" or "f";

    private sealed record Rival(string Name, string Text, string? Advice, params IReadOnlyList<string> Programs);
}
