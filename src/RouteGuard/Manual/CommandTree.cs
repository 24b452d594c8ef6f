using System.CommandLine;

namespace RouteGuard.Manual;

/// <summary>One command with what may follow it.</summary>
/// <param name="Path">The words that lead to it, without the program's; empty for the program itself.</param>
/// <param name="Command">Its definition.</param>
/// <param name="Children">Commands that may follow, hidden ones left out.</param>
/// <param name="Options">Its own and the ones that every command takes, hidden ones left out.</param>
internal sealed record CommandNode(
    string Path,
    Command Command,
    IReadOnlyList<Command> Children,
    IReadOnlyList<Option> Options
);

/// <summary>All commands that a person may type, the program first, each before those below it.</summary>
internal static class CommandTree
{
    public static IReadOnlyList<CommandNode> Of(RootCommand root)
    {
        Option[] common = [.. root.Options.Where(option => option is { Recursive: true, Hidden: false })];
        return [.. Below(string.Empty, root, common)];
    }

    /// <summary>The names of an option that a person types: --long and -s. A shell takes -? for a pattern.</summary>
    public static IEnumerable<string> NamesOf(Option option) =>
        option
            .Aliases.Prepend(option.Name)
            .Where(name => name.StartsWith('-') && name != "-?")
            .Distinct(StringComparer.Ordinal);

    private static IEnumerable<CommandNode> Below(string path, Command command, Option[] common)
    {
        Command[] children = [.. command.Subcommands.Where(child => !child.Hidden)];
        Option[] options = [.. command.Options.Where(option => !option.Hidden).Union(common)];
        return children
            .SelectMany(child => Below($"{path} {child.Name}".TrimStart(), child, common))
            .Prepend(new(path, command, children, options));
    }
}
