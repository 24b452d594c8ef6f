using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary><c>routeguard session begin | up | end | list | show</c></summary>
internal static class SessionCommands
{
    public static Command Make(CommandLine line) =>
        new("session", "Tells the daemon of a VPN's run; what hooks of a VPN call.")
        {
            MakeBegin(line),
            MakeUp(line),
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
            pid,
        };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.PostAsync(
                    "/v1/sessions",
                    options.Body(parsed, parsed.GetValue(pid)),
                    ApiJson.Default.BeginSessionBody,
                    ApiJson.Default.SessionView,
                    stop
                );
                line.Print(parsed, session, ApiJson.Default.SessionView, begun => begun.Id);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command MakeUp(CommandLine line)
    {
        var id = IdArgument();
        var tunnel = new Option<string?>("--tunnel") { Description = "The tunnel's interface." };
        var command = new Command("up", "The VPN's routes are in: learns what it changed.") { id, tunnel };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                var session = await client.PostAsync(
                    PathOf(parsed.GetValue(id), "/up"),
                    new(parsed.GetValue(tunnel)),
                    ApiJson.Default.SessionUpBody,
                    ApiJson.Default.SessionView,
                    stop
                );
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
                var report = await client.DeleteAsync(PathOf(parsed.GetValue(id)), ApiJson.Default.ReportView, stop);
                line.Print(parsed, report, ApiJson.Default.ReportView, ReportText.Print);
                return ReportText.ExitCodeOf(report);
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
                var sessions = await client.GetAsync("/v1/sessions", ApiJson.Default.IReadOnlyListSessionView, stop);
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
                var session = await client.GetAsync(PathOf(parsed.GetValue(id)), ApiJson.Default.SessionView, stop);
                line.Print(parsed, session, ApiJson.Default.SessionView, SessionText.Print);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Argument<string> IdArgument() => new("id") { Description = "What session begin printed." };

    // Checked here, since an id becomes part of a path.
    private static string PathOf(string? id, string suffix = "") =>
        SessionId.TryParse(id, out var known)
            ? $"/v1/sessions/{known}{suffix}"
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

    public Option<string?> OnDeath { get; } = MakeOnDeath();

    public BeginSessionBody Body(ParseResult parsed, int? pid) =>
        new(parsed.GetValue(Label), pid, parsed.GetValue(Tunnel), parsed.GetValue(OnDeath));

    private static Option<string?> MakeOnDeath()
    {
        var option = new Option<string?>("--on-death") { Description = "restore (default), or keep: only report." };
        option.AcceptOnlyFromAmong("restore", "keep");
        return option;
    }
}
