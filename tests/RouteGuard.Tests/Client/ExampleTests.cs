using System.Diagnostics;
using System.Runtime.Versioning;
using RouteGuard.Client;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Example;
using RouteGuard.Tests.Daemon;
using RouteGuard.Tests.Tidy;

namespace RouteGuard.Tests.Client;

/// <summary>The examples of other languages, built and run against a daemon.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed class ExampleTests : IAsyncDisposable
{
    private static readonly TimeSpan ProgramMax = TimeSpan.FromSeconds(60);

    private readonly DaemonWorld _world = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-test-");

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("c")]
    [InlineData("curl")]
    public async Task Health_is_asked_every_second(string language)
    {
        var program = await ProgramAsync(language, "health");
        Assert.Equal((1, "no daemon"), await HealthAsync(program, 1));
        await _world.StartAsync();
        Assert.Equal((0, "200 ok, 200 ok"), await HealthAsync(program, 2));
        _world.Alter = status => status with { Verdict = Verdict.Degraded, Problems = ["The guard says so."] };
        await _world.Client.AskAsync(daemon => daemon.StatusAsync());
        Assert.Equal((1, "503 degraded"), await HealthAsync(program, 1));
    }

    [Theory]
    [InlineData("c")]
    [InlineData("curl")]
    public async Task A_session_goes_from_begin_to_end(string language)
    {
        var program = await ProgramAsync(language, "session");
        await _world.StartAsync();
        string[] arguments = [_world.Directories.Socket, .. language == "curl" ? ["true"] : Array.Empty<string>()];
        var (code, output, error) = await RunAsync(program, arguments);
        Assert.Equal((0, string.Empty), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Matches("^begun s[0-9a-z-]+$", lines[0]);
        Assert.Equal(["up", "ended"], lines[1..]);
        Assert.Single(_world.Guarded.Machine.Closed);
        Assert.Empty(await _world.Client.AskAsync(daemon => daemon.SessionsAsync()));
    }

    [Theory]
    [InlineData("c")]
    [InlineData("curl")]
    public async Task A_session_that_is_refused_is_not_begun(string language)
    {
        var program = await ProgramAsync(language, "session");
        await _world.StartAsync();
        _world.Caller = new(1, 1002, IsInGroup: false);
        var (code, output, error) = await RunAsync(program, _world.Directories.Socket, "true");
        Assert.NotEqual(0, code);
        Assert.DoesNotContain("begun", output, StringComparison.Ordinal);
        Assert.Contains("Cannot do this as uid 1002", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_in_CSharp_watches_and_guards()
    {
        using var guard = new RouteGuardClient(_world.Directories.Socket);
        using var told = new StringWriter();
        using var stop = new CancellationTokenSource();
        var watching = VpnApp.WatchHealthAsync(
            guard,
            TimeSpan.FromMilliseconds(1),
            TextWriter.Synchronized(told),
            stop.Token
        );
        await _world.StartAsync();
        await ComesAsync(told, "\nok\n");
        await _world.HappensAsync(() => _world.Guarded.Machine.Processes[new(Environment.ProcessId, 1)] = 0);
        using var session = new StringWriter();
        await VpnApp.RunGuardedAsync(
            guard,
            async () =>
            {
                await ComesAsync(told, "\nguarding\n");
                await _world.HappensAsync(_world.Guarded.FourSteps);
            },
            () => Task.CompletedTask,
            session,
            CancellationToken.None
        );
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.StartsWith("NoDaemon: Cannot reach the daemon", told.ToString(), StringComparison.Ordinal);
        Assert.Matches("^begun s[0-9a-z-]+\nup, with [1-9] routes of its own\nended: restored\n$", session.ToString());
    }

    private static async Task ComesAsync(StringWriter told, string text)
    {
        const int LooksMax = 2000;
        for (var look = 0; look < LooksMax; look++)
        {
            string so;
            lock (told)
            {
                so = told.ToString();
            }

            if (so.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(5);
        }

        Assert.Fail($"{text} was never told:\n{told}");
    }

    private async Task<(int Code, string Told)> HealthAsync(string program, int times)
    {
        var (code, output, _) = await RunAsync(program, _world.Directories.Socket, $"{times}");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimStart('0', ' '));
        return (code, string.Join(", ", lines));
    }

    /// <summary>The example's program; the one in C is compiled, and every warning is an error.</summary>
    private async Task<string> ProgramAsync(string language, string name)
    {
        var tool = language == "c" ? "gcc" : "curl";
        Assert.SkipUnless(
            Environment
                .GetEnvironmentVariable("PATH")!
                .Split(':')
                .Any(folder => File.Exists(Path.Combine(folder, tool))),
            $"{tool} is not installed"
        );
        if (language == "curl")
        {
            return Path.Combine(House.Root, $"examples/curl/{name}.sh");
        }

        var program = Path.Combine(_folder.FullName, name);
        var source = Path.Combine(House.Root, $"examples/c/{name}.c");
        using var compiler = Process.Start(
            new ProcessStartInfo("gcc", ["-Wall", "-Wextra", "-Werror", "-o", program, source])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        var faults = await compiler.StandardError.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        Assert.Equal((0, string.Empty), (compiler.ExitCode, faults));
        return program;
    }

    // The daemon of these tests knows no processes but those that it is told of, so the program is held until it was.
    private async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        string[] held = ["-c", "read -r _ && exec \"$@\"", "held", program, .. arguments];
        using var running = Process.Start(
            new ProcessStartInfo("bash", held)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = running.StandardOutput.ReadToEndAsync();
        var error = running.StandardError.ReadToEndAsync();
        if (File.Exists(_world.Directories.Socket))
        {
            var identity = new ProcessIdentity(running.Id, 1);
            await _world.HappensAsync(() => _world.Guarded.Machine.Processes[identity] = 0);
        }

        await running.StandardInput.WriteLineAsync();
        running.StandardInput.Close();
        using var bound = new CancellationTokenSource(ProgramMax);
        await running.WaitForExitAsync(bound.Token);
        return (running.ExitCode, await output, await error);
    }
}
