using System.Globalization;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Simulation;

/// <summary>One line of a script: what happens to the machine. What makes no sense at its moment is passed
/// over.</summary>
internal abstract record SimAction
{
    private SimAction() { }

    public sealed record Begin(
        int Vpn,
        VpnKind Kind,
        DeathPolicy OnDeath,
        DriftPolicy OnDrift,
        bool HasLease,
        bool IsDeclared
    ) : SimAction;

    /// <summary>The VPN makes its tunnel and its routes; the guard runs this long between two of its steps.</summary>
    public sealed record Configure(int Vpn, int GapMs, int StepsMax) : SimAction;

    public sealed record SayUp(int Vpn) : SimAction;

    public sealed record Wait(int Ms) : SimAction;

    public sealed record Stop(int Vpn, StopManner Manner) : SimAction;

    public sealed record Kill(int Vpn, KillManner Manner) : SimAction;

    /// <summary>It gives no sign of life any more.</summary>
    public sealed record Hang(int Vpn) : SimAction;

    /// <summary>The guard dies at the port call with this number from now on; 0 is at once.</summary>
    public sealed record GuardDies(int PortCalls) : SimAction;

    public sealed record GuardStarts : SimAction;

    /// <summary>The power goes at the disk operation with this number from now on; 0 is at once.</summary>
    public sealed record PowerGoes(int DiskOperations) : SimAction;

    public sealed record Foreign(int Number, bool IsHandMade) : SimAction;

    public sealed record ForeignGoes : SimAction;

    /// <summary>Somebody undoes a route of the VPN, and again whenever it comes back, this many times.</summary>
    public sealed record Rival(int Vpn, int Route, bool Deletes, int Times) : SimAction;

    public sealed record LoseEvents : SimAction;

    public sealed record RepeatEvents : SimAction;

    public sealed record Refuse(string Errno, int Steps) : SimAction;

    /// <summary>The kernel refuses this many calls outright, looks too (EPERM).</summary>
    public sealed record KernelRefuses(int Calls) : SimAction;

    public sealed record DiskRefuses(int Operations) : SimAction;

    public sealed record DiskFull(bool IsFull) : SimAction;

    public sealed record Roam(RoamManner Manner) : SimAction;

    public sealed override string ToString()
    {
        var words = string.Join(' ', Parts().Select(part => Convert.ToString(part, CultureInfo.InvariantCulture)));
        return $"{GetType().Name} {words}".TrimEnd();
    }

    private object[] Parts() =>
        this switch
        {
            Begin one => [one.Vpn, one.Kind, one.OnDeath, one.OnDrift, one.HasLease, one.IsDeclared],
            Configure one => [one.Vpn, one.GapMs, one.StepsMax],
            SayUp one => [one.Vpn],
            Wait one => [one.Ms],
            Stop one => [one.Vpn, one.Manner],
            Kill one => [one.Vpn, one.Manner],
            Hang one => [one.Vpn],
            GuardDies one => [one.PortCalls],
            PowerGoes one => [one.DiskOperations],
            Foreign one => [one.Number, one.IsHandMade],
            Rival one => [one.Vpn, one.Route, one.Deletes, one.Times],
            Refuse one => [one.Errno, one.Steps],
            KernelRefuses one => [one.Calls],
            DiskRefuses one => [one.Operations],
            DiskFull one => [one.IsFull],
            Roam one => [one.Manner],
            _ => [],
        };
}

/// <summary>How a VPN takes the traffic.</summary>
internal enum VpnKind
{
    /// <summary>The forum's four steps: server route, default away, default again worse, default into the
    /// tunnel.</summary>
    Forum,

    /// <summary>Server route, default replaced.</summary>
    Replace,

    /// <summary>Server route and halves (OpenVPN's def1).</summary>
    Halves,

    /// <summary>Server route and eight ranges.</summary>
    Eighths,

    /// <summary>A table of its own and two rules (wg-quick).</summary>
    Table,

    /// <summary>Only some networks.</summary>
    Split,
}

internal enum StopManner
{
    /// <summary>Tells the guard, which clears up; then the tunnel goes.</summary>
    EndFirst,

    /// <summary>Clears up by itself, then tells the guard.</summary>
    EndLast,

    /// <summary>Clears up by itself and tells nobody.</summary>
    Silent,

    /// <summary>The same, and the default comes back without its attributes.</summary>
    Sloppy,
}

internal enum KillManner
{
    TunnelThenProcess,
    ProcessThenTunnel,
    TunnelOnly,
    ProcessOnly,
}

internal enum RoamManner
{
    /// <summary>DHCP gives another gateway on the same network.</summary>
    Gateway,

    /// <summary>The link comes to another network.</summary>
    Network,

    /// <summary>A second uplink comes.</summary>
    Uplink,
}
