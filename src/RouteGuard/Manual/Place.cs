namespace RouteGuard.Manual;

/// <summary>A place on the command line where a value stands: after an option, or as an argument.</summary>
/// <param name="Path">Of the command.</param>
/// <param name="Option">The option before it; empty for an argument.</param>
/// <param name="Position">Of the argument, from 0; negative for an option's value.</param>
/// <param name="Repeats">An argument that takes all that follow.</param>
/// <param name="Expected">What may stand there.</param>
internal sealed record Place(string Path, string Option, int Position, bool Repeats, Expected Expected)
{
    /// <summary>All places of all commands; options once for each of their names.</summary>
    public static IReadOnlyList<Place> Of(IReadOnlyList<CommandNode> tree) => [.. tree.SelectMany(Of)];

    private static IEnumerable<Place> Of(CommandNode node)
    {
        // What every command takes is said once, of the program.
        var options =
            from option in node.Options
            where !option.Recursive || node.Path.Length == 0
            from name in CommandTree.NamesOf(option)
            select new Place(node.Path, name, -1, Repeats: false, Expected.Of(option));
        var arguments = node.Command.Arguments.Select(
            (argument, at) =>
                new Place(node.Path, string.Empty, at, argument.Arity.MaximumNumberOfValues > 1, Expected.Of(argument))
        );
        return options.Where(place => place.Expected.Kind != ExpectedKind.Flag).Concat(arguments);
    }
}
