using System.CommandLine;
using RouteGuard.Core.Sessions;
using RouteGuard.Rendering;

namespace RouteGuard.Commands;

/// <summary>The hidden <c>routeguard complete-ids</c>: what a shell offers where a session's id stands.</summary>
internal static class CompleteIdsCommand
{
    public const string Name = "complete-ids";

    /// <summary>A person waits at a prompt: rather nothing than later.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    /// <summary>Prints a line a session, id and label, or nothing: no daemon, no right and no time are no errors
    /// here.</summary>
    public static Command Make(CommandLine line)
    {
        var command = new Command(Name) { Hidden = true };
        line.Handle(
            command,
            async (parsed, stop) =>
            {
                using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
                bounded.CancelAfter(AnswerMax);
                using var client = new ApiClient(line.DirectoriesOf(parsed));
                try
                {
                    var sessions = await client.AskAsync(daemon => daemon.SessionsAsync(bounded.Token));
                    foreach (var session in sessions.Where(session => SessionId.TryParse(session.Id, out _)))
                    {
                        line.Out.WriteLine($"{session.Id}\t{Paint.Foreign($"{session.Label} {session.Phase}".Trim())}");
                    }
                }
                catch (Exception silent) when (silent is CommandException or OperationCanceledException)
                {
                    // Whoever completes a line has not asked for a sentence.
                }

                return ExitCode.Done;
            }
        );
        return command;
    }
}
