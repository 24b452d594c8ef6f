using System.Runtime.InteropServices;
using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Daemon;

/// <summary>The way to the socket is one that nobody but root and this user can change.</summary>
public sealed class RuntimeDirectoryTests : IDisposable
{
    private const uint Somebody = 65533;

    private readonly string _folder = Directory.CreateTempSubdirectory("routeguard-way-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_missing_of_the_way_is_made_for_all_to_pass_and_none_to_write()
    {
        var way = Below("a/b/run");
        Assert.Null(TrustedFolder.Prepare(way));
        foreach (var made in new[] { "a", "a/b", "a/b/run" })
        {
            Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(Below(made)), 8));
        }

        // A second time it is there, and a mode that was too narrow is put right.
        File.SetUnixFileMode(way, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Null(TrustedFolder.Prepare(way));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(way), 8));
    }

    // what lies there, then what is said of DIR/run
    [Theory]
    [InlineData("run -> elsewhere", "it is a symbolic link. Name the folder itself.")]
    [InlineData("run -> nowhere", "it is a symbolic link. Name the folder itself.")]
    [InlineData("run is a file", "DIR/run is not a folder. Name another one.")]
    [InlineData("run 777", "others may write to it. Run chmod 0755 on it.")]
    [InlineData("run 775", "others may write to it. Run chmod 0755 on it.")]
    [InlineData("run 1777", "others may write to it. Run chmod 0755 on it.")]
    [InlineData("run of somebody", "it belongs to uid 65533. Name a folder of root or of uid OWN.")]
    public void An_end_that_is_not_ours_alone_is_refused_and_left_as_it_is(string what, string why)
    {
        NeedsRootFor(what);
        Lay(what);
        var before = Listing();
        Assert.Equal(why.Replace("DIR", _folder, StringComparison.Ordinal), Said(Below("run")));
        Assert.Equal(before, Listing());
    }

    // what lies there, then what is said of DIR/way/run
    [Theory]
    [InlineData("way 755", null)]
    [InlineData("way 1777", null)]
    [InlineData("way 775", null)]
    [InlineData("way 777", "others may write to DIR/way on its way. Name another one.")]
    [InlineData("way of somebody", "DIR/way on its way belongs to uid 65533. Name a folder of root or of uid OWN.")]
    [InlineData("way -> elsewhere", null)]
    [InlineData("way -> ../DIR/elsewhere", null)]
    [InlineData("way -> way", "its way has more than 40 links. Name it without links.")]
    [InlineData("way is a file", "DIR/way is not a folder. Name another one.")]
    [InlineData(
        "way -> elsewhere of somebody",
        "the link DIR/way on its way belongs to uid 65533. Name it without links."
    )]
    public void A_way_that_others_can_change_is_refused(string what, string? why)
    {
        NeedsRootFor(what);
        Lay(what);
        Assert.Equal(why?.Replace("DIR", _folder, StringComparison.Ordinal), Said(Below("way/run")));
        Assert.Equal(why is null, Directory.Exists(Below("way/run")));
    }

    [Fact]
    public async Task Whoever_swaps_a_folder_for_a_link_meanwhile_never_has_the_daemon_elsewhere()
    {
        var mine = Below("way/run");
        var target = Directory.CreateDirectory(Below("target")).FullName;
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var end = new CancellationTokenSource();
        var rival = Task.Run(() => Swap(mine, target, end.Token));
        var refused = 0;
        const int TriesMin = 2_000;
        const int TriesMax = 1_000_000;
        for (var at = 0; at < TriesMin || (refused == 0 && at < TriesMax); at++)
        {
            refused += TrustedFolder.Prepare(mine) is null ? 0 : 1;
        }

        await end.CancelAsync();
        await rival;
        Assert.True(refused > 0, "the link was never met: nothing was tried");
        Assert.Equal("700", Convert.ToString((int)File.GetUnixFileMode(target), 8));
    }

    [Fact]
    public void The_daemon_says_what_to_do()
    {
        Lay("run 777");
        var refused = Assert.Throws<GuardException>(() => RuntimeDirectory.Prepare(new(Below("state"), Below("run"))));
        Assert.Equal(GuardRefusal.NotPermitted, refused.Refusal);
        Assert.StartsWith(
            $"Cannot use the runtime directory {Below("run")}: others may write to it. Run chmod 0755 on it.",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void As_root_the_environment_names_no_directory_and_an_option_does()
    {
        Environment.SetEnvironmentVariable("ROUTEGUARD_STATE_DIR", Below("state"));
        Environment.SetEnvironmentVariable("ROUTEGUARD_RUNTIME_DIR", Below("run"));
        try
        {
            var named = Directories.Resolve(null, null);
            var isTrusted = UserIds.IsEnvironmentOurs;
            Assert.Equal(UserIds.Effective != 0, isTrusted);
            Assert.Equal(isTrusted, named.State == Below("state"));
            Assert.Equal(isTrusted, named.Runtime == Below("run"));
            Assert.Equal(new Directories("/a/state", "/a/run"), Directories.Resolve("/a/state", "/a/run"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("ROUTEGUARD_STATE_DIR", null);
            Environment.SetEnvironmentVariable("ROUTEGUARD_RUNTIME_DIR", null);
        }
    }

    // Folder, nothing, link, nothing, again and again; what was lost against the other side is tried again.
    private static void Swap(string mine, string target, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Directory.CreateDirectory(mine);
                Directory.Delete(mine);
                File.CreateSymbolicLink(mine, target);
                File.Delete(mine);
            }
            catch (Exception lost) when (lost is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
    }

    private static void NeedsRootFor(string what) =>
        Assert.SkipWhen(
            what.EndsWith("of somebody", StringComparison.Ordinal) && UserIds.Effective != 0,
            "only root can make something that belongs to somebody else"
        );

    private string? Said(string way) =>
        TrustedFolder.Prepare(way)?.Replace($"uid {UserIds.Effective}.", "uid OWN.", StringComparison.Ordinal);

    private string Below(string path) => Path.Combine(_folder, path);

    private string[] Listing() =>
        [
            .. Directory
                .GetFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path =>
                    new FileInfo(path).LinkTarget is { } target
                        ? $"{path} -> {target}"
                        : $"{path} {File.GetUnixFileMode(path)}"
                ),
        ];

    // "NAME MODE", "NAME is a file", "NAME -> TARGET", each with "of somebody" after it or alone.
    private void Lay(string what)
    {
        var words = what.Split(' ');
        var path = Below(words[0]);
        Directory.CreateDirectory(Below("elsewhere"));
        if (words[1] == "->")
        {
            File.CreateSymbolicLink(path, words[2].Replace("DIR", Path.GetFileName(_folder), StringComparison.Ordinal));
        }
        else if (words[1] == "is")
        {
            File.WriteAllText(path, "");
        }
        else
        {
            Directory.CreateDirectory(path);
            if (words[1] != "of")
            {
                File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(words[1], 8));
            }
        }

        if (what.EndsWith("of somebody", StringComparison.Ordinal))
        {
            Assert.Equal(0, lchown(path, Somebody, Somebody));
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int lchown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
