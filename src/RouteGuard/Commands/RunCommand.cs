using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using RouteGuard.Core.Api;
using RouteGuard.Daemon;
using RouteGuard.Platform.Native;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard run -- COMMAND…</c>: a session around any VPN program that knows nothing of us.</summary>
/// <remarks>
/// The child is our own program, which stops itself before it becomes the command. So its process is known, and the
/// baseline on disk, before the command runs its first instruction.
/// </remarks>
internal static class RunCommand
{
    private const string HeldName = "run-held";

    private static readonly TimeSpan HeldMax = TimeSpan.FromSeconds(10);

    public static Command Make(CommandLine line)
    {
        var options = new SessionOptions();
        var words = CommandWords();
        var command = new Command("run", "Runs a VPN program under guard: routeguard run -- openvpn --config home.conf")
        {
            options.Label,
            options.Tunnel,
            options.OnDeath,
            options.OnDrift,
            options.Lease,
            options.Probe,
            words,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                var directories = line.DirectoriesOf(parsed);
                using var client = new ApiClient(directories);
                if (await client.IsThereAsync(stop))
                {
                    return await RunAsync(line, client, parsed, options, parsed.GetValue(words)!, stop);
                }

                // No daemon: be one for as long as the program runs.
                using var ownGuard = new CancellationTokenSource();
                var host = new DaemonHost(
                    directories,
                    () => line.Surroundings.OpenEngine(directories),
                    line.Surroundings.Time
                )
                {
                    Settings = DaemonCommand.OpenSettings(line, null),
                };
                var running = host.RunAsync(ownGuard.Token);
                try
                {
                    await WaitForAsync(client, running, stop);
                    return await RunAsync(line, client, parsed, options, parsed.GetValue(words)!, stop);
                }
                finally
                {
                    await ownGuard.CancelAsync();
                    await running;
                }
            }
        );
        return command;
    }

    /// <summary>The hidden half: waits to be let go, then becomes the command.</summary>
    public static Command MakeHeld()
    {
        var words = CommandWords();
        var command = new Command(HeldName) { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            const int NotFound = 127;
            var all = parsed.GetValue(words)!;
            var errno = ProcessControl.StopThenBecome(all[0], all[1..]);
            Console.Error.WriteLine($"Cannot run {all[0]}: {Marshal.GetPInvokeErrorMessage(errno)} ({errno}).");
            return NotFound;
        });
        return command;
    }

    private static Argument<string[]> CommandWords() =>
        new("command") { Description = "The program and its arguments, after --.", Arity = ArgumentArity.OneOrMore };

    private static async Task<int> RunAsync(
        CommandLine line,
        ApiClient client,
        ParseResult parsed,
        SessionOptions options,
        string[] words,
        CancellationToken stop
    )
    {
        using var child = StartHeld(words);
        if (!ProcessControl.WaitUntilStopped(child.Id, HeldMax, line.Surroundings.Time))
        {
            child.Kill();
            throw new CommandException(ExitCode.Failed, $"Cannot run {words[0]}: it could not be started.");
        }

        SessionView session;
        try
        {
            session = await client.AskAsync(daemon => daemon.BeginAsync(options.Body(parsed, child.Id), stop: stop));
        }
        catch
        {
            child.Kill();
            throw;
        }

        using var signals = ForwardSignals(child.Id);
        ProcessControl.Continue(child.Id);
        await child.WaitForExitAsync(CancellationToken.None);
        await EndAsync(line, client, parsed, session.Id);
        return child.ExitCode;
    }

    private static async Task EndAsync(CommandLine line, ApiClient client, ParseResult parsed, string id)
    {
        var report = await client.AskAsync(daemon => daemon.EndAsync(id));
        if (report.Result == "nothingToDo")
        {
            // It died, and the daemon was faster than we: what it did is its last restore.
            var status = await client.AskAsync(daemon => daemon.StatusAsync());
            report = status.LastRestore is { } last && last.Sessions.Contains(id) ? last : report;
        }

        line.WriteError(ReportText.Print(report));
    }

    private static Process StartHeld(string[] words)
    {
        var start = new ProcessStartInfo(OwnProgram.Words[0]) { UseShellExecute = false };
        foreach (var word in OwnProgram.Words.Skip(1).Append(HeldName).Append("--").Concat(words))
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start)!;
    }

    private static SignalForwarding ForwardSignals(int pid) =>
        new([PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT], pid);

    // A daemon of our own answers as soon as it has taken up what was on disk.
    private static async Task WaitForAsync(ApiClient client, Task running, CancellationToken stop)
    {
        const int LooksMax = 500;
        for (var look = 0; look < LooksMax && !await client.IsThereAsync(stop); look++)
        {
            if (running.IsCompleted)
            {
                await running;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
        }
    }

    /// <summary>Passes the signals that end a program on to the child, which decides.</summary>
    private sealed class SignalForwarding(IEnumerable<PosixSignal> signals, int pid) : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations =
        [
            .. signals.Select(signal => PosixSignalRegistration.Create(signal, context => Forward(context, pid))),
        ];

        public void Dispose()
        {
            foreach (var registration in _registrations)
            {
                registration.Dispose();
            }
        }

        private static void Forward(PosixSignalContext context, int pid)
        {
            context.Cancel = true;
            ProcessControl.Signal(
                pid,
                context.Signal switch
                {
                    PosixSignal.SIGHUP => 1,
                    PosixSignal.SIGINT => 2,
                    PosixSignal.SIGQUIT => 3,
                    _ => 15,
                }
            );
        }
    }
}
