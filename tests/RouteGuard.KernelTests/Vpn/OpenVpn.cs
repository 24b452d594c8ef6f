using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>OpenVPN 2.6, server and client, who know each other by the fingerprints of their certificates.</summary>
/// <remarks>Source: openvpn(8), --peer-fingerprint, --redirect-gateway.</remarks>
internal sealed class OpenVpn : VpnProgram
{
    private const string Ready = "Initialization Sequence Completed";

    private static readonly Lazy<Identity> Server = new(() => Identity.Make("server"));
    private static readonly Lazy<Identity> Client = new(() => Identity.Make("client"));

    private readonly string _configuration;

    /// <summary>Starts the server and writes the client's configuration, with this redirect line or none.</summary>
    public OpenVpn(VpnLab lab, string redirect)
        : base(lab)
    {
        var server = lab.Write(
            "server.conf",
            $"""
            dev tun0
            topology subnet
            proto udp4
            port 1194
            server 10.8.0.0 255.255.255.0
            server-ipv6 fd08::/64
            push "route 10.20.0.0 255.255.255.0"
            push "route-ipv6 fd20::/64"
            keepalive 2 10
            dh none
            explicit-exit-notify 1
            {Server.Value.Written(lab, "server", trusts: Client.Value)}
            """
        );
        lab.Vpn.Start("openvpn", "--config", server, "--verb", "3", "--log", LogOf("server"));
        Eventually.Holds("the OpenVPN server is up", () => Says("server", Ready), () => Read("server"));
        var names = lab.Write(
            "names",
            """
            #!/bin/sh
            case $script_type in
            up) echo "nameserver 10.20.0.2" | resolvconf -a tun0 ;;
            down) resolvconf -d tun0 ;;
            esac
            """,
            isProgram: true
        );
        _configuration = lab.Write(
            "client.conf",
            $"""
            client
            dev {Tunnel}
            proto udp4
            remote {VpnLab.VpnServer} 1194
            nobind
            persist-key
            persist-tun
            connect-retry 1 2
            explicit-exit-notify 1
            script-security 2
            setenv PATH {lab.Host.PathPrefix}:/usr/bin:/bin
            up {names}
            down {names}
            {Client.Value.Written(lab, "client", trusts: Server.Value)}
            {redirect}
            """
        );
    }

    public override string Tunnel => "tun0";

    public override string[] Foreground =>
        ["openvpn", "--config", _configuration, "--verb", "4", "--log", LogOf("client")];

    protected override string ProgramName => "openvpn";

    protected override bool IsUp => Says("client", Ready);

    protected override string Log => Read("client");

    private string LogOf(string side) => Path.Combine(Lab.Folder, $"{side}.log");

    private string Read(string side) => File.Exists(LogOf(side)) ? File.ReadAllText(LogOf(side)) : "It logged nothing.";

    private bool Says(string side, string words) => Read(side).Contains(words, StringComparison.Ordinal);

    /// <summary>A key and its certificate, made once per test run, trusted for the days of the test.</summary>
    private sealed record Identity(string KeyPem, string CertificatePem, string Fingerprint)
    {
        public static Identity Make(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-1),
                DateTimeOffset.UtcNow.AddDays(2)
            );
            var fingerprint = Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Chunk(2);
            return new Identity(
                key.ExportPkcs8PrivateKeyPem(),
                certificate.ExportCertificatePem(),
                string.Join(':', fingerprint.Select(pair => new string(pair)))
            );
        }

        /// <summary>Writes the files and gives the lines of a configuration that name them.</summary>
        public string Written(VpnLab lab, string name, Identity trusts) =>
            $"""
                key {lab.Write($"{name}.key", KeyPem)}
                cert {lab.Write($"{name}.crt", CertificatePem)}
                peer-fingerprint "{trusts.Fingerprint}"
                """;
    }
}
