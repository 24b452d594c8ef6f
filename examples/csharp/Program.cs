using RouteGuard.Client;
using RouteGuard.Example;

// dotnet run --project examples/csharp -- SOCKET          health, every second
// dotnet run --project examples/csharp -- SOCKET session  a session from begin to end
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
using var guard = new RouteGuardClient(args is [var socket, ..] ? socket : "/run/routeguard/routeguard.sock");
try
{
    await (
        args is [_, "session"]
            ? VpnApp.RunGuardedAsync(guard, () => Task.CompletedTask, () => Task.CompletedTask, Console.Out, stop.Token)
            : VpnApp.WatchHealthAsync(guard, TimeSpan.FromSeconds(1), Console.Out, stop.Token)
    );
    return 0;
}
catch (RouteGuardException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 0;
}
