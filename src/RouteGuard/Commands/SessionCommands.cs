using System.CommandLine;
using RouteGuard.Client;
using RouteGuard.Core.Api;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard session begin | up | heartbeat | confirm | end | list | show</c></summary>
internal static class SessionCommands
{
    public static Command Make(CommandLine line) =>
        new("session", "Tells the daemon of a VPN's run; what hooks of a VPN call.")
        {
            MakeBegin(line),
            MakeUp(line),
            MakeSign(
                line,
                "heartbeat",
                "The VPN lives: renews its lease.",
                (daemon, id, stop) => daemon.HeartbeatAsync(id, stop)
            ),
            MakeSign(
                line,
                "confirm",
                "The machine still works: the overlay stays.",
                (daemon, id, stop) => daemon.ConfirmAsync(id, stop)
            ),
            MakeEnd(line),
            MakeList(line),
            MakeShow(line),
        };

    private static Command MakeBegin(CommandLine line)
    {
        var options = new SessionOptions();
        var pid = new Option<int?>("--pid") { Description = "The VPN's process; its end is then a sign of death." };
        var command = new Command(
            "begin",
            "Takes the baseline. Call it before the VPN touches anything; it prints the session's id."
        )
        {
            options.Label,
            options.Tunnel,
            options.OnDeath,
            options.OnDrift,
            options.Lease,
            options.Probe,
            pid,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.AskAsync(daemon =>
                    daemon.BeginAsync(options.Body(parsed, parsed.GetValue(pid)), stop: stop)
                );
                line.Print(parsed, session, ApiJson.Default.SessionView, begun => Paint.Say(begun.Id));
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command MakeUp(CommandLine line)
    {
        var id = IdArgument();
        var tunnel = new Option<string?>("--tunnel") { Description = "The tunnel's interface." };
        var route = new Option<string[]>("--route")
        {
            Description = "A route of the VPN in the words of ip route, as one word; once for each. Learned without.",
        };
        var confirm = new Option<double?>("--confirm")
        {
            Description = "Roll back unless session confirm comes within this many seconds.",
        };
        var command = new Command("up", "The VPN's routes are in: learns what it changed.")
        {
            id,
            tunnel,
            route,
            confirm,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.AskAsync(daemon =>
                    daemon.UpAsync(
                        IdOf(parsed.GetValue(id)).Value,
                        new(parsed.GetValue(tunnel))
                        {
                            Routes = parsed.GetValue(route) is { Length: > 0 } lines ? lines : null,
                            ConfirmSeconds = parsed.GetValue(confirm),
                        },
                        stop: stop
                    )
                );
                line.Print(parsed, session, ApiJson.Default.SessionView, SessionText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }

    // What needs no more words than the session's id.
    private static Command MakeSign(
        CommandLine line,
        string name,
        string description,
        Func<RouteGuardClient, string, CancellationToken, Task<SessionView>> give
    )
    {
        var id = IdArgument();
        var command = new Command(name, description) { id };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.AskAsync(daemon => give(daemon, IdOf(parsed.GetValue(id)).Value, stop));
                line.Print(parsed, session, ApiJson.Default.SessionView, SessionText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command MakeEnd(CommandLine line)
    {
        var id = IdArgument();
        var command = new Command("end", "The VPN has stopped: removes what it left and verifies the baseline.") { id };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var report = await client.AskAsync(daemon =>
                    daemon.EndAsync(IdOf(parsed.GetValue(id)).Value, stop: stop)
                );
                return line.PrintReport(parsed, report);
            }
        );
        return command;
    }

    private static Command MakeList(CommandLine line)
    {
        var command = new Command("list", "Lists open sessions.");
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var sessions = await client.AskAsync(daemon => daemon.SessionsAsync(stop));
                line.Print(parsed, sessions, ApiJson.Default.IReadOnlyListSessionView, SessionText.PrintList);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command MakeShow(CommandLine line)
    {
        var id = IdArgument();
        var command = new Command("show", "Shows one session and what it changed.") { id };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.AskAsync(daemon =>
                    daemon.SessionAsync(IdOf(parsed.GetValue(id)).Value, stop)
                );
                line.Print(parsed, session, ApiJson.Default.SessionView, SessionText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Argument<string> IdArgument() => new("id") { Description = "What session begin printed." };

    /// <exception cref="CommandException">It is none: a mistake of usage.</exception>
    public static SessionId IdOf(string? id) =>
        SessionId.TryParse(id, out var known)
            ? known
            : throw new CommandException(
                ExitCode.Usage,
                $"Cannot find session '{id}': that is not a session id. See routeguard session list."
            );
}

/// <summary>How a session is begun, for <c>session begin</c> and <c>run</c>.</summary>
internal sealed class SessionOptions
{
    public Option<string?> Label { get; } = new("--label") { Description = "A name for people." };

    public Option<string?> Tunnel { get; } =
        new("--tunnel") { Description = "The tunnel's interface, if known before." };

    public Option<string?> OnDeath { get; } =
        Choice(
            "--on-death",
            "restore (default), hold: nothing leaves, or keep: only report.",
            "restore",
            "hold",
            "keep"
        );

    public Option<string?> OnDrift { get; } =
        Choice(
            "--on-drift",
            "reassert (default): put its routes back, report: only say so, or restore: give it up.",
            "reassert",
            "report",
            "restore"
        );

    public Option<double?> Lease { get; } =
        new("--lease") { Description = "Dead without a session heartbeat for this many seconds, 5 to 3600." };

    public Option<string?> Probe { get; } =
        new("--probe") { Description = "Dead when this address, asked through the tunnel, is silent three times." };

    public BeginSessionBody Body(ParseResult parsed, int? pid) =>
        new(parsed.GetValue(Label), pid, parsed.GetValue(Tunnel), parsed.GetValue(OnDeath))
        {
            OnDrift = parsed.GetValue(OnDrift),
            LeaseSeconds = parsed.GetValue(Lease),
            Probe = parsed.GetValue(Probe),
        };

    private static Option<string?> Choice(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
