using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>wireguard-go, configured by wg-quick for a full tunnel: table 51820 and rules, both families.</summary>
/// <remarks>Source: wg-quick(8); add_default in its script.</remarks>
internal sealed class WireGuard : VpnProgram
{
    private readonly string _configuration;
    private string _log = string.Empty;

    public WireGuard(VpnLab lab)
        : base(lab)
    {
        Assert.SkipWhen(
            Directory.Exists("/sys/module/wireguard"),
            "Needs a kernel without its own WireGuard: wg-quick would use it, and there would be no program to kill."
        );
        var (serverKey, serverPublic) = Keys("server");
        var (clientKey, clientPublic) = Keys("client");
        lab.Vpn.Must("wireguard-go", "wgs");
        lab.Vpn.Must(
            "wg",
            "set",
            "wgs",
            "private-key",
            serverKey,
            "listen-port",
            "51820",
            "peer",
            clientPublic,
            "allowed-ips",
            "10.9.0.2/32,fd09::2/128"
        );
        lab.Vpn.Ip(
            """
            addr add 10.9.0.1/24 dev wgs
            addr add fd09::1/64 dev wgs
            link set wgs up
            """
        );
        _configuration = lab.Write(
            $"{Tunnel}.conf",
            $"""
            [Interface]
            PrivateKey = {File.ReadAllText(clientKey).Trim()}
            Address = 10.9.0.2/24, fd09::2/64
            DNS = 10.20.0.2
            [Peer]
            PublicKey = {serverPublic}
            AllowedIPs = 0.0.0.0/0, ::/0
            Endpoint = {VpnLab.VpnServer}:51820
            PersistentKeepalive = 2
            """
        );
    }

    public override string Tunnel => "wg0";

    protected override string ProgramName => "wireguard-go";

    protected override bool IsUp =>
        Lab.Host.Run("ip", "rule").Output.Contains("not from all fwmark", StringComparison.Ordinal);

    protected override string Log => _log;

    public override void Start() => Quick("up");

    public override void Stop() => Quick("down");

    private void Quick(string verb) =>
        _log += Lab
            .Host.Run("env", "WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go", "wg-quick", verb, _configuration)
            .MustExit(0);

    /// <summary>Makes a key pair.</summary>
    /// <returns>The path of the private key, and the public key.</returns>
    private (string PrivatePath, string Public) Keys(string name)
    {
        var path = Lab.Write($"{name}.key", Lab.Vpn.Must("wg", "genkey"));
        return (path, Lab.Vpn.Feed(File.ReadAllText(path), "wg", "pubkey").MustExit(0).Output.Trim());
    }
}
