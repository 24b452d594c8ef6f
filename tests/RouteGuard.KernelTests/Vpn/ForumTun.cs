using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Vpn;

/// <summary><c>RouteGuard.TunVpn</c>: the forum's four steps, no transport.</summary>
internal sealed class ForumTun(VpnLab lab, bool isPersistent) : VpnProgram(lab)
{
    public override string Tunnel => "tun7";

    public override bool LeavesTunnel => isPersistent;

    public override string[] Foreground =>
        [
            Path.Combine(AppContext.BaseDirectory, ProgramName),
            "--tunnel",
            Tunnel,
            "--server",
            VpnLab.VpnServer,
            .. isPersistent ? ["--persistent"] : Array.Empty<string>(),
        ];

    protected override string ProgramName => "RouteGuard.TunVpn";

    protected override bool IsUp => Lab.Tables().Has($"unicast default dev {Tunnel} table main proto boot scope link");

    protected override string Log => "It logs nothing.";
}
