using System.Globalization;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>What the daemon holds, as proc_pid_status(5) and proc_pid_fd(5) tell it.</summary>
/// <param name="ResidentKib">Memory.</param>
/// <param name="Files">Open descriptors, sockets among them.</param>
/// <param name="Threads">All of them.</param>
/// <param name="LogLetters">What it said on its standard error since it began.</param>
internal sealed record DaemonGauges(int ResidentKib, int Files, int Threads, int LogLetters)
{
    /// <summary>What compiled code, heap and thread pool may have taken more: 3 KiB for each of ten thousand
    /// requests.</summary>
    private const int GrowthKibMax = 30 * 1024;
    private const int ThreadsMax = 64;

    /// <summary>Some hundred lines, and not one a request.</summary>
    private const int LogLettersMax = 64 * 1024;

    private const int OrdinaryRequests = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static DaemonGauges Of(RouteGuardUnderTest guard)
    {
        var pid = guard.DaemonPid;
        var status = File.ReadAllLines($"/proc/{pid}/status");
        return new(
            Number(status, "VmRSS:"),
            Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count(),
            Number(status, "Threads:"),
            guard.DaemonLog.Length
        );
    }

    /// <summary>Once nobody connects or goes any more; a few ordinary requests let the heap settle.</summary>
    public static DaemonGauges Settled(DaemonLab daemon)
    {
        for (var request = 0; request < OrdinaryRequests; request++)
        {
            Assert.NotNull(daemon.Guard.Ask("/healthz"));
        }

        var last = Of(daemon.Guard).Files;
        Eventually.Holds(
            "the daemon opens and closes nothing more",
            () =>
            {
                Thread.Sleep(Pause);
                return last == (last = Of(daemon.Guard).Files);
            }
        );
        return Of(daemon.Guard);
    }

    /// <summary>Fails unless the daemon lives and holds no more than this, within the bounds above.</summary>
    public void MustHold(DaemonLab daemon)
    {
        Assert.False(LabNamespace.HasEnded(daemon.Guard.DaemonPid), daemon.Guard.DaemonLog);
        Eventually.Holds(
            $"the daemon has no more than {Files} descriptors open",
            () => Of(daemon.Guard).Files <= Files,
            () => daemon.Lab.Host.Run("ls", "-l", $"/proc/{daemon.Guard.DaemonPid}/fd").ToString()
        );
        var after = Settled(daemon);
        TestContext.Current.TestOutputHelper?.WriteLine($"before {this}\nafter  {after}");
        Assert.True(after.ResidentKib - ResidentKib <= GrowthKibMax, $"Memory: {this}, {after}");
        Assert.True(after.Threads <= ThreadsMax, $"Threads: {this}, {after}");
        Assert.True(after.LogLetters - LogLetters <= LogLettersMax, daemon.Guard.DaemonLog);
        Assert.Equal(200, daemon.Ask(Person.Stranger, "GET", "/healthz").Status);
    }

    private static int Number(string[] status, string field)
    {
        var line = status.First(line => line.StartsWith(field, StringComparison.Ordinal));
        var words = line[field.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return int.Parse(words[0], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
