using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Processes, boots and sleeps of a simulated Mac.</summary>
internal sealed class SimulatedSystem : IDarwinSystem
{
    public string BootSessionId { get; set; } = "6B1C0F0E-0000-4000-8000-000000000001";

    public long WakeTimeMicroseconds { get; set; }

    /// <summary>Live processes with their program's file.</summary>
    public Dictionary<int, (ProcessFacts Facts, string Path)> Processes { get; } = [];

    public ProcessFacts? FindProcess(int pid) => Processes.TryGetValue(pid, out var found) ? found.Facts : null;

    public string? PathOf(int pid) => Processes.TryGetValue(pid, out var found) ? found.Path : null;
}
