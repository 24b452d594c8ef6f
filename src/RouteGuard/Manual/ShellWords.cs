namespace RouteGuard.Manual;

/// <summary>What the scripts of all shells say alike.</summary>
internal static class ShellWords
{
    /// <summary>A command with the one before it: " session", "session begin".</summary>
    public static IEnumerable<string> CommandKeys(IReadOnlyList<CommandNode> tree) =>
        tree.SelectMany(node => node.Children.Select(child => $"{node.Path} {child.Name}"));

    /// <summary>An option with its command: "session begin --label"; "* --state-dir" for one that all take.</summary>
    public static string KeyOf(Place place) => $"{(place.Path.Length == 0 ? "*" : place.Path)} {place.Option}";

    /// <summary>A pattern of the command and the number of the argument; one that repeats takes every number.</summary>
    public static string PositionOf(Place place) =>
        place.Repeats ? $"'{place.Path} '*" : $"'{place.Path} {place.Position}'";

    public static IEnumerable<string> OptionsOf(CommandNode node) => node.Options.SelectMany(CommandTree.NamesOf);

    /// <summary>Options that expect the same, together.</summary>
    public static IEnumerable<(IReadOnlyList<string> Keys, Expected Expected)> Grouped(IEnumerable<Place> options) =>
        options
            .GroupBy(place => (place.Expected.Kind, Words: string.Join(' ', place.Expected.Words)))
            .Select(group => ((IReadOnlyList<string>)[.. group.Select(KeyOf)], group.First().Expected));

    /// <summary>A pattern of bash and zsh that takes each key, and for a star anything.</summary>
    public static string Any(IEnumerable<string> keys) =>
        string.Join(" | ", keys.Select(key => key.StartsWith('*') ? $"*'{key[1..]}'" : $"'{key}'"));

    /// <summary>In single quotes, for bash and zsh.</summary>
    public static string Quoted(string? text) =>
        $"'{(text ?? string.Empty).Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
