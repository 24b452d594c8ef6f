namespace RouteGuard.Core.Reconciling;

/// <summary>The guard and its turn: one thread calls <see cref="Start"/> once and then <see cref="RunOnce"/> for
/// ever.</summary>
public interface IGuardEngine : IGuard, IDisposable
{
    /// <summary>Loads what is on disk without acting on it: enough for a command that runs without a daemon.</summary>
    void Load();

    /// <summary>Loads, reads the kernel, and takes up every open session; what died meanwhile is restored.</summary>
    void Start();

    /// <summary>Waits for the kernel at most this long, then does what is due.</summary>
    void RunOnce(TimeSpan waitMax);
}
