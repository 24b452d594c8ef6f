using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Manual;

namespace RouteGuard.Commands;

/// <summary><c>routeguard completion SHELL</c> and <c>routeguard man</c>.</summary>
internal static class ManualCommands
{
    public static Command MakeCompletion(CommandLine line)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints the completion script of a shell.") { shell };
        line.Handle(
            command,
            (parsed, _) =>
            {
                line.Out.WriteLine(Completion.Of(parsed.GetValue(shell)!, CommandTree.Of(line.MakeRoot())));
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    public static Command MakeMan(CommandLine line)
    {
        var command = new Command("man", "Prints the man page, routeguard(8).");
        line.Handle(
            command,
            (_, _) =>
            {
                line.Out.WriteLine(ManPage.Write(CommandTree.Of(line.MakeRoot()), View.Version));
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }
}
