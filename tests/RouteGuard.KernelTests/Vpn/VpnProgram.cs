using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>The VPNs of these tests.</summary>
public enum VpnKind
{
    /// <summary>OpenVPN with <c>redirect-gateway</c>: replaces the default.</summary>
    OpenVpnRedirect,

    /// <summary>OpenVPN with <c>redirect-gateway def1</c>: two halves above the default.</summary>
    OpenVpnDef1,

    /// <summary>OpenVPN with pushed routes only.</summary>
    OpenVpnSplit,

    /// <summary>wireguard-go and wg-quick with 0.0.0.0/0 and ::/0: a table and rules.</summary>
    WireGuardFull,

    /// <summary>The forum's four steps.</summary>
    TunFourSteps,

    /// <summary>The forum's four steps on a tunnel that outlives its program.</summary>
    TunPersistent,
}

/// <summary>A real VPN program, its server set up in the lab.</summary>
internal abstract class VpnProgram(VpnLab lab)
{
    protected VpnLab Lab { get; } = lab;

    /// <summary>The name of its tunnel.</summary>
    public abstract string Tunnel { get; }

    /// <summary>The file name of the program whose death is the VPN's death.</summary>
    protected abstract string ProgramName { get; }

    /// <summary>The client in the foreground, as <c>routeguard run --</c> starts it, or null.</summary>
    public virtual string[]? Foreground => null;

    /// <summary>True when its tunnel stays after a kill.</summary>
    public virtual bool LeavesTunnel => false;

    /// <summary>Makes the program and its server, skipping the test where something is missing.</summary>
    public static VpnProgram Create(VpnKind kind, VpnLab lab) =>
        kind switch
        {
            VpnKind.OpenVpnRedirect => new OpenVpn(lab, "redirect-gateway"),
            VpnKind.OpenVpnDef1 => new OpenVpn(lab, "redirect-gateway def1"),
            VpnKind.OpenVpnSplit => new OpenVpn(lab, string.Empty),
            VpnKind.WireGuardFull => new WireGuard(lab),
            VpnKind.TunFourSteps => new ForumTun(lab, isPersistent: false),
            _ => new ForumTun(lab, isPersistent: true),
        };

    /// <summary>The programs that a kind needs, for <see cref="Needs"/>.</summary>
    public static string[] Programs(VpnKind kind) =>
        kind switch
        {
            VpnKind.OpenVpnRedirect or VpnKind.OpenVpnDef1 or VpnKind.OpenVpnSplit => ["openvpn"],
            VpnKind.WireGuardFull => ["wireguard-go", "wg-quick", "wg", "nft", "sysctl"],
            _ => [],
        };

    /// <summary>Starts the client without RouteGuard.</summary>
    public virtual void Start() => Lab.Host.Start(Foreground!);

    /// <summary>True when all its routes are in.</summary>
    protected abstract bool IsUp { get; }

    /// <summary>What it logged.</summary>
    protected abstract string Log { get; }

    public void WaitUp() =>
        Eventually.Holds($"{GetType().Name} is up", () => IsUp, () => $"{Log}\n{Lab.ChangeSinceBefore()}");

    /// <summary>SIGKILL: nothing is undone.</summary>
    public void Kill() => SignalAndWait("KILL");

    /// <summary>As a user stops it.</summary>
    public virtual void Stop() => SignalAndWait("TERM");

    public int Pid => Assert.Single(Lab.Host.FindProcesses(ProgramName));

    /// <summary>The tables as far as a repair after a kill can make them what they were.</summary>
    public TableText Comparable(TableText table) => LeavesTunnel ? table.WithoutKernelRoutesOf(Tunnel) : table;

    private void SignalAndWait(string signal)
    {
        var pid = Pid;
        Lab.Host.Signal(pid, signal);
        Eventually.Holds($"{ProgramName} has ended", () => LabNamespace.HasEnded(pid), () => Log);
    }
}
