using System.Diagnostics;
using System.Globalization;

namespace RouteGuard.Benchmarks;

/// <summary>A VPN that takes the default route and is killed, and the time from then to the route's return.</summary>
internal sealed class VpnCrash(Lab lab) : IDisposable
{
    /// <summary>A VPN dies in the middle of its life: whoever guards it has this long to settle before.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private readonly DefaultWatch _watch = new(Lab.IndexOf(Lab.Device));
    private readonly string _before = Lab.Table();

    /// <param name="index">Of its tunnel's interface.</param>
    public Process StartVpn(out int index)
    {
        var vpn = Programs.Start(lab.Floor("tunnel"), Lab.Tunnel, Lab.TunnelAddress);
        index = int.Parse(vpn.StandardOutput.ReadLine() ?? "", CultureInfo.InvariantCulture);
        return vpn;
    }

    /// <summary>What OpenVPN's redirect-gateway does: a host route to the server, and the default into the
    /// tunnel.</summary>
    public static void TakeDefault() =>
        Lab.Batch(
            $"route add {Lab.VpnServer}/32 via {Lab.Gateway} dev {Lab.Device}",
            $"route del default via {Lab.Gateway}",
            $"route add default dev {Lab.Tunnel}"
        );

    public TimeSpan KillAndWait(Process vpn)
    {
        Thread.Sleep(Settle);
        _watch.Arm();
        var killedAt = Stopwatch.GetTimestamp();
        Kernel.Kill(vpn.Id);
        var took = Stopwatch.GetElapsedTime(killedAt, _watch.WaitSeen());
        vpn.WaitForExit();
        return took;
    }

    /// <summary>One whole life of a guarded VPN, after which the table must be as before.</summary>
    /// <returns>From its death to the default route.</returns>
    public TimeSpan Undo(GuardSide guard)
    {
        using var vpn = StartVpn(out _);
        var session = guard.Begin(vpn.Id);
        TakeDefault();
        guard.Up(session);
        var took = KillAndWait(vpn);
        guard.WaitClosed();
        MustBeAsBefore("RouteGuard");
        return took;
    }

    public void MustBeAsBefore(string who)
    {
        var now = Lab.Table();
        if (now != _before)
        {
            throw new InvalidOperationException(
                $"The table after {who} is not as before. Before:\n{_before}\nNow:\n{now}"
            );
        }
    }

    public void Dispose() => _watch.Dispose();
}
