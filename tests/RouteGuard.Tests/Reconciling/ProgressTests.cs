using RouteGuard.Core.Reconciling;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

/// <summary>A restore that takes long says how far it is, and can be stopped between two batches.</summary>
public sealed class ProgressTests
{
    private const int BatchMax = 8;
    private const int Lost = BatchMax + 5;

    private readonly GuardWorld _world = new();
    private readonly string _before;

    // So many routes are gone, and nobody has watched.
    public ProgressTests()
    {
        foreach (var at in Enumerable.Range(0, Lost))
        {
            _world.Kernel.Add($"10.100.{at}.0/24 via 192.0.2.1 dev phys0 proto static");
        }

        _before = _world.Now;
        _world.Begin();
        _world.Kernel.Become(Tables.Parse(GuardWorld.HomeLines, Tables.Phys0Link, Tables.Phys1Link));
        _world.Options = new() { StepsPerBatchMax = BatchMax };
        _world.GoOffline();
    }

    [Fact]
    public void Progress_is_told_before_and_after_each_batch_and_not_without_a_restore()
    {
        List<RestoreProgress?> seen = [_world.Guard.Progress];
        _world.Kernel.Refuse = _ =>
        {
            if (seen[^1] != _world.Guard.Progress)
            {
                seen.Add(_world.Guard.Progress);
            }

            return null;
        };

        var planned = _world.Guard.Restore(null, isDryRun: true);
        var done = _world.Guard.Restore(null, isDryRun: false);

        Assert.Equal([null, new(1, 0, Lost), new(1, BatchMax, Lost)], seen);
        Assert.Null(_world.Guard.Progress);
        Assert.Equal((RestoreResult.Restored, Lost), (done.Result, done.StepsTotal));
        Assert.Equal(planned.Steps.Select(step => step.Step), _world.Kernel.Sent.Take(planned.Steps.Count));
        Assert.Equal(_before, _world.Now);
    }

    [Fact]
    public void Stopped_it_ends_after_the_batch_that_runs_and_the_next_one_finishes()
    {
        _world.Kernel.Refuse = _ =>
        {
            _world.Guard.Stop();
            return null;
        };

        var stopped = _world.Guard.Restore(null, isDryRun: false);

        Assert.Equal((RestoreResult.Failed, BatchMax), (stopped.Result, stopped.StepsTotal));
        Assert.Equal(BatchMax, _world.Kernel.Sent.Count);
        Assert.Contains("stopped before it was done", stopped.Problems[0], StringComparison.Ordinal);
        Assert.Single(_world.Guard.Sessions);
        Assert.Null(_world.Guard.Progress);

        _world.Kernel.Refuse = _ => null;
        _world.GoOffline();
        Assert.Equal(RestoreResult.Restored, _world.Guard.Restore(null, isDryRun: false).Result);
        Assert.Equal(Lost, _world.Kernel.Sent.Count);
        Assert.Equal(_before, _world.Now);
    }

    [Fact]
    public void A_kernel_that_listens_no_more_half_way_is_told_with_what_was_done()
    {
        _world.Kernel.Refuse = _ =>
        {
            _world.Kernel.Broken = new("change routes", 105, "ENOBUFS", "Try again.");
            return null;
        };

        var broken = _world.Guard.Restore(null, isDryRun: false);

        Assert.Equal((RestoreResult.Failed, BatchMax), (broken.Result, broken.StepsTotal));
        Assert.Contains("ENOBUFS", broken.Problems[0], StringComparison.Ordinal);

        _world.Kernel.Refuse = _ => null;
        _world.Kernel.Broken = null;
        _world.GoOffline();
        Assert.Equal(RestoreResult.Restored, _world.Guard.Restore(null, isDryRun: false).Result);
        Assert.Equal(_before, _world.Now);
    }
}
