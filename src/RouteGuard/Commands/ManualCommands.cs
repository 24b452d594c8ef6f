using System.CommandLine;
using RouteGuard.Core.Api;
using RouteGuard.Manual;

namespace RouteGuard.Commands;

/// <summary><c>routeguard completion SHELL</c>, <c>routeguard man</c> and <c>routeguard schema</c>.</summary>
internal static class ManualCommands
{
    public static Command MakeCompletion(CommandLine line)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Completion.Shells]);
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

    public static Command MakeSchema(CommandLine line)
    {
        var words = new Argument<string[]>("answer")
        {
            Description = "A command, such as session list, or the name of a schema; all are listed without.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "answer",
        };
        words.CompletionSources.Add([
            .. JsonAnswers
                .All.SelectMany(answer => answer.Commands.Append(answer.Name))
                .SelectMany(path => path.Split(' '))
                .Distinct(StringComparer.Ordinal),
        ]);
        var command = new Command("schema", "Prints the JSON Schema of what a command answers with --json.") { words };
        line.Handle(
            command,
            (parsed, _) =>
            {
                var asked = string.Join(' ', parsed.GetValue(words) ?? []);
                line.Out.WriteLine(asked.Length == 0 ? List() : SchemaOf(asked));
                return Task.FromResult(ExitCode.Done);
            }
        );
        return command;
    }

    private static string List() =>
        string.Join('\n', JsonAnswers.All.Select(answer => $"{answer.Name, -10}{string.Join(", ", answer.Commands)}"));

    private static string SchemaOf(string asked) =>
        JsonAnswers.Of(asked) is { } answer
            ? JsonAnswers.SchemaOf(answer)
            : throw new CommandException(
                ExitCode.Usage,
                $"Cannot print a schema of '{asked}': no command of that name answers in JSON. See routeguard schema."
            );
}
