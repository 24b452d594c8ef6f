using System.Text.RegularExpressions;

namespace RouteGuard.Tests.Tidy;

/// <summary>The house rules that a program can check: each takes one file and says what is wrong with it.</summary>
internal static partial class Rules
{
    public const int LinesPerFileMax = 400;

    public const int ColumnsMax = 120;

    public const int LinesPerFunctionMax = 60;

    /// <summary>A line that holds one string and nothing else may be this long.</summary>
    public const int StringColumnsMax = 200;

    /// <summary>What may stand before such a string.</summary>
    private const string StringLead = "return :?+$ ";

    /// <summary>The comment that a catch-all at the top of a thread or program carries.</summary>
    public const string BoundaryMark = "// boundary:";

    /// <summary>A pattern that takes this long on one line is a wrong pattern.</summary>
    private const int MatchMillisecondsMax = 5000;

    /// <summary>A catch that only cleans up is short.</summary>
    private const int LinesToThrow = 8;

    private const string MachinePath = "/wo" + "rk/";

    public static IReadOnlyDictionary<string, Func<SourceFile, IEnumerable<string>>> All { get; } =
        new Dictionary<string, Func<SourceFile, IEnumerable<string>>>(StringComparer.Ordinal)
        {
            ["a file has at most 400 lines"] = FileIsShort,
            ["a line has at most 120 columns"] = LinesAreShort,
            ["a function has at most 60 lines"] = FunctionsAreShort,
            ["native calls live in Platform/Native"] = NativeIsAtHome,
            ["unsafe code lives in Platform"] = UnsafeIsAtHome,
            ["Core is pure"] = CoreIsPure,
            ["nothing is left to be done"] = NothingIsLeftOpen,
            ["everything is caught at one boundary only"] = CatchAllIsMarked,
            ["no path of a machine and no registry"] = NoMachine,
            ["names say what a thing is"] = NamesMeanSomething,
        };

    private static IEnumerable<string> FileIsShort(SourceFile file)
    {
        var lines = file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1;
        return IsCode(file) && lines > LinesPerFileMax ? [$"{file.Path}: {lines} lines"] : [];
    }

    private static IEnumerable<string> LinesAreShort(SourceFile file) =>
        IsCode(file)
            ? Numbered(file, file.Text)
                .Where(line => line.Text.Length > ColumnsMax && !IsOneString(line.Text))
                .Select(line => line.Where)
            : [];

    // A sentence that a person reads is easier to find whole than in pieces.
    private static bool IsOneString(string line) =>
        line.Length <= StringColumnsMax && line.TrimStart().TrimStart(StringLead.ToCharArray()).StartsWith('"');

    private static IEnumerable<string> FunctionsAreShort(SourceFile file) =>
        IsCode(file)
            ? Functions
                .Of(file)
                .Where(function => function.Lines > LinesPerFunctionMax)
                .Select(function => $"{file.Path}:{function.FirstLine}: {function.Lines} lines: {function.Header}")
            : [];

    private static IEnumerable<string> NativeIsAtHome(SourceFile file) =>
        IsCode(file) && file.IsIn("src") && !file.IsIn("src/RouteGuard.Platform/Native")
            ? Matches(file, file.Code, NativeCall())
            : [];

    private static IEnumerable<string> UnsafeIsAtHome(SourceFile file) =>
        file.IsIn("src")
        && file.Name.EndsWith("proj", StringComparison.Ordinal)
        && file.Name != "RouteGuard.Platform.csproj"
            ? Matches(file, file.Text, UnsafeBlocks())
            : [];

    private static IEnumerable<string> CoreIsPure(SourceFile file) =>
        IsCode(file) && file.IsIn("src/RouteGuard.Core") ? Matches(file, file.Code, OutsideWorld()) : [];

    private static IEnumerable<string> NothingIsLeftOpen(SourceFile file) =>
        IsCode(file) || file.IsIn("packaging") || file.IsIn("launchd") ? Matches(file, file.Text, LeftOpen()) : [];

