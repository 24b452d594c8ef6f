namespace RouteGuard.Doctor;

/// <summary>Programs that also write routes, and the setting of each that makes peace with a VPN's. Pure.</summary>
internal static class Managers
{
    private const string NetworkdConf = "/etc/systemd/networkd.conf";

    /// <param name="programs">Names of running programs.</param>
    /// <param name="read">A file's text, or null; only <c>/etc</c> is asked for.</param>
    public static IReadOnlyList<CheckView> Of(IReadOnlySet<string> programs, Func<string, string?> read)
    {
        List<CheckView> found = [];
        void Note(string program, string name, string text, string? advice)
        {
            if (programs.Contains(program))
            {
                found.Add(new(name, "note", text, advice));
            }
        }

        if (programs.Contains("systemd-networkd"))
        {
            found.Add(Networkd(read(NetworkdConf) ?? string.Empty));
        }

        Note(
            "NetworkManager",
            "NetworkManager",
            "writes the routes of its links anew when a connection is reapplied, and may take a tunnel for its own.",
            "In /etc/NetworkManager/conf.d/routeguard.conf: [keyfile] unmanaged-devices=interface-name:tun*;interface-name:wg*"
        );
        Note("zebra", "FRR", "sweeps the routes of its own protocols when it starts; a VPN's it leaves alone.", null);
        Note("bird", "BIRD", "writes only routes with its own mark, unless its kernel protocol says learn.", null);
        Note(
            "dhcpcd",
            "dhcpcd",
            "writes the default anew whenever a lease is renewed.",
            "In /etc/dhcpcd.conf, if a VPN owns the default: nogateway"
        );
        Note(
            "charon",
            "strongSwan",
            "keeps its routes in table 220 by a rule before main: they win over a session's.",
            "In strongswan.conf, to leave the routes to others: charon { install_routes = no }"
        );
        Note("tailscaled", "Tailscale", "keeps its routes in table 52 and rules 5210 to 5270, before main.", null);
        Note("openvpn", "OpenVPN", "is running. Guard it by: routeguard run -- openvpn …", null);
        Note(
            "configd",
            "configd",
            "owns the default on a Mac and may write it at any time; RouteGuard asks it first.",
            null
        );
        return found.Count > 0
            ? found
            : [new("managers", "ok", "no other program that writes routes is running.", null)];
    }

    // networkd.conf(5): by default it removes routes and rules that it has not made when it configures a link.
    private static CheckView Networkd(string conf)
    {
        string[] wanted = ["ManageForeignRoutes", "ManageForeignRoutingPolicyRules"];
        var missing = wanted.Where(key => !conf.Split('\n').Any(line => IsOff(line, key))).ToArray();
        return missing.Length == 0
            ? new("systemd-networkd", "ok", "leaves foreign routes and rules alone.", null)
            : new(
                "systemd-networkd",
                "problem",
                "removes routes and rules of others when it configures a link or starts anew.",
                $"In {NetworkdConf}: [Network] {string.Join(' ', missing.Select(key => $"{key}=no"))}"
            );
    }

    private static bool IsOff(string line, string key)
    {
        var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && parts[0] == key
            && parts[1].ToLowerInvariant() is "no" or "false" or "off" or "0" or "n" or "f";
    }
}
