using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed partial class StateDirectoryTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_are_private_and_their_parents_may_be_entered_whatever_the_umask()
    {
        const int onlyOwner = 0x3f; // 0077: harmless for whatever else runs at this moment
        var before = umask(onlyOwner);
        StateDirectory directory;
        try
        {
            directory = StateDirectory.Open(_folder["a/b/state/"]);
        }
        finally
        {
            _ = umask(before);
        }

        using var opened = directory;
        Assert.Equal(Private | Others, File.GetUnixFileMode(_folder["a"]));
        Assert.Equal(Private | Others, File.GetUnixFileMode(_folder["a/b"]));
        Assert.Equal(Private, File.GetUnixFileMode(_folder["a/b/state"]));
        foreach (var name in new[] { "sessions", "closed", "set-aside", "journal" })
        {
            Assert.Equal(Private, File.GetUnixFileMode(_folder[$"a/b/state/{name}"]));
        }

        new StateStore(directory).Create(new RandomState(1).Session(), new RandomState(1).Baseline());
        using var journal = new JournalFile(directory);
        journal.Append(new RandomState(1).Record());
        var files = Directory.GetFiles(_folder["a/b/state"], "*", SearchOption.AllDirectories);
        Assert.Equal(4, files.Length);
        Assert.All(
            files,
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file))
        );
    }

    [Fact]
    public void A_folder_that_others_may_read_is_made_private()
    {
        Directory.CreateDirectory(_folder["state"]);
        File.SetUnixFileMode(_folder["state"], Private | Others);

        using var directory = StateDirectory.Open(_folder["state"]);

        Assert.Equal(Private, File.GetUnixFileMode(_folder["state"]));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite, "0720")]
    [InlineData(UnixFileMode.OtherWrite, "0702")]
    public void A_folder_that_others_may_write_to_is_refused(UnixFileMode mode, string shown)
    {
        Directory.CreateDirectory(_folder["state"]);
        File.SetUnixFileMode(_folder["state"], Private | mode);

        AssertRefused($"others may write to it (mode {shown}). Look at what is in it, then chmod 700 it.");
    }

    [Fact]
    public void A_symbolic_link_is_refused()
    {
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["state"], _folder["elsewhere"]);

        AssertRefused("it is a symbolic link. Name the folder itself.");
        File.Delete(_folder["state"]);
        File.CreateSymbolicLink(_folder["state"], _folder["nowhere"]);
        AssertRefused("it is a symbolic link. Name the folder itself.");
        Assert.Empty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
    }

    [Fact]
    public void A_file_is_refused()
    {
        File.WriteAllText(_folder["state"], "");

        AssertRefused("it is not a folder. Name another one.");
    }

    [Fact]
    public void A_folder_of_another_user_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder to another user.");
        Directory.CreateDirectory(_folder["state"]);
        using (var chown = Process.Start("chown", ["12345", _folder["state"]]))
        {
            chown.WaitForExit();
        }

        AssertRefused("it belongs to uid 12345. Run as that user, or name a folder of uid 0.");
    }

    [Fact]
    public void A_link_inside_is_not_followed()
    {
        File.WriteAllText(_folder["secret"], "secret");
        using (var directory = StateDirectory.Open(_folder["state"]))
        {
            new StateStore(directory).Create(new RandomState(1).Session(), new RandomState(1).Baseline());
            File.Delete(_folder["state/sessions/vpn-1/session.json"]);
            File.CreateSymbolicLink(_folder["state/sessions/vpn-1/session.json"], _folder["secret"]);
            File.CreateSymbolicLink(_folder["state/sessions/vpn-2"], _folder["state/sessions/vpn-1"]);
            File.CreateSymbolicLink(_folder["state/journal/journal.log"], _folder["secret"]);

            var found = new StateStore(directory).Load();

            Assert.Empty(found.Sessions);
            Assert.Equal(
                [
                    "Session vpn-1 cannot be resumed: sessions/vpn-1/session.json cannot be read: there is a symbolic link (ELOOP). It was left alone.",
                    "sessions/vpn-2 is not the folder of a session. It was left alone.",
                ],
                found.Faults
            );
            using var journal = new JournalFile(directory);
            Assert.Contains("symbolic link", Assert.Single(journal.OpenFaults), StringComparison.Ordinal);
            Assert.Throws<StateStoreException>(() => journal.Append(new RandomState(1).Record()));
        }

        Assert.Equal("secret", File.ReadAllText(_folder["secret"]));
        Directory.Delete(_folder["state/closed"]);
        File.CreateSymbolicLink(_folder["state/closed"], _folder.Path);
        AssertRefused("closed in it is not a folder. Remove it.");
    }

    [Fact]
    public void Only_one_holds_it_and_the_second_is_told_who()
    {
        using (StateDirectory.Open(_folder["state"]))
        {
            AssertRefused($"process {Environment.ProcessId} uses it. Stop that process, or ask it.");
        }

        StateDirectory.Open(_folder["state"]).Dispose();
    }

    [Fact]
    public async Task Who_waits_gets_it_when_the_other_lets_go()
    {
        var first = StateDirectory.Open(_folder["state"]);
        var second = Task.Run(() => StateDirectory.Open(_folder["state"], TimeSpan.FromSeconds(30)));
        first.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public void The_wait_is_bounded()
    {
        using var first = StateDirectory.Open(_folder["state"]);
        var before = Stopwatch.GetTimestamp();

        Assert.Throws<StateStoreException>(() => StateDirectory.Open(_folder["state"], TimeSpan.FromMilliseconds(100)));

        Assert.InRange(Stopwatch.GetElapsedTime(before).TotalMilliseconds, 90, 10_000);
    }

    [Fact]
    public void Everything_is_found_again_by_the_next_process()
    {
        var state = new RandomState(3);
        var (session, baseline, record) = (state.Session(), state.Baseline(), state.Record());
        using (var directory = StateDirectory.Open(_folder["state"]))
        {
            new StateStore(directory).Create(state.Session(), baseline);
            new StateStore(directory).Save(session);
            using var journal = new JournalFile(directory);
            journal.Append(record);
        }

        using var again = StateDirectory.Open(_folder["state"]);
        var found = new StateStore(again).Load();
        using var reopened = new JournalFile(again);

        Assert.Empty(found.Faults);
        Assert.Equal(session, Assert.Single(found.Sessions).Session);
        Assert.True(Same.As(baseline, found.Sessions[0].Baseline));
        Assert.True(Same.As(record with { Number = 1 }, Assert.Single(reopened.ReadTail(9).Records)));
        Assert.Equal(2, reopened.Append(record));
        new StateStore(again).Close(session);
        Assert.Empty(new StateStore(again).Load().Sessions);
    }

    [Fact]
    public void The_real_disk_and_the_one_of_the_tests_agree()
    {
        IDisk[] disks = [new PosixDisk(_folder.Path), new MemoryDisk()];
        foreach (var name in new[] { "sessions", "closed", "set-aside", "journal" })
        {
            disks[0].CreateFolder(name);
        }

        var said = disks.Select(disk => string.Join('\n', Script(disk))).ToArray();

        Assert.Equal(said[1], said[0]);
        Assert.Contains("sessions/a: x y/", said[0], StringComparison.Ordinal);
    }

    [LibraryImport("libc")]
    private static partial int umask(int mask);

    [Fact]
    public void Structures_have_the_sizes_of_the_system()
    {
        Assert.Equal(256, Unsafe.SizeOf<Libc.Files.Statx>());
        Assert.Equal(144, Unsafe.SizeOf<Libc.Files.MacStat>());
    }

    private static IEnumerable<string> Script(IDisk disk)
    {
        yield return Try(() => disk.CreateFolder("sessions/a"));
        yield return Try(() => disk.CreateFolder("sessions/a"));
        yield return Try(() => disk.CreateFolder("nowhere/a"));
        yield return Try(() => disk.Create("sessions/a/x").Write("hello"u8, 0));
        yield return Try(() => disk.Create("sessions/a/x"));
        yield return Try(() => disk.Create("nowhere/x"));
        yield return Try(() => disk.CreateFolder("sessions/a/y"));
        yield return Show(disk, "sessions/a");
        yield return $"{disk.Open("sessions/b") is null} {disk.Open("nowhere/b") is null}";
        using (var file = disk.Open("sessions/a/x", canWrite: true)!)
        {
            file.Write("J"u8, 0);
            file.Write("!"u8, 5);
            file.Sync();
            var bytes = new byte[9];
            yield return $"{file.Length} {file.Read(bytes, 2)} {Convert.ToHexString(bytes)}";
            file.Truncate(3);
            yield return $"{file.Length} {file.Read(bytes, 0)}";
        }

        yield return Try(() => disk.DeleteFolder("sessions/a"));
        yield return Try(() => disk.Create("sessions/a/z"));
        yield return Try(() => disk.Rename("sessions/a/z", "sessions/a/x"));
        yield return Try(() => disk.Rename("sessions/a/none", "sessions/a/x"));
        yield return Try(() => disk.CreateFolder("sessions/c"));
        yield return Try(() => disk.Create("sessions/c/f"));
        yield return Try(() => disk.Rename("sessions/a", "sessions/c"));
        yield return Try(() => disk.Rename("sessions/a", "closed/1.a"));
        yield return Show(disk, "sessions") + Show(disk, "closed") + Show(disk, "closed/1.a");
        yield return Try(() => disk.SyncFolder("closed"));
        yield return Try(() => disk.SyncFolder("none"));
        yield return Try(() => disk.DeleteFile("closed/1.a/x"));
        yield return Try(() => disk.DeleteFile("closed/1.a/x"));
        yield return Try(() => disk.DeleteFolder("closed/1.a/y"));
        yield return Try(() => disk.DeleteFolder("closed/1.a"));
        yield return Show(disk, "closed");
    }

    private static string Show(IDisk disk, string path) =>
        $"{path}: {string.Join(' ', disk.List(path).Select(entry => entry.Name + (entry.IsFolder ? "/" : "")))}\n";

    private static string Try(Action action)
    {
        var error = Record.Exception(action);
        Assert.True(error is null || StorageRefusal.IsOfDisk(error), error?.ToString());
        return error is null ? "done" : "refused";
    }

    private void AssertRefused(string problem) =>
        Assert.Equal(
            $"Cannot use the state directory {_folder["state"]}: {problem}",
            Assert.Throws<StateStoreException>(() => StateDirectory.Open(_folder["state"])).Message
        );
}
