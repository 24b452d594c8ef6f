namespace RouteGuard.Benchmarks;

/// <summary>
/// What a flood by an unprivileged user costs others: the answer to a hundred pollers, and the time from a VPN's
/// death to the default route. Beside the flood stands the same number of processes that only use the processor.
/// </summary>
internal sealed class FloodBench(Lab lab, int rounds) : IDisposable
{
    private const int PollSeconds = 8;
    private const int CrashesARound = 6;

    /// <summary>The first of each are not counted.</summary>
    private const int WarmUps = 2;

    private readonly GuardSide _guard = new(lab);
    private readonly VpnCrash _crash = new(lab);
    private readonly string _socket = Path.Combine(lab.Work("runtime"), "routeguard.sock");

    public void Run()
    {
        Side[] sides =
        [
            new("quiet", FloodLoad.None),
            new("busy processors", () => FloodLoad.Of(lab, "spin")),
            new("flood", () => FloodLoad.Of(lab, _socket)),
        ];
        Measure(new("warm-up", FloodLoad.None), WarmUps, WarmUps);
        for (var round = 0; round < rounds; round++)
        {
            // Taken in turns, another one first each time, so that a noisy minute hits all.
            for (var turn = 0; turn < sides.Length; turn++)
            {
                Measure(sides[(round + turn) % sides.Length], PollSeconds, CrashesARound);
            }
        }

        Figures.Print("GET /health by 100 pollers", [.. sides.Select(side => side.Polls)], 50, 99);
        Figures.Print("crash to default route in a flood", [.. sides.Select(side => side.Crashes)], 50, 99);
    }

    public void Dispose()
    {
        _crash.Dispose();
        _guard.Dispose();
    }

    private void Measure(Side side, int pollSeconds, int crashes)
    {
        using var load = side.Start();
        using (var pollers = new FloodPollers(_socket))
        {
            pollers.RunAsync(pollSeconds, side.Polls).GetAwaiter().GetResult();
        }

        for (var crash = 0; crash < crashes; crash++)
        {
            side.Crashes.Add(_crash.Undo(_guard));
        }

        Console.Error.Write(load.Stop());
    }

    private sealed record Side(string Name, Func<FloodLoad> Start)
    {
        public Figures Polls { get; } = new(Name);

        public Figures Crashes { get; } = new(Name);
    }
}
