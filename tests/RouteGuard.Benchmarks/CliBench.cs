namespace RouteGuard.Benchmarks;

/// <summary>Whole processes of the command line against <c>ip route show</c>, taken in turns: <c>status</c> of a daemon
/// that runs, and <c>restore --offline</c> of one missing route.</summary>
internal sealed class CliBench(int runs, Lab lab)
{
    private const int LooksMax = 500;

    public void Run()
    {
        var kept = RunStatus();
        var ip = new Figures("ip route show");
        var restore = new Figures("restore --offline, 1 route");
        var state = lab.Work("state-of-run");
        for (var run = 0; run < runs; run++)
        {
            Programs.Run("rm", "-rf", state);
            Programs.Run("cp", "-a", kept, state);
            Programs.Run("ip", "route", "del", "default");
            ip.Add(Programs.Time(null, null, "ip", "route", "show"));
            restore.Add(Programs.Time(null, null, lab.RouteGuard!, "restore", "--offline", "--state-dir", state));
            if (Programs.Run("ip", "route", "show", "default").Length == 0)
            {
                throw new InvalidOperationException("The restore did not put the default back.");
            }
        }

        Figures.Print("restore --offline, whole process", [ip, restore], 50);
    }

    // Leaves a session on disk whose guard is gone.
    private string RunStatus()
    {
        using var daemon = Programs.Start(lab.Guard("daemon"));
        var socket = Path.Combine(lab.Work("runtime"), "routeguard.sock");
        for (var look = 0; look < LooksMax && !File.Exists(socket); look++)
        {
            Thread.Sleep(10);
        }

        var id = Programs.Run(lab.Guard("session", "begin", "--label", "bench")).Trim();
        Programs.Run(lab.Guard("session", "up", id));
        var ip = new Figures("ip route show");
        var status = new Figures("status");
        for (var run = 0; run < runs; run++)
        {
            ip.Add(Programs.Time(null, null, "ip", "route", "show"));
            status.Add(Programs.Time(null, null, lab.Guard("status")));
        }

        Figures.Print("status, whole process", [ip, status], 50);
        Kernel.Kill(daemon.Id);
        daemon.WaitForExit();
        return lab.Work("state");
    }
}
