namespace RouteGuard.Core.Reconciling;

/// <summary>The guard and its turn: one thread calls <see cref="Start"/> once and then <see cref="RunOnce"/> for
/// ever.</summary>
public interface IGuardEngine : IGuard, IDisposable
{
    /// <summary>Loads what is on disk without acting on it: enough for a command that runs without a daemon.</summary>
    void Load();

    /// <summary>Loads, reads the kernel, and takes up every open session; what died meanwhile is restored.</summary>
    void Start();

    /// <summary>How far the restore is that is being done just now; null when there is none. May be asked on any
    /// thread.</summary>
    RestoreProgress? Progress { get; }

    /// <summary>Begins no further batch of a restore: it ends as not settled, and the next one finishes it. May be
    /// called on any thread, and is for good.</summary>
    void Stop();

    /// <summary>Takes other periods, from the next wait on.</summary>
    void SetPeriods(GuardPeriods periods);

    /// <summary>Waits for the kernel at most this long, then does what is due.</summary>
    void RunOnce(TimeSpan waitMax);
}

/// <summary>How far a restore is.</summary>
/// <param name="Pass">From 1.</param>
/// <param name="StepsDone">Those that the kernel has answered, in the passes before and in this one.</param>
/// <param name="StepsTotal">The steps of the passes before, and the steps of this pass.</param>
public sealed record RestoreProgress(int Pass, int StepsDone, int StepsTotal);
