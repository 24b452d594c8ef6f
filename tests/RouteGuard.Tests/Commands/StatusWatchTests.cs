using RouteGuard.Rendering;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Commands;

/// <summary><c>status --watch</c>, beside a daemon.</summary>
public sealed class StatusWatchTests : IAsyncDisposable
{
    private const string Headline = "ok: no VPN is guarded";

    private readonly DaemonWorld _world = new();
    private Action _stop = () => { };

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Without_a_terminal_there_is_a_block_a_turn_until_it_is_stopped()
    {
        await _world.StartAsync();

        Assert.Equal(ExitCode.Done, await WatchAsync(Screen.Plain, turns: 3));

        var shown = _world.Out.ToString();
        Assert.Equal(4, shown.Split(Headline).Length);
        Assert.DoesNotContain('\e', shown);
    }

    [Fact]
    public async Task On_a_terminal_it_is_written_over_and_the_cursor_comes_back()
    {
        await _world.StartAsync();

        Assert.Equal(ExitCode.Done, await WatchAsync(new(80, IsTerminal: true, HasColor: true), turns: 3));

        var shown = _world.Out.ToString();
        Assert.StartsWith("\e[?25l", shown, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h", shown.TrimEnd(), StringComparison.Ordinal);
        Assert.Matches(@"\e\[\d+A", shown);
        Assert.InRange(shown.Split("no VPN is guarded").Length - 1, 3, 4);
    }

    [Fact]
    public async Task A_daemon_that_goes_ends_it_with_a_sentence_and_the_cursor_comes_back()
    {
        await _world.StartAsync();
        var time = new HurriedTime { OnWait = _ => _world.StopAsync().Wait(TimeSpan.FromSeconds(10)) };
        _world.Around = usual => usual with { Screen = new(80, IsTerminal: true, HasColor: true), Time = time };

        Assert.Equal(ExitCode.NoDaemon, await _world.RunAsync("status", "--watch"));

        Assert.StartsWith("Cannot reach the daemon", _world.Error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h", _world.Out.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private Task<int> WatchAsync(Screen screen, int turns)
    {
        var time = new HurriedTime
        {
            OnWait = wait =>
            {
                if (wait == turns)
                {
                    _stop();
                }
            },
        };
        _world.Around = usual =>
            usual with
            {
                Screen = screen,
                Time = time,
                OnInterrupt = stop =>
                {
                    _stop = stop;
                    return new CancellationTokenSource();
                },
            };
        return _world.RunAsync("status", "--watch");
    }
}
