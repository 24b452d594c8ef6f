using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RouteGuard.Commands;

/// <summary>A restore that a person watches: how far it is, and the wish to stop it.</summary>
/// <remarks>
/// Written by whoever restores, the daemon's client or the engine in this process, and read by the screen. Ctrl-C stops
/// the engine before its next batch, and the waiting for a daemon; what is half done is finished by the next restore,
/// for the intent is in the journal and a plan is always made from a new look.
/// </remarks>
internal sealed class Following : IProgress<OperationView>, IDisposable
{
    /// <summary>What is done sooner needs no bar.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop;
    private readonly IDisposable _interrupts;
    private volatile IGuardEngine? _engine;
    private volatile OperationProgressView? _reported;

    public Following(Func<Action, IDisposable> onInterrupt, CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _interrupts = onInterrupt(StopNow);
    }

    /// <summary>Ends the waiting for a daemon.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>How far it is; null when that is not known.</summary>
    public OperationProgressView? Now =>
        _engine?.Progress is { } own ? new(own.StepsDone, own.StepsTotal, own.Pass) : _reported;

    void IProgress<OperationView>.Report(OperationView value) => _reported = value.Progress;

    /// <summary>The engine in this process does it.</summary>
    public void Follow(IGuardEngine engine)
    {
        _engine = engine;
        if (_stop.IsCancellationRequested)
        {
            engine.Stop();
        }
    }

    /// <summary>Shows a bar until it is done, if it takes long enough to wonder.</summary>
    public async Task<ReportView> ShowAsync(Task<ReportView> restore, CommandLine line)
    {
        var time = line.Surroundings.Time;
        if (line.Screen.MovesCursor && await Task.WhenAny(restore, Task.Delay(ShownAfter, time)) != restore)
        {
            var bar = new Progress(Sheet.On(line.Screen, line.Out), time) { AutoClear = true };
            await bar.Columns(new ProgressBarColumn(), new CountColumn())
                .StartAsync(async shown =>
                {
                    var task = shown.AddTask("restore");
                    while (await Task.WhenAny(restore, Task.Delay(LookEvery, time)) != restore)
                    {
                        Tell(task);
                    }
                });
        }

        return await restore;
    }

    public void Dispose()
    {
        _interrupts.Dispose();
        _stop.Dispose();
    }

    private void Tell(ProgressTask task)
    {
        var now = Now;
        task.IsIndeterminate = now is null;
        task.MaxValue = Math.Max(1, now?.StepsTotal ?? 1);
        task.Value = now?.StepsDone ?? 0;
        task.Tag = now;
    }

    private void StopNow()
    {
        _stop.Cancel();
        _engine?.Stop();
    }

    /// <summary>How far it is in numbers.</summary>
    private sealed class CountColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            task.Tag is OperationProgressView now
                ? Paint.Say($"{now.StepsDone} of {now.StepsTotal} steps, pass {now.Pass}")
                : Paint.Dim("looking at the table");
    }
}
