namespace RouteGuard;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCode
{
    /// <summary>Done, or nothing to do.</summary>
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotPermitted = 3;

    /// <summary>There is no daemon, and none needed to be.</summary>
    public const int NoDaemon = 4;

    /// <summary>Restored in part: the verdict is degraded.</summary>
    public const int PartlyRestored = 5;
    public const int Contested = 6;
}
