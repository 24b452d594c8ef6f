using System.CommandLine;
using System.CommandLine.Completions;

namespace RouteGuard.Manual;

/// <summary>What a shell can offer for a value.</summary>
internal enum ExpectedKind
{
    /// <summary>There is no value: the option says it all.</summary>
    Flag,

    /// <summary>Known words, and nothing else.</summary>
    Words,

    /// <summary>Known words, or a file.</summary>
    WordsOrFile,

    /// <summary>The id of an open session; the daemon knows them.</summary>
    Session,

    File,
    Folder,
    Interface,

    /// <summary>A program and its arguments.</summary>
    Program,

    /// <summary>Nobody can guess it: a number, an address, a name.</summary>
    Free,
}

/// <summary>What stands for an option's value or for an argument.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Words">The known ones.</param>
internal sealed record Expected(ExpectedKind Kind, IReadOnlyList<string> Words)
{
    /// <summary>What no definition says: by the name of the option or argument.</summary>
    public static IReadOnlyDictionary<string, Expected> Named { get; } =
        new Dictionary<string, Expected>(StringComparer.Ordinal)
        {
            ["--state-dir"] = new(ExpectedKind.Folder, []),
            ["--runtime-dir"] = new(ExpectedKind.Folder, []),
            ["--output"] = new(ExpectedKind.File, []),
            ["--from"] = new(ExpectedKind.File, []),
            ["--session"] = new(ExpectedKind.Session, []),
            ["--dev"] = new(ExpectedKind.Interface, []),
            ["--tunnel"] = new(ExpectedKind.Interface, []),
            ["--table"] = new(ExpectedKind.Words, ["main", "local"]),
            ["--fix"] = new(ExpectedKind.Words, ["all"]),
            ["id"] = new(ExpectedKind.Session, []),
            ["from"] = new(ExpectedKind.WordsOrFile, ["now", "baseline", "overlay"]),
            ["to"] = new(ExpectedKind.WordsOrFile, ["now", "baseline", "overlay"]),
            ["prefix"] = new(ExpectedKind.Words, ["default"]),
            ["command"] = new(ExpectedKind.Program, []),
        };

    private static readonly Expected Flag = new(ExpectedKind.Flag, []);

    private static readonly Expected Free = new(ExpectedKind.Free, []);

    public static Expected Of(Option option) =>
        option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? Flag : Of(option, option.Name);

    public static Expected Of(Argument argument) => Of(argument, argument.Name);

    private static Expected Of(Symbol symbol, string name)
    {
        string[] words = [.. symbol.GetCompletions(CompletionContext.Empty).Select(word => word.Label)];
        return words.Length > 0 ? new(ExpectedKind.Words, words) : Named.GetValueOrDefault(name, Free);
    }
}
