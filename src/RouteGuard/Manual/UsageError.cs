using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace RouteGuard.Manual;

/// <summary>What a person reads who typed a line that makes no sense: what is wrong, how it is written, where more
/// stands.</summary>
internal static class UsageError
{
    private const string UsageTitle = "Usage:";

    public static void Write(ParseResult parsed, ParseErrorAction error, TextWriter to)
    {
        var command = parsed.CommandResult.Command;

        // Whoever named no command yet wants to see them all.
        error.ShowHelp = parsed.UnmatchedTokens.Count == 0 && command.Subcommands.Any(child => !child.Hidden);
        parsed.Invoke(new() { Output = to, Error = to });
        if (!error.ShowHelp)
        {
            var path = PathOf(parsed.CommandResult);
            to.WriteLine($"{UsageTitle} {UsageOf(parsed.RootCommandResult.Command, path)}");
            to.WriteLine($"See {string.Join(' ', path.Prepend("routeguard"))} --help.");
        }
    }

    /// <summary>The words that lead to a command, without the program's.</summary>
    public static IReadOnlyList<string> PathOf(CommandResult command) =>
        command.Parent is CommandResult above ? [.. PathOf(above), command.Command.Name] : [];

    // The line below the title, as --help has it.
    private static string UsageOf(Command root, IReadOnlyList<string> path)
    {
        using var help = new StringWriter();
        root.Parse([.. path, "--help"]).Invoke(new() { Output = help, Error = help });
        var lines = help.ToString().Split('\n', StringSplitOptions.TrimEntries);
        return lines[Array.IndexOf(lines, UsageTitle) + 1];
    }
}
