using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>What the daemon knows beside the engine: the faults it met when it opened the journal, and for how long
/// something was contested.</summary>
/// <remarks>A fault of the journal is told as long as the daemon runs, but alone makes no verdict: guarding goes on.
/// Not thread-safe: it belongs to the guard's thread.</remarks>
internal sealed class StatusSupplement(IReadOnlyList<string> openFaults, TimeProvider time)
{
    private TimeSpan _contested;
    private long? _contestedSince;

    public GuardStatus Complete(GuardStatus status)
    {
        var now = time.GetTimestamp();
        if (_contestedSince is { } since)
        {
            _contested += time.GetElapsedTime(since, now);
        }

        _contestedSince = status.Contests.Count > 0 ? now : null;
        return status with
        {
            Problems = openFaults.Count == 0 ? status.Problems : [.. openFaults, .. status.Problems],
            Meter = status.Meter with { Contested = _contested },
        };
    }
}
