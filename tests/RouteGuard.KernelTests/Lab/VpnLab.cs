namespace RouteGuard.KernelTests.Lab;

/// <summary>What the host's routes look like before any VPN.</summary>
public enum BaselineKind
{
    /// <summary>Defaults without metric, as ifupdown writes them.</summary>
    Plain,

    /// <summary>Defaults with protocol, source and metric, as NetworkManager and networkd write them.</summary>
    Dhcp100,
}

/// <summary>A host, its router, and a VPN server behind it, each a namespace; the addresses are in README.md.</summary>
internal sealed class VpnLab : IDisposable
{
    public const string Gateway = "192.0.2.1";
    public const string VpnServer = "203.0.113.2";

    /// <summary>An address that stands for the internet.</summary>
    public const string Internet = "203.0.113.66";

    private const UnixFileMode OthersMayEnter =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute;

    private readonly string _name = $"rg{Guid.NewGuid().ToString("N")[..8]}";

    private readonly List<LabNamespace> _places = [];

    public VpnLab(BaselineKind baseline)
    {
        Folder = Directory.CreateTempSubdirectory($"{_name}-").FullName;
        File.SetUnixFileMode(Folder, OthersMayEnter);
        try
        {
            Host = Place("host", hasOwnEtc: true);
            Router = Place("router", hasOwnEtc: false);
            Vpn = Place("vpn", hasOwnEtc: false);
            Build(baseline);
            Before = Tables();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>For files of this lab; gone with it.</summary>
    public string Folder { get; }

    public LabNamespace Host { get; }

    public LabNamespace Router { get; }

    public LabNamespace Vpn { get; }

    /// <summary>The host's tables before anything happened.</summary>
    public TableText Before { get; }

    /// <summary>The host's tables now.</summary>
    public TableText Tables() => TableText.Of(Host);

    /// <summary>What is different from before, in the words of <c>ip</c>; empty when nothing.</summary>
    public string ChangeSinceBefore() => Before.Against(Tables());

    /// <summary>True when a packet from the host reaches this address and an answer comes back.</summary>
    /// <remarks>Nobody listens there: it is the refusal that proves both ways.</remarks>
    public bool Reaches(string address) =>
        Host.Run("timeout", "2", "bash", "-c", $"exec 3<>/dev/tcp/{address}/9")
            .Errors.Contains("refused", StringComparison.Ordinal);

    /// <summary>Writes a file of this lab.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string name, string content, bool isProgram = false)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(path, isProgram ? mode | UnixFileMode.UserExecute : mode);
        return path;
    }

    public void Dispose()
    {
        foreach (var place in _places)
        {
            place.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private LabNamespace Place(string role, bool hasOwnEtc)
    {
        var place = new LabNamespace($"{_name}-{role}", hasOwnEtc);
        _places.Add(place);
        return place;
    }

    private void Build(BaselineKind baseline)
    {
        foreach (var place in _places)
        {
            place.WaitReady();
            place.Must(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv6/conf; echo 0 | tee all/accept_dad default/accept_dad default/accept_ra"
            );
        }

        Router.Must("sh", "-c", "echo 1 | tee /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding");
        Wire();
        Host.Ip(BaselineBatch(baseline));
        Host.Feed($"nameserver {Internet}\n", "sh", "-c", "cat > /etc/resolv.conf").MustExit(0);
        PutPrograms();
        Eventually.Holds(
            "the host has its link-local address",
            () => LinkLocalIsSettled("phys0"),
            () => Tables().ToString()
        );
    }

    private void Wire()
    {
        Host.Ip(
            $"""
            link set lo up
            link add phys0 type veth peer name h0 netns {Router.AnchorPid}
            """
        );
        Vpn.Ip(
            $"""
            link set lo up
            link add eth0 type veth peer name v0 netns {Router.AnchorPid}
            """
        );
        Router.Ip(
            $"""
            link set lo up
            addr add {Internet}/32 dev lo
            addr add {Gateway}/24 dev h0
            addr add 2001:db8:1::1/64 dev h0
            link set h0 up
            addr add 203.0.113.1/26 dev v0
            link set v0 up
            """
        );
        Vpn.Ip(
            $"""
            addr add {VpnServer}/26 dev eth0
            link set eth0 up
            route add default via 203.0.113.1
            """
        );
    }

    private static string BaselineBatch(BaselineKind kind)
    {
        var (v4, v6) =
            kind is BaselineKind.Plain
                ? (string.Empty, string.Empty)
                : ("proto dhcp src 192.0.2.10 metric 100", "proto ra metric 100");
        return $"""
            link set phys0 up
            addr add 192.0.2.10/24 dev phys0
            addr add 2001:db8:1::10/64 dev phys0
            route add default via {Gateway} dev phys0 {v4}
            route add ::/0 via 2001:db8:1::1 dev phys0 {v6}
            route add 172.16.0.0/16 via {Gateway} dev phys0 proto static metric 50
            """;
    }

    /// <summary>A stand-in for <c>resolvconf</c>, the same on every tester's machine.</summary>
    private void PutPrograms()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "bin"));
        Write(
            "bin/resolvconf",
            """
            #!/bin/sh
            case $1 in
            -a) [ -e /run/resolv.before ] || cp -a /etc/resolv.conf /run/resolv.before; cat > /etc/resolv.conf ;;
            -d) cat /run/resolv.before > /etc/resolv.conf; rm /run/resolv.before ;;
            esac
            """,
            isProgram: true
        );
        Host.PathPrefix = Path.Combine(Folder, "bin");
    }

    private bool LinkLocalIsSettled(string device)
    {
        var addresses = Host.Must("ip", "-6", "addr", "show", "dev", device);
        return addresses.Contains("scope link", StringComparison.Ordinal)
            && !addresses.Contains("tentative", StringComparison.Ordinal);
    }
}
