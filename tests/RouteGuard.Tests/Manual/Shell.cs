using System.Diagnostics;

namespace RouteGuard.Tests.Manual;

/// <summary>Programs of the system that read what we print: shells, and what sets a man page.</summary>
internal static class Shell
{
    private static readonly TimeSpan EndsMax = TimeSpan.FromSeconds(60);

    private static readonly string[] Folders = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"];

    /// <summary>Where a program is, or a skipped test that says which one is missing.</summary>
    public static string Find(string program)
    {
        var path = Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(path is not null, $"{program} is not installed; tests/run installs it where it may.");
        return path!;
    }

    /// <summary>Runs a program to its end in a folder of its own.</summary>
    public static (int Code, string Output, string Error) Run(
        string program,
        IEnumerable<string> words,
        string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(program, words)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(EndsMax))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end within {EndsMax}");
        }

        return (process.ExitCode, output.Result, error.Result);
    }
}
