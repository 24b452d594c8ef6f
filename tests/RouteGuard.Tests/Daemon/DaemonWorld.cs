using RouteGuard.Commands;
using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Daemon;

/// <summary>A whole daemon in this process: real socket, real HTTP, the kernel and the disk in memory.</summary>
internal sealed class DaemonWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-test-");
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;

    public DaemonWorld()
    {
        Guarded.Machine.OnWait = _ => Thread.Sleep(1);
        Directories = new(Path.Combine(_folder.FullName, "state"), Path.Combine(_folder.FullName, "run"));
        Client = new(Directories);
    }

    public GuardWorld Guarded { get; } = new();

    public Directories Directories { get; }

    public ApiClient Client { get; }

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public async Task StartAsync()
    {
        _running = NewHost().RunAsync(_end.Token);
        const int LooksMax = 1000;
        for (var look = 0; look < LooksMax && !_running.IsCompleted; look++)
        {
            if (await Client.IsThereAsync(default))
            {
                return;
            }

            await Task.Delay(10);
        }

        await _running;
    }

    public DaemonHost NewHost() => new(Directories, () => (Guarded.Guard, Guarded.Machine), TimeProvider.System);

    /// <summary>Runs a command against this daemon's directories.</summary>
    public Task<int> RunAsync(params string[] words)
    {
        Out.GetStringBuilder().Clear();
        Error.GetStringBuilder().Clear();
        var surroundings = new Surroundings(
            Out,
            Error,
            _ => (Guarded.Guard, Guarded.Machine),
            () => Guarded.Kernel,
            Guarded.Machine.BootId,
            TimeProvider.System
        );
        return new CommandLine(surroundings).RunAsync([
            .. words,
            "--state-dir",
            Directories.State,
            "--runtime-dir",
            Directories.Runtime,
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _running;
        }
        catch (GuardException)
        {
            // A daemon that was to be refused.
        }

        Client.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }
}
