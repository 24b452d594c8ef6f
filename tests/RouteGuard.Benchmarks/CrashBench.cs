using System.Diagnostics;
using System.Globalization;

namespace RouteGuard.Benchmarks;

/// <summary>
/// From just before SIGKILL of a VPN to the default route of the physical interface, as the kernel announces it:
/// RouteGuard's daemon against a C program that only waits and sends.
/// </summary>
internal sealed class CrashBench(Lab lab, int runs) : IDisposable
{
    /// <summary>First runs of each side that are not counted: code and caches become warm.</summary>
    private const int WarmUps = 5;

    /// <summary>A VPN dies in the middle of its life: both sides have this long to settle before.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private readonly Process _floor = Programs.Start(lab.Floor("watch"), Lab.Gateway, Lab.Device);
    private readonly DefaultWatch _watch = new(Lab.IndexOf(Lab.Device));
    private readonly Figures _floorTimes = new("C floor");
    private readonly Figures _guardTimes = new("RouteGuard");
    private readonly string _before = Lab.Table();
    private readonly GuardSide? _guard = lab.RouteGuard is null ? null : new(lab);

    public void Run()
    {
        for (var run = -WarmUps; run < runs; run++)
        {
            // Taken in turns, so that a noisy minute hits both.
            if (run % 2 == 0)
            {
                RunFloor(run);
                RunGuard(run);
            }
            else
            {
                RunGuard(run);
                RunFloor(run);
            }
        }

        Figures.Print("crash to default route", _guard is null ? [_floorTimes] : [_floorTimes, _guardTimes], 50, 99);
    }

    public void Dispose()
    {
        _floor.StandardInput.Close();
        _floor.WaitForExit();
        _floor.Dispose();
        _watch.Dispose();
        _guard?.Dispose();
    }

    private void RunFloor(int run)
    {
        using var vpn = StartVpn(out var index);
        // One write a line: the floor takes what one read gives.
        _floor.StandardInput.Write($"{index}\n");
        _floor.StandardInput.Flush();
        _ = _floor.StandardOutput.ReadLine();
        TakeDefault();
        Count(_floorTimes, run, KillAndWait(vpn));
        Lab.Batch($"route del {Lab.VpnServer}");
        MustBeAsBefore("the floor");
    }

    private void RunGuard(int run)
    {
        if (_guard is null)
        {
            return;
        }

        using var vpn = StartVpn(out _);
        var session = _guard.Begin(vpn.Id);
        TakeDefault();
        _guard.Up(session);
        Count(_guardTimes, run, KillAndWait(vpn));
        _guard.WaitClosed();
        MustBeAsBefore("RouteGuard");
    }

    private Process StartVpn(out int index)
    {
        var vpn = Programs.Start(lab.Floor("tunnel"), Lab.Tunnel, Lab.TunnelAddress);
        index = int.Parse(vpn.StandardOutput.ReadLine() ?? "", CultureInfo.InvariantCulture);
        return vpn;
    }

    // What OpenVPN's redirect-gateway does: a host route to the server, and the default into the tunnel.
    private static void TakeDefault() =>
        Lab.Batch(
            $"route add {Lab.VpnServer}/32 via {Lab.Gateway} dev {Lab.Device}",
            $"route del default via {Lab.Gateway}",
            $"route add default dev {Lab.Tunnel}"
        );

    private TimeSpan KillAndWait(Process vpn)
    {
        Thread.Sleep(Settle);
        _watch.Arm();
        var killedAt = Stopwatch.GetTimestamp();
        Kernel.Kill(vpn.Id);
        var took = Stopwatch.GetElapsedTime(killedAt, _watch.WaitSeen());
        vpn.WaitForExit();
        return took;
    }

    private static void Count(Figures times, int run, TimeSpan took)
    {
        if (run >= 0)
        {
            times.Add(took);
        }
    }

    private void MustBeAsBefore(string who)
    {
        var now = Lab.Table();
        if (now != _before)
        {
            throw new InvalidOperationException(
                $"The table after {who} is not as before. Before:\n{_before}\nNow:\n{now}"
            );
        }
    }
}
