using RouteGuard.Core.Baselines;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Daemon;

/// <summary>An engine that says of itself what a test wants to be said.</summary>
internal sealed class AlteredEngine(IGuardEngine engine, Func<GuardStatus, GuardStatus> alter) : IGuardEngine
{
    /// <summary>Happens in every restore that is asked for, before it.</summary>
    public Action BeforeRestore { get; init; } = () => { };

    /// <summary>Periods that it was given.</summary>
    public Action<GuardPeriods> OnPeriods { get; init; } = _ => { };

    public IReadOnlyList<Session> Sessions => engine.Sessions;

    public GuardStatus Status() => alter(engine.Status());

    public Session Begin(BeginRequest request) => engine.Begin(request);

    public Session Up(SessionId id, UpRequest request) => engine.Up(id, request);

    public Session Confirm(SessionId id) => engine.Confirm(id);

    public Session Heartbeat(SessionId id) => engine.Heartbeat(id);

    public RestoreReport End(SessionId id) => engine.End(id);

    public RestoreReport Restore(SessionId? id, bool isDryRun)
    {
        BeforeRestore();
        return engine.Restore(id, isDryRun);
    }

    public RestoreReport RestoreTo(Baseline baseline, bool isDryRun) => engine.RestoreTo(baseline, isDryRun);

    public Baseline Snapshot() => engine.Snapshot();

    public RouteTable Observe() => engine.Observe();

    public void Load() => engine.Load();

    public void Start() => engine.Start();

    public RestoreProgress? Progress => engine.Progress;

    public void Stop() => engine.Stop();

    public void SetPeriods(GuardPeriods periods)
    {
        OnPeriods(periods);
        engine.SetPeriods(periods);
    }

    public void RunOnce(TimeSpan waitMax) => engine.RunOnce(waitMax);

    public void Dispose() => engine.Dispose();
}
