namespace RouteGuard.Manual;

/// <summary>Examples of commands, for <c>--help</c> and the man page.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> All = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "sudo routeguard run -- openvpn --config home.conf",
            "routeguard status",
            "sudo routeguard restore --dry-run",
        ],
        ["daemon"] = ["sudo routeguard daemon --state-dir /var/lib/routeguard"],
        ["run"] =
        [
            "sudo routeguard run -- openvpn --config home.conf",
            "sudo routeguard run --on-death hold -- wg-quick up wg0",
        ],
        ["session"] = ["routeguard session begin --label home --pid 4711", "routeguard session up ID --confirm 30"],
        ["session begin"] =
        [
            "id=$(routeguard session begin --label home --pid 4711)",
            "routeguard session begin --on-death hold --lease 30",
        ],
        ["session up"] =
        [
            "routeguard session up \"$id\" --tunnel tun0",
            "routeguard session up \"$id\" --route '10.0.0.0/8 dev tun0'",
        ],
        ["session heartbeat"] = ["routeguard session heartbeat \"$id\""],
        ["session confirm"] = ["routeguard session confirm \"$id\""],
        ["session end"] = ["routeguard session end \"$id\"", "routeguard session end \"$id\" --json"],
        ["session list"] = ["routeguard session list", "routeguard session list --json"],
        ["session show"] = ["routeguard session show \"$id\""],
        ["snapshot"] = ["routeguard snapshot --output before.json"],
        ["restore"] =
        [
            "sudo routeguard restore --dry-run",
            "sudo routeguard restore --yes",
            "sudo routeguard restore --from before.json",
        ],
        ["plan"] = ["sudo routeguard plan"],
        ["status"] = ["routeguard status --watch", "routeguard status --json"],
        ["routes"] = ["routeguard routes --owner foreign", "routeguard routes -6 --dev tun0"],
        ["diff"] = ["sudo routeguard diff", "sudo routeguard diff overlay now", "routeguard diff before.json now"],
        ["why"] = ["routeguard why 203.0.113.7", "routeguard why 2001:db8::1 --json"],
        ["blame"] = ["sudo routeguard blame default", "sudo routeguard blame 10.0.0.0/8"],
        ["watch"] = ["routeguard watch", "routeguard watch --json --count 10"],
        ["history"] = ["sudo routeguard history --since 1h --prefix default"],
        ["doctor"] = ["sudo routeguard doctor", "sudo routeguard doctor --fix 1,3"],
        ["report"] = ["sudo routeguard report --redact --output ticket.html"],
        ["version"] = ["routeguard version --json"],
        ["completion"] =
        [
            "routeguard completion bash > /etc/bash_completion.d/routeguard",
            "routeguard completion zsh > ~/.zfunc/_routeguard",
        ],
        ["man"] = ["routeguard man | man -l -"],
        ["schema"] = ["routeguard schema", "routeguard schema session list > sessions.schema.json"],
        ["demo"] = ["routeguard demo", "routeguard demo --simulated"],
    };

    /// <param name="path">Of the command; empty for the program itself.</param>
    public static IReadOnlyList<string> Of(string path) => All.GetValueOrDefault(path, []);
}
