namespace RouteGuard.Manual;

/// <summary>Completion scripts. Commands, options and words stand in the script itself; only the ids of sessions are
/// asked for, of the daemon, for a moment and without a word.</summary>
internal static class Completion
{
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    public static string Of(string shell, IReadOnlyList<CommandNode> tree) =>
        shell switch
        {
            "bash" => BashCompletion.Write(tree),
            "zsh" => ZshCompletion.Write(tree),
            _ => FishCompletion.Write(tree),
        };
}
