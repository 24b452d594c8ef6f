using System.Globalization;

namespace RouteGuard.Benchmarks;

/// <summary>Where the programs are, and the network of the namespace that the harness runs in.</summary>
/// <param name="RouteGuard">The executable; null measures the floors alone.</param>
/// <param name="FloorFolder">The compiled programs of <c>floor/</c>.</param>
/// <param name="WorkFolder">Dumps, and RouteGuard's state.</param>
internal sealed record Lab(string? RouteGuard, string FloorFolder, string WorkFolder)
{
    public const string Device = "phys0";
    public const string Gateway = "192.0.2.1";
    public const string VpnServer = "198.51.100.1";
    public const string Tunnel = "tun0";
    public const string TunnelAddress = "10.8.0.2";

    public string Floor(string program) => Path.Combine(FloorFolder, program);

    public string Work(string file) => Path.Combine(WorkFolder, file);

    /// <summary>The words of one command of RouteGuard, with its own folders.</summary>
    public string[] Guard(params string[] words) =>
        [RouteGuard!, "--state-dir", Work("state"), "--runtime-dir", Work("runtime"), .. words];

    /// <summary>A pair of virtual interfaces, one of them with an address and the default route.</summary>
    /// <exception cref="InvalidOperationException">The namespace is not one of its own.</exception>
    public void Build()
    {
        var links = Programs.Run("ip", "-o", "link").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (
            links.Any(link =>
                !link.Contains(": lo:", StringComparison.Ordinal) && !link.Contains("@NONE:", StringComparison.Ordinal)
            )
        )
        {
            throw new InvalidOperationException(
                "Cannot measure here: this network namespace has interfaces. Use tests/bench."
            );
        }

        Batch(
            "link set lo up",
            $"link add {Device} type veth peer name peer0",
            $"addr add 192.0.2.10/24 dev {Device}",
            $"link set {Device} up",
            "link set peer0 up",
            $"route add default via {Gateway} dev {Device} proto static"
        );
    }

    public static void Batch(params string[] lines) =>
        Programs.RunWith(string.Join('\n', lines) + "\n", "ip", "-batch", "-");

    /// <summary>The whole IPv4 table, as text.</summary>
    public static string Table() => Programs.Run("ip", "-4", "route", "show", "table", "all");

    public static int IndexOf(string device) =>
        int.Parse(Programs.Run("ip", "-o", "link", "show", device).Split(':')[0], CultureInfo.InvariantCulture);

    /// <summary>How many hand-made routes the main table has.</summary>
    public static int CountRoutes() =>
        Programs.Run("ip", "-4", "route", "show", "proto", "static").Count(letter => letter == '\n');
}
