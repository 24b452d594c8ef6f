using RouteGuard.Core.Ports;

namespace RouteGuard.Demo;

/// <summary>Where the demo plays: a machine with one uplink, and a VPN that can be killed.</summary>
internal interface IDemoStage : IDisposable
{
    /// <summary>What a person must know of it, in one sentence.</summary>
    string Where { get; }

    /// <summary>The table, for the audience.</summary>
    IKernelRoutes Kernel { get; }

    /// <summary>Opens the machine for a guard that begins to listen now.</summary>
    DemoPorts Open();

    /// <summary>Starts the VPN's program; it has not touched anything yet.</summary>
    IDemoVpn StartVpn();
}

/// <summary>What a guard needs of the stage's machine.</summary>
internal sealed record DemoPorts(IKernelRoutes Kernel, IKernelEvents Events, IMachine Machine, IDnsSettings Dns);

/// <summary>A VPN's program.</summary>
internal interface IDemoVpn : IDisposable
{
    int Pid { get; }

    /// <summary>Makes the tunnel and does <see cref="DemoSteps"/>.</summary>
    void Connect();

    /// <summary>SIGKILL; the kernel has taken its tunnel away when this returns.</summary>
    void Kill();
}
