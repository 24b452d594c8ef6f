using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using RouteGuard.Platform.Linux;

namespace RouteGuard.Benchmarks;

/// <summary>Whole processes that read a big table into a file, and that write it back into an empty one.</summary>
[SupportedOSPlatform("linux")]
internal sealed class TableBench(Lab lab, int runs)
{
    /// <summary>IPv4 routes of the big table, beside the few of the lab.</summary>
    public const int Routes = 100_000;

    private readonly string _floorFile = lab.Work("floor.routes");
    private readonly string _ipFile = lab.Work("ip.routes");
    private readonly string _guardFile = lab.Work("snapshot.json");

    public void RunSnapshot()
    {
        Fill();
        Figures memory = new("C floor, memory only");
        Figures file = new("C floor, file and fsync");
        Figures ip = new("ip route save");
        Figures guard = new("routeguard snapshot");
        for (var run = -1; run < runs; run++)
        {
            Count(memory, run, Programs.Time(null, null, lab.Floor("table"), "dump"));
            Count(file, run, Programs.Time(null, null, lab.Floor("table"), "dump", _floorFile));
            Count(ip, run, Programs.Time(null, _ipFile, "ip", "route", "save", "proto", "static"));
            if (lab.RouteGuard is not null)
            {
                File.Delete(_guardFile);
                Count(guard, run, Programs.Time(null, null, lab.Guard("snapshot", "--output", _guardFile)));
            }
        }

        Figures.Print($"snapshot of {Routes} routes", Measured(file, memory, ip, guard), 50);
    }

    /// <summary>Within one process each, warm: what a pass of the daemon costs before it decides anything.</summary>
    public void RunRead()
    {
        Fill();
        Figures floor = new("C floor, bytes only");
        Figures guard = new("IKernelRoutes.Read");
        using var kernel = new LinuxKernelRoutes();
        for (var run = -1; run < runs; run++)
        {
            foreach (
                var line in Programs
                    .Run(lab.Floor("table"), "repeat", "2")
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Skip(1)
            )
            {
                Count(
                    floor,
                    run,
                    TimeSpan.FromTicks(long.Parse(line, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
                );
            }

            var before = Stopwatch.GetTimestamp();
            var table = kernel.Read();
            Count(guard, run, Stopwatch.GetElapsedTime(before));
            GC.KeepAlive(table);
        }

        Figures.Print($"read of {Routes} routes in process", [floor, guard], 50);
    }

    public void RunRestore()
    {
        Fill();
        Programs.Run(lab.Floor("table"), "dump", _floorFile);
        Programs.Time(null, _ipFile, "ip", "route", "save", "proto", "static");
        if (lab.RouteGuard is not null)
        {
            File.Delete(_guardFile);
            Programs.Run(lab.Guard("snapshot", "--output", _guardFile));
        }

        Figures floor = new("C floor, batches");
        Figures ip = new("ip route restore");
        Figures guard = new("routeguard restore");
        for (var run = -1; run < runs; run++)
        {
            Empty();
            Count(floor, run, Programs.Time(null, null, lab.Floor("table"), "restore", _floorFile));
            MustBeFull("the floor");
            Empty();
            Count(ip, run, Programs.Time(_ipFile, null, "ip", "route", "restore"));
            MustBeFull("ip route restore");
            if (lab.RouteGuard is not null)
            {
                Empty();
                Count(guard, run, Programs.Time(null, null, lab.Guard("restore", "--offline", "--from", _guardFile)));
                MustBeFull("routeguard restore");
            }
        }

        Figures.Print($"restore of {Routes} routes", Measured(floor, ip, guard), 50);
    }

    private void Fill()
    {
        if (Lab.CountRoutes() < Routes)
        {
            Programs.Run(
                lab.Floor("table"),
                "fill",
                Routes.ToString(CultureInfo.InvariantCulture),
                Lab.Gateway,
                Lab.Device
            );
        }

        MustBeFull("filling");
    }

    private static void Empty()
    {
        Programs.Run("ip", "-4", "route", "flush", "proto", "static");
        if (Lab.CountRoutes() != 0)
        {
            throw new InvalidOperationException("The table is not empty after the flush.");
        }
    }

    // The default is one more.
    private static void MustBeFull(string after)
    {
        var count = Lab.CountRoutes();
        if (count != Routes + 1)
        {
            throw new InvalidOperationException($"The table has {count} routes after {after}, not {Routes + 1}.");
        }
    }

    private static Figures[] Measured(params Figures[] sides) => [.. sides.Where(side => side.Count > 0)];

    private static void Count(Figures times, int run, TimeSpan took)
    {
        if (run >= 0)
        {
            times.Add(took);
        }
    }
}
