using System.Collections.Concurrent;
using System.Diagnostics;
using RouteGuard.Tests.Tidy;

namespace RouteGuard.Tests.Publish;

/// <summary>Publishes the program for a Mac, once for each processor.</summary>
public sealed class PublishedPrograms
{
    private static readonly TimeSpan PublishMax = TimeSpan.FromMinutes(5);

    /// <summary>What NuGet says when a package source cannot be reached, which says nothing about this
    /// project.</summary>
    private const string Offline = "NU1301";

    private readonly ConcurrentDictionary<string, Lazy<string>> _folders = new(StringComparer.Ordinal);

    /// <summary>The folder with everything that was published. Skips the test without a network, and only
    /// then.</summary>
    public string FolderOf(string runtime) => _folders.GetOrAdd(runtime, name => new(() => Publish(name))).Value;

    public byte[] ProgramOf(string runtime) => File.ReadAllBytes(Path.Combine(FolderOf(runtime), "routeguard"));

    private static string Publish(string runtime)
    {
        var artifacts = Path.Combine(House.Root, "artifacts", "macos");
        var folder = Path.Combine(artifacts, "publish", "RouteGuard", $"release_{runtime}");
        if (Directory.Exists(folder))
        {
            // What an earlier publish left would be taken for a part of this one.
            Directory.Delete(folder, recursive: true);
        }

        var (code, output) = Run(
            "publish",
            Path.Combine(House.Root, "src", "RouteGuard"),
            "--runtime",
            runtime,
            "--artifacts-path",
            artifacts,
            "-p:PublishReadyToRun=false",
            "--nologo",
            "--verbosity",
            "quiet",
            "-nodeReuse:false",
            "-p:UseSharedCompilation=false"
        );
        Assert.SkipWhen(
            code != 0 && output.Contains(Offline, StringComparison.Ordinal),
            $"offline: the runtime for {runtime} cannot be fetched ({Offline})"
        );
        Assert.True(code == 0, $"dotnet publish -r {runtime} ended with {code}:\n{output}");
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);
        return folder;
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = House.Root,
        };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using var dotnet = Process.Start(start)!;
        var error = dotnet.StandardError.ReadToEndAsync();
        var output = dotnet.StandardOutput.ReadToEndAsync();
        if (!dotnet.WaitForExit(PublishMax))
        {
            dotnet.Kill(entireProcessTree: true);
            Assert.Fail($"dotnet {string.Join(' ', arguments)} did not end within {PublishMax}");
        }

        return (dotnet.ExitCode, output.Result + error.Result);
    }
}

/// <summary>A build takes every processor, so it comes after the tests that share them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PublishedProgramsGroup : ICollectionFixture<PublishedPrograms>
{
    public const string Name = "published programs";
}
