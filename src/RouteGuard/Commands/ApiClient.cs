using RouteGuard.Client;

namespace RouteGuard.Commands;

/// <summary>Asks the daemon for a command: its refusals become exit codes.</summary>
internal sealed class ApiClient(Directories directories) : IDisposable
{
    private readonly RouteGuardClient _daemon = new(directories.Socket);

    public void Dispose() => _daemon.Dispose();

    /// <summary>Asks one question.</summary>
    /// <exception cref="CommandException">It was refused, or there is no daemon.</exception>
    public async Task<T> AskAsync<T>(Func<RouteGuardClient, Task<T>> question)
    {
        try
        {
            return await question(_daemon);
        }
        catch (RouteGuardException refused)
        {
            throw new CommandException(
                refused.Kind switch
                {
                    RefusalKind.NoDaemon => ExitCode.NoDaemon,
                    RefusalKind.NotPermitted => ExitCode.NotPermitted,
                    _ => ExitCode.Failed,
                },
                refused.Message
            );
        }
    }

    /// <summary>Whether a daemon answers at all.</summary>
    /// <remarks>One that says that it is stuck is there too, and holds the state directory.</remarks>
    public async Task<bool> IsThereAsync(CancellationToken stop)
    {
        try
        {
            await _daemon.AliveAsync(stop);
            return true;
        }
        catch (RouteGuardException refused)
        {
            return refused.Kind != RefusalKind.NoDaemon;
        }
    }
}
