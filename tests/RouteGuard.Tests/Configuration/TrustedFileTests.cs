using System.Runtime.InteropServices;
using RouteGuard.Configuration;
using RouteGuard.Platform.Native;
using RouteGuard.Tests.Daemon;

namespace RouteGuard.Tests.Configuration;

/// <summary>Who may give the daemon orders by a file, and how the command line says no.</summary>
public sealed class TrustedFileTests : IAsyncDisposable
{
    private const uint Somebody = 65533;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-file-");
    private readonly DaemonWorld _world = new();

    private string Named => Path.Combine(_folder.FullName, "routeguard.json");

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // what lies there, then what is said of it
    [Theory]
    [InlineData("600", null)]
    [InlineData("644", null)]
    [InlineData("664", "others may write to it (mode 0664). Look at what is in it, then run chmod go-w on it.")]
    [InlineData("646", "others may write to it (mode 0646). Look at what is in it, then run chmod go-w on it.")]
    [InlineData("a link", "it is a symbolic link. Name the file itself.")]
    [InlineData("a folder", "it is not a plain file. Name one.")]
    [InlineData("a pipe", "it is not a plain file. Name one.")]
    [InlineData("of somebody", "it belongs to uid 65533, not to root or uid OWN. Run chown on it.")]
    [InlineData("nothing", "there is no such file. Name another one.")]
    [InlineData("65536 bytes", null)]
    [InlineData("65537 bytes", "it is longer than 65536 bytes. Shorten it.")]
    public async Task A_file_that_others_may_have_written_gives_no_orders(string what, string? why)
    {
        Assert.SkipWhen(
            what == "of somebody" && UserIds.Effective != 0,
            "only root can make a file that belongs to somebody else"
        );
        Lay(what);
        var code = await _world.RunAsync("daemon", "--check-config", "--config", Named);
        var said = _world
            .Error.ToString()
            .Trim()
            .Replace($"uid {UserIds.Effective}.", "uid OWN.", StringComparison.Ordinal);
        Assert.Equal(why is null ? "" : $"Cannot use the configuration {Named}: {why}", said);
        Assert.Equal(why is null ? ExitCode.Done : ExitCode.Usage, code);
    }

    [Fact]
    public async Task A_wrong_value_keeps_the_daemon_from_starting()
    {
        File.WriteAllText(Named, """{"limits":{"streamsPerUser":0}}""");
        Assert.Equal(ExitCode.Usage, await _world.RunAsync("daemon", "--config", Named));
        Assert.Equal(
            $"Cannot use the configuration {Named}: limits.streamsPerUser is 0, and may be a whole number from 1 to 16.",
            _world.Error.ToString().Trim()
        );
        Assert.False(Directory.Exists(_world.Directories.Runtime));
    }

    [Fact]
    public async Task What_is_in_force_is_printed_and_can_be_a_file_again()
    {
        File.WriteAllText(Named, """{"access":{"group":"vpn"},"guard":{"auditSeconds":3}}""");
        Assert.Equal(ExitCode.Done, await _world.RunAsync("daemon", "--check-config", "--config", Named));
        var printed = _world.Out.ToString();
        Assert.Contains("\"group\": \"vpn\"", printed, StringComparison.Ordinal);
        Assert.Contains("\"loopbackPort\": null", printed, StringComparison.Ordinal);

        File.WriteAllText(Named, printed);
        Assert.Equal(ExitCode.Done, await _world.RunAsync("daemon", "--check-config", "--config", Named));
        Assert.Equal(printed, _world.Out.ToString());
    }

    [Fact]
    public void The_usual_file_need_not_be_there() =>
        Assert.Equal(DaemonConfiguration.Usual, new ConfigurationFile(Named, MustBeThere: false).Read());

    private void Lay(string what)
    {
        const string Content = "{}";
        if (what == "a folder")
        {
            Directory.CreateDirectory(Named);
            return;
        }

        if (what == "a pipe")
        {
            Assert.Equal(0, mkfifo(Named, 0x180));
            return;
        }

        if (what == "nothing")
        {
            return;
        }

        var file = what == "a link" ? Named + ".target" : Named;
        var length = what.EndsWith(" bytes", StringComparison.Ordinal) ? int.Parse(what.Split(' ')[0], null) : 0;
        File.WriteAllText(file, Content.PadRight(length));
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(what.Length == 3 ? what : "600", 8));
        if (what == "a link")
        {
            File.CreateSymbolicLink(Named, file);
        }
        else if (what == "of somebody")
        {
            Assert.Equal(0, lchown(Named, Somebody, Somebody));
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int lchown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
