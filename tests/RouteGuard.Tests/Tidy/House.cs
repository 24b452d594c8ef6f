namespace RouteGuard.Tests.Tidy;

/// <summary>A file of the project.</summary>
/// <param name="Path">From the project's root, with slashes.</param>
/// <param name="Text">Whole.</param>
public sealed record SourceFile(string Path, string Text)
{
    public string[] Lines { get; } = Text.Split('\n');

    /// <summary>The text with comments and literals blanked; lines stay where they are.</summary>
    public string Code => field ??= CodeText.Blank(Text);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string Folder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.LastIndexOf('/')] : string.Empty;
}

/// <summary>The project on disk, as the tidy tests see it.</summary>
internal static class House
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "TestResults", "packages.lock.json"];

    /// <summary>The folder that has RouteGuard.sln, at or above the test program.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly Lazy<IReadOnlyList<SourceFile>> EveryFile = new(() => [.. ReadAll(Root, string.Empty)]);

    public static IReadOnlyList<SourceFile> Files => EveryFile.Value;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RouteGuard.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("RouteGuard.sln is not above the tests.");
    }

    private static IEnumerable<SourceFile> ReadAll(string folder, string path)
    {
        var entries = new DirectoryInfo(folder)
            .EnumerateFileSystemInfos()
            .OrderBy(entry => entry.Name, StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => !NotOurs.Contains(entry.Name) && entry.LinkTarget is null))
        {
            if (entry is DirectoryInfo)
            {
                foreach (var file in ReadAll(entry.FullName, $"{path}{entry.Name}/"))
                {
                    yield return file;
                }
            }
            else
            {
                yield return new(path + entry.Name, File.ReadAllText(entry.FullName));
            }
        }
    }
}
