using System.Diagnostics;

namespace RouteGuard.Benchmarks;

/// <summary>
/// From just before SIGKILL of a VPN to the default route of the physical interface, as the kernel announces it:
/// RouteGuard's daemon against a C program that only waits and sends.
/// </summary>
internal sealed class CrashBench(Lab lab, int runs) : IDisposable
{
    /// <summary>First runs of each side that are not counted: code and caches become warm.</summary>
    private const int WarmUps = 5;

    private readonly Process _floor = Programs.Start(lab.Floor("watch"), Lab.Gateway, Lab.Device);
    private readonly VpnCrash _crash = new(lab);
    private readonly Figures _floorTimes = new("C floor");
    private readonly Figures _guardTimes = new("RouteGuard");
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
        _crash.Dispose();
        _guard?.Dispose();
    }

    private void RunFloor(int run)
    {
        using var vpn = _crash.StartVpn(out var index);
        // One write a line: the floor takes what one read gives.
        _floor.StandardInput.Write($"{index}\n");
        _floor.StandardInput.Flush();
        _ = _floor.StandardOutput.ReadLine();
        VpnCrash.TakeDefault();
        Count(_floorTimes, run, _crash.KillAndWait(vpn));
        Lab.Batch($"route del {Lab.VpnServer}");
        _crash.MustBeAsBefore("the floor");
    }

    private void RunGuard(int run)
    {
        if (_guard is not null)
        {
            Count(_guardTimes, run, _crash.Undo(_guard));
        }
    }

    private static void Count(Figures times, int run, TimeSpan took)
    {
        if (run >= 0)
        {
            times.Add(took);
        }
    }
}
