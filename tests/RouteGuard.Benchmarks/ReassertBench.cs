namespace RouteGuard.Benchmarks;

/// <summary>
/// From just before a foreign deletion of one of a live session's routes to that route, as the kernel announces it:
/// RouteGuard's daemon against a C program that only hears and sends.
/// </summary>
/// <remarks>
/// Each round is a new daemon and a new session, and each route is deleted once a round: a route that is undone more
/// than five times a minute would meet the truce.
/// </remarks>
internal sealed class ReassertBench(Lab lab, int rounds)
{
    /// <summary>Routes of the tunnel, 203.0.113.0/32 and on; the first ones are not counted.</summary>
    private const int Routes = 205;

    private const int WarmUps = 5;
    private const string Server = "10.9.0.1";

    /// <summary>
    /// A change within 200 ms of the daemon's last look is taken for a part of a burst. An answer has two looks after
    /// it, 200 ms apart: the second because the first heard of the daemon's own write.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(650);

    private static readonly TimeSpan FloorQuiet = TimeSpan.FromMilliseconds(20);

    public void Run()
    {
        List<Figures> floors = [];
        List<Figures> guards = [];
        for (var round = 1; round <= rounds; round++)
        {
            floors.Add(RunFloor());
            guards.Add(RunGuard());
            Figures.Print($"foreign deletion to route, round {round}", [floors[^1], guards[^1]], 50, 99);
        }

        Console.WriteLine();
        Console.WriteLine($"Medians of {rounds} rounds:");
        foreach (var percent in new[] { 50, 99 })
        {
            var (floor, guard) = (MedianOf(floors, percent), MedianOf(guards, percent));
            Console.WriteLine(
                $"p{percent}: C floor {Figures.Milliseconds(floor)} ms, RouteGuard {Figures.Milliseconds(guard)} ms, "
                    + Figures.Ratio(guard, floor)
            );
        }
    }

    private static TimeSpan MedianOf(List<Figures> rounds, int percent) =>
        rounds.Select(round => round.Percentile(percent)).Order().ElementAt(rounds.Count / 2);

    private Figures RunFloor()
    {
        using var vpn = Programs.Start(lab.Floor("tunnel"), Lab.Tunnel, Lab.TunnelAddress);
        _ = vpn.StandardOutput.ReadLine();
        TakeRoutes();
        using var floor = Programs.Start(lab.Floor("reassert"), Server, Lab.Tunnel, "32");
        _ = floor.StandardOutput.ReadLine();
        var times = Measure("C floor", FloorQuiet);
        floor.StandardInput.Close();
        floor.WaitForExit();
        Kernel.Kill(vpn.Id);
        vpn.WaitForExit();
        return times;
    }

    private Figures RunGuard()
    {
        using var guard = new GuardSide(lab);
        using var vpn = Programs.Start(lab.Floor("tunnel"), Lab.Tunnel, Lab.TunnelAddress);
        _ = vpn.StandardOutput.ReadLine();
        var session = guard.Begin(vpn.Id);
        TakeRoutes();
        guard.Up(session);
        Thread.Sleep(TimeSpan.FromSeconds(1));
        var times = Measure("RouteGuard", Quiet);
        Kernel.Kill(vpn.Id);
        vpn.WaitForExit();
        guard.WaitClosed();
        return times;
    }

    private static void TakeRoutes() =>
        Lab.Batch([
            $"addr add 10.9.0.2/24 dev {Lab.Tunnel}",
            .. Enumerable
                .Range(0, Routes)
                .Select(at => $"route add 203.0.113.{at}/32 via {Server} dev {Lab.Tunnel} proto static"),
        ]);

    private Figures Measure(string side, TimeSpan quiet)
    {
        var before = Lab.Table();

        // Hears from now on: not of the routes as they came.
        var watch = new RouteWatch();
        var times = new Figures(side);
        for (var at = 0; at < Routes; at++)
        {
            Thread.Sleep(quiet);
            var took = watch.DeleteAndWait([203, 0, 113, (byte)at]);
            if (at >= WarmUps)
            {
                times.Add(took);
            }
        }

        if (Lab.Table() != before)
        {
            throw new InvalidOperationException($"The table after {side} is not as before.");
        }

        return times;
    }
}
