using RouteGuard.Core.Ports;

namespace RouteGuard.Core.Reconciling;

/// <summary>Everything outside that the guard needs.</summary>
public sealed record GuardPorts(
    IKernelRoutes Kernel,
    IKernelEvents Events,
    IMachine Machine,
    IStateStore Store,
    IJournal Journal,
    IDnsSettings Dns,
    ILiveTruth Truth
)
{
    /// <summary>Null where nobody can be asked; then a session with a probe is refused.</summary>
    public IProbes? Probes { get; init; }
}

/// <summary>The guard's bounds and periods.</summary>
public sealed record GuardOptions
{
    /// <summary>Lost events cost at most this long: the table is read at least this often while a session is
    /// open.</summary>
    public TimeSpan AuditEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After a change, wait for this much quiet before the table is read …</summary>
    public TimeSpan CoalesceFor { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>… but never longer than this in total.</summary>
    public TimeSpan CoalesceMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A VPN that says nothing is up when its table was quiet for this long after its first change.</summary>
    public TimeSpan UpAfterQuiet { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Passes of one restore: read, plan, apply, until the plan is empty.</summary>
    public int PassesPerRestoreMax { get; init; } = 5;

    /// <summary>Steps of a restore that are sent between two signs of progress: some hundredths of a second's
    /// work.</summary>
    public int StepsPerBatchMax { get; init; } = 4096;

    /// <summary>A restore that is not complete is tried again after this, doubling up to
    /// <see cref="AuditEvery"/>.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A session's probe is asked this often while its routes are in …</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>… an answer may take this long …</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>… and after so many without one the VPN is dead.</summary>
    public int ProbeMissesMax { get; init; } = 3;

    public int SessionsMax { get; init; } = 16;

    /// <summary>What is missing of the baseline while a session lives has this long to come back by itself.</summary>
    public TimeSpan BaselineGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Looks after a finished restore, counted from it: the dying VPN, another one, or the operating system may write
    /// late.
    /// </summary>
    public IReadOnlyList<TimeSpan> RechecksAfterRestore { get; init; } = [];

    /// <summary>How long the operating system may take to elect another service after an orphan went.</summary>
    public TimeSpan ElectionWaitMax { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>The periods that may change while the guard runs.</summary>
/// <param name="AuditEvery">As <see cref="GuardOptions.AuditEvery"/>.</param>
/// <param name="UpAfterQuiet">As <see cref="GuardOptions.UpAfterQuiet"/>.</param>
/// <param name="BaselineGrace">As <see cref="GuardOptions.BaselineGrace"/>.</param>
public sealed record GuardPeriods(TimeSpan AuditEvery, TimeSpan UpAfterQuiet, TimeSpan BaselineGrace)
{
    public static GuardPeriods Usual { get; } = Of(new());

    public static GuardPeriods Of(GuardOptions options) =>
        new(options.AuditEvery, options.UpAfterQuiet, options.BaselineGrace);
}
