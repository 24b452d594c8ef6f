using RouteGuard.Core.Planning;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary>A restore by the daemon that takes longer than a second: the command follows it, or leaves it.</summary>
public sealed class WatchedRestoreTests : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private readonly DaemonWorld _world = new();
    private readonly ManualResetEventSlim _goesOn = new();
    private Action _interrupt = () => { };

    public async ValueTask DisposeAsync()
    {
        _goesOn.Set();
        await _world.DisposeAsync();
        _goesOn.Dispose();
    }

    [Fact]
    public async Task The_daemon_says_how_far_it_is_and_the_bar_shows_it()
    {
        await TunnelIsUpAsync();
        using var shown = new Listener("steps, pass 1", _goesOn.Set);
        OnTerminal(shown);

        Assert.Equal(ExitCode.Done, await _world.RunAsync("restore", "--yes"));

        Assert.Contains("0 of 4 steps, pass 1", shown.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "Verified: the table was read again, and it is as planned.",
            shown.ToString().TrimEnd(),
            StringComparison.Ordinal
        );
        Assert.Equal(GuardWorld.Home, Now());
    }

    [Fact]
    public async Task Whoever_does_not_wait_is_told_that_the_daemon_goes_on_and_it_does()
    {
        await TunnelIsUpAsync();
        using var shown = new Listener("looking at the table", () => _interrupt());
        OnTerminal(shown);

        Assert.Equal(ExitCode.Failed, await _world.RunAsync("restore", "--yes"));

        Assert.StartsWith(
            "Cannot tell how it ended: it was not waited for",
            _world.Error.ToString(),
            StringComparison.Ordinal
        );
        Assert.Contains("\e[?25h", shown.ToString(), StringComparison.Ordinal);
        _goesOn.Set();
        await _world.HappensAsync(() => { });
        Assert.Equal(GuardWorld.Home, Now());
    }

    // The tunnel itself is still there, and the kernel's own route to it.
    private string Now() =>
        _world.Guarded.Now.Replace("10.8.0.0/24 dev tun0 proto kernel src 10.8.0.2\n", "", StringComparison.Ordinal);

    // The kernel takes its time over the first step.
    private async Task TunnelIsUpAsync()
    {
        await _world.StartAsync();
        await _world.RunAsync("session", "begin");
        await _world.HappensAsync(_world.Guarded.FourSteps);
        await _world.RunAsync("session", "up", _world.Guarded.Guard.Sessions[0].Id.Value);
        await _world.HappensAsync(() =>
            _world.Guarded.Kernel.Refuse = _ =>
            {
                _goesOn.Wait(WaitMax);
                return (StepOutcome?)null;
            }
        );
    }

    private void OnTerminal(Listener shown) =>
        _world.Around = usual =>
            usual with
            {
                Out = shown,
                Screen = new(80, IsTerminal: true, HasColor: false) { MovesCursor = true },
                OnInterrupt = stop =>
                {
                    _interrupt = stop;
                    return new CancellationTokenSource();
                },
            };

    /// <summary>A terminal that tells when it shows something.</summary>
    private sealed class Listener(string words, Action onShown) : StringWriter
    {
        private bool _isShown;

        public override void Write(string? value)
        {
            base.Write(value);
            if (!_isShown && ToString().Contains(words, StringComparison.Ordinal))
            {
                _isShown = true;
                onShown();
            }
        }
    }
}