    private static IEnumerable<string> CatchAllIsMarked(SourceFile file) =>
        IsCode(file)
            ? Numbered(file, file.Code)
                .Where(line => CatchAll().IsMatch(line.Text))
                .Where(line => !IsMarked(file, line.Number) && !IsThrownOn(file, line.Number))
                .Select(line => $"{line.Where} (the one allowed place says {BoundaryMark})")
            : [];

    private static IEnumerable<string> NoMachine(SourceFile file) =>
        string.Equals(file.Name, "nuget.config", StringComparison.OrdinalIgnoreCase)
            ? [$"{file.Path}: names package sources"]
            : Matches(file, file.Text, Machine());

    private static IEnumerable<string> NamesMeanSomething(SourceFile file) =>
        IsCode(file) ? Matches(file, file.Code, EmptyName()) : [];

    private static bool IsCode(SourceFile file) =>
        file.Path.EndsWith(".cs", StringComparison.Ordinal) && (file.IsIn("src") || file.IsIn("tests"));

    // On the line itself, or on one of the two before it or after it: around the brace.
    private static bool IsMarked(SourceFile file, int number) =>
        file.Lines.Skip(number - 3).Take(5).Any(line => line.Contains(BoundaryMark, StringComparison.Ordinal));

    // Catching to clean up is no catching, when the same exception goes on.
    private static bool IsThrownOn(SourceFile file, int number) =>
        file.Lines.Skip(number).Take(LinesToThrow).Any(line => line.Trim() == "throw;")
        || file.Lines.Skip(number).Take(1).Any(line => line.TrimStart().StartsWith("when (", StringComparison.Ordinal));

    private static IEnumerable<string> Matches(SourceFile file, string text, Regex pattern) =>
        Numbered(file, text).Where(line => pattern.IsMatch(line.Text)).Select(line => line.Where);

    private static IEnumerable<(int Number, string Text, string Where)> Numbered(SourceFile file, string text) =>
        text.Split('\n')
            .Select((line, at) => (at + 1, line.TrimEnd('\r'), $"{file.Path}:{at + 1}: {file.Lines[at].Trim()}"));

    [GeneratedRegex(@"\b(LibraryImport|DllImport)\s*\(", RegexOptions.ExplicitCapture, MatchMillisecondsMax)]
    private static partial Regex NativeCall();

    [GeneratedRegex("AllowUnsafeBlocks", RegexOptions.ExplicitCapture, MatchMillisecondsMax)]
    private static partial Regex UnsafeBlocks();

    [GeneratedRegex(
        @"\bSystem\.IO\b|\bSystem\.Net\.Sockets\b|\bSystem\.Diagnostics\.Process\b|\bDateTime(Offset)?\.(Utc)?Now\b"
            + @"|\bThread\.Sleep\b|\bTask\.Delay\b|\bEnvironment\.|\bStopwatch\b"
            + @"|\bTimeProvider\.System\b|\bRandom\.Shared\b|\bGuid\.NewGuid\b"
            + @"|\b(File|Directory|FileStream|Console|Socket)\."
            + @"|\bunsafe\b",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex OutsideWorld();

    [GeneratedRegex(
        @"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X|HA" + @"CK)\b|NotImpl" + "ementedException",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex LeftOpen();

    [GeneratedRegex(
        @"\bcatch\s*(\(\s*(System\.)?Exception\b(?!.*\bwhen\b)|\{|$)",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex CatchAll();

    [GeneratedRegex(
        MachinePath
            + @"\w|/ro"
            + @"ot/\w|\bartif"
            + @"actory\b|\bregis"
            + @"try\.\w|\bnuget\.o"
            + @"rg\b|\bpypi\.o"
            + @"rg\b",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex Machine();

    [GeneratedRegex(
        @"\b(class|record|struct|interface|enum)\s+\w*(Manager|Helper|Util|Info|Helpers|Utils|Utilities)\b",
        RegexOptions.ExplicitCapture,
        MatchMillisecondsMax
    )]
    private static partial Regex EmptyName();
}
