using System.Runtime.Versioning;
using RouteGuard.Core.Baselines;
using RouteGuard.KernelTests.Namespaces;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Native;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>The resolver's file: read whole, written whole, or left alone with a reason.</summary>
[SupportedOSPlatform("linux")]
public sealed class ResolvConfTests : IDisposable
{
    private const string Before = "# by hand, \u00e4\u00ff\nnameserver 192.0.2.53\n";
    private const string ByVpn = "nameserver 10.8.0.1\nsearch vpn.example\noptions timeout:1 attempts:1\n";
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rg-resolv-");
    private readonly string _path;
    private readonly ResolvConfFile _file;

    public ResolvConfTests()
    {
        _path = Path.Combine(_folder.FullName, "resolv.conf");
        _file = new(_path);
        File.WriteAllText(_path, Before, System.Text.Encoding.Latin1);
        File.SetUnixFileMode(_path, Mode);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_that_was_read_and_changed_is_written_back_byte_for_byte_with_its_mode()
    {
        var bytes = File.ReadAllBytes(_path);
        var settings = Read();
        Assert.Equal(new ResolverSettings(_path, null, Before), settings);
        File.WriteAllText(_path, ByVpn);

        Assert.Null(_file.Write(settings));

        Assert.Equal(bytes, File.ReadAllBytes(_path));
        Assert.Equal(Mode, File.GetUnixFileMode(_path));
        Assert.Equal(["resolv.conf"], _folder.EnumerateFiles().Select(file => file.Name));
    }

    [Fact]
    public void A_reader_that_has_the_old_file_open_keeps_the_old_content()
    {
        var settings = Read();
        File.WriteAllText(_path, ByVpn);
        using var reader = new StreamReader(_path);

        Assert.Null(_file.Write(settings));

        Assert.Equal(ByVpn, reader.ReadToEnd());
    }

    [Fact]
    public void The_owner_is_kept()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root: the test gives a file away.");
        var settings = Read();
        using (var open = File.OpenHandle(_path))
        {
            Assert.Equal(0, Libc.Folders.fchown(open, 65534, 65533));
        }

        Assert.Null(_file.Write(settings));

        Assert.Equal(
            0,
            Libc.Folders.statx(Libc.Folders.AT_FDCWD, _path, 0, Libc.Folders.STATX_BASIC_STATS, out var status)
        );
        Assert.Equal((65534u, 65533u), (status.Uid, status.Gid));
    }

    [Fact]
    public void What_a_crash_left_is_no_obstacle()
    {
        var settings = Read();
        File.WriteAllText(Path.Combine(_folder.FullName, ".resolv.conf.routeguard"), "half");
        File.WriteAllText(_path, ByVpn);

        Assert.Null(_file.Write(settings));
        Assert.Equal(settings, Read());
        Assert.Single(_folder.EnumerateFiles());
    }

    [Fact]
    public void A_link_is_read_with_its_target_and_never_written()
    {
        var target = Path.Combine(_folder.FullName, "stub-resolv.conf");
        File.Move(_path, target);
        File.CreateSymbolicLink(_path, "stub-resolv.conf");
        var settings = Read();
        Assert.Equal(new ResolverSettings(_path, "stub-resolv.conf", Before), settings);
        File.WriteAllText(target, ByVpn);

        var reason = _file.Write(settings);

        Assert.Equal(
            $"Cannot write {_path}: it is a link to stub-resolv.conf, and whoever owns that writes it. Ask that program to put its settings back.",
            reason
        );
        Assert.Equal(ByVpn, File.ReadAllText(target));
        Assert.Contains("it is a link", _file.Write(settings with { LinkTarget = null }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_gone_is_not_made()
    {
        var settings = Read();
        File.Delete(_path);

        Assert.Equal($"Cannot write {_path}: it is gone.", _file.Write(settings));
        var unread = _file.Read();
        Assert.Null(unread.Settings);
        Assert.Equal($"Cannot read {_path}: the kernel says ENOENT (2).", unread.Problem);
    }

    [Fact]
    public void What_is_no_plain_file_is_neither_read_nor_written()
    {
        var settings = Read();
        File.Delete(_path);
        Directory.CreateDirectory(_path);

        Assert.Equal($"Cannot read {_path}: it is no plain file.", _file.Read().Problem);
        Assert.Equal($"Cannot write {_path}: the kernel says EISDIR (21).", _file.Write(settings));
    }

    [Fact]
    public void Content_beyond_the_bound_is_neither_read_nor_written()
    {
        var full = new string('#', ResolverSettings.ContentBytesMax);
        File.WriteAllText(_path, full);
        Assert.Equal(full, Read().Content);
        File.WriteAllText(_path, full + "#");
        Assert.Equal($"Cannot read {_path}: it is larger than 65536 bytes.", _file.Read().Problem);
        Assert.Equal(
            $"Cannot write {_path}: the settings are larger than 65536 bytes.",
            _file.Write(new(_path, null, full + "#"))
        );
        Assert.Equal($"Cannot write {_path}: the settings are no bytes.", _file.Write(new(_path, null, "\u20ac")));
        Assert.Equal(
            $"Cannot write {_path}: the settings are those of /etc/resolv.conf.",
            _file.Write(new("/etc/resolv.conf", null, ""))
        );
    }

    [Fact]
    public void A_file_that_is_a_mount_of_its_own_is_written_in_place()
    {
        using var net = NetworkNamespace.OpenOrSkip();
        net.Do(() =>
        {
            Assert.Equal(0, Libc.Namespaces.unshare(Libc.Namespaces.CLONE_NEWNS));
            var source = Path.Combine(_folder.FullName, "source");
            File.WriteAllText(source, Before, System.Text.Encoding.Latin1);
            net.Run("mount", ["--make-rprivate", "/"]).MustSucceed();
            net.Run("mount", ["--bind", source, _path]).MustSucceed();
            var settings = Read();
            File.WriteAllText(source, ByVpn);

            Assert.Null(_file.Write(settings));

            Assert.Equal(settings, Read());
            Assert.Equal(File.ReadAllBytes(_path), File.ReadAllBytes(source));
            Assert.Equal(2, _folder.EnumerateFiles().Count());
            Assert.Null(_file.Write(settings with { Content = "nameserver 192.0.2.1\n" }));
            Assert.Equal("nameserver 192.0.2.1\n", File.ReadAllText(source));
        });
    }

    private ResolverSettings Read()
    {
        var result = _file.Read();
        Assert.Null(result.Problem);
        return result.Settings!;
    }
}
