using RouteGuard.Client;
using RouteGuard.Core.Api;

namespace RouteGuard.Example;

/// <summary>What a VPN application does with the client library.</summary>
internal static class VpnApp
{
    /// <summary>Says how the routing table is, until it is stopped.</summary>
    public static async Task WatchHealthAsync(
        RouteGuardClient guard,
        TimeSpan every,
        TextWriter tell,
        CancellationToken stop
    )
    {
        while (true)
        {
            try
            {
                var health = await guard.HealthAsync(stop);
                await tell.WriteLineAsync($"{health.Verdict} {string.Join(' ', health.Problems)}".TrimEnd());
            }
            catch (RouteGuardException refused)
            {
                // NoDaemon, Busy and the like: the next second may bring better news.
                await tell.WriteLineAsync($"{refused.Kind}: {refused.Message}");
            }

            await Task.Delay(every, stop);
        }
    }

    /// <summary>Runs a VPN in a session.</summary>
    public static async Task RunGuardedAsync(
        RouteGuardClient guard,
        Func<Task> bringUp,
        Func<Task> takeDown,
        TextWriter tell,
        CancellationToken stop
    )
    {
        // Before the VPN touches anything. When this process dies, the daemon puts the table back.
        var begin = new BeginSessionBody("example", Environment.ProcessId, Tunnel: null, OnDeath: "restore");
        var session = await guard.BeginAsync(begin, stop: stop);
        await tell.WriteLineAsync($"begun {session.Id}");
        try
        {
            await bringUp();
            session = await guard.UpAsync(session.Id, new(Tunnel: null), stop: stop);
            await tell.WriteLineAsync($"up, with {session.OwnedRoutes.Count} routes of its own");
            await takeDown();
        }
        finally
        {
            // Also when it was stopped: whatever is left of the VPN is removed.
            var report = await guard.EndAsync(session.Id, stop: CancellationToken.None);
            await tell.WriteLineAsync($"ended: {report.Result}");
        }
    }
}
