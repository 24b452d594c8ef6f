using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;

namespace RouteGuard;

/// <summary>The engine over the kernel and the state directory.</summary>
/// <param name="Engine">Not loaded yet.</param>
/// <param name="Events">What it waits for.</param>
/// <param name="Faults">What was wrong with the journal when it was opened, a sentence each.</param>
internal sealed record OpenedEngine(IGuardEngine Engine, IKernelEvents Events, IReadOnlyList<string> Faults)
{
    /// <summary>How long the journal is, in bytes. May be called on any thread.</summary>
    public Func<long> JournalBytes { get; init; } = static () => 0;
}
