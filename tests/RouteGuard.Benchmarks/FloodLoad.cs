using System.Diagnostics;
using System.Globalization;

namespace RouteGuard.Benchmarks;

/// <summary>What goes on beside a measurement: nothing, or processes of an unprivileged user (flood/flood.c).</summary>
internal sealed class FloodLoad : IDisposable
{
    /// <summary>One for each of two processors; together they ask for more connections than one user gets.</summary>
    private const int Processes = 2;

    /// <summary>The floods end by themselves, even if the measurement hangs.</summary>
    private const int SecondsMax = 60;

    /// <summary>Not root, not the daemon's, and in no group that matters.</summary>
    private const int Uid = 64_001;

    private readonly Process[] _processes;

    private FloodLoad(Process[] processes) => _processes = processes;

    public static FloodLoad None() => new([]);

    /// <param name="lab">Has the program.</param>
    /// <param name="target">A socket, or "spin" for none of the daemon's.</param>
    public static FloodLoad Of(Lab lab, string target)
    {
        string[] words = ["setpriv", $"--reuid={Uid}", $"--regid={Uid}", "--clear-groups", lab.Work("flood"), target];
        var seconds = SecondsMax.ToString(CultureInfo.InvariantCulture);
        return new([.. Enumerable.Range(0, Processes).Select(_ => Programs.Start([.. words, seconds]))]);
    }

    /// <summary>Ends it.</summary>
    /// <returns>What it did: a line for each process.</returns>
    public string Stop()
    {
        if (Array.Exists(_processes, process => process.HasExited))
        {
            throw new InvalidOperationException("The flood ended before the measurement did.");
        }

        foreach (var process in _processes)
        {
            Programs.Run("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        }

        return string.Concat(_processes.Select(process => process.StandardOutput.ReadToEnd()));
    }

    public void Dispose() => Array.ForEach(_processes, process => process.Dispose());
}
