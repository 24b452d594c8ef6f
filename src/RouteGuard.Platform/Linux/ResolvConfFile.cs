using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>The resolver's configuration file: resolv.conf(5).</summary>
/// <remarks>
/// A symbolic link has an owner (systemd-resolved, NetworkManager, resolvconf) who writes its target: it is reported,
/// never
/// written. A plain file is replaced whole, so that every reader sees the old one or the new one.
/// </remarks>
/// <param name="path">Absolute.</param>
[SupportedOSPlatform("linux")]
public sealed class ResolvConfFile(string path = ResolvConfFile.DefaultPath) : IDnsSettings
{
    public const string DefaultPath = "/etc/resolv.conf";

    private const int ReadFlags = Libc.Folders.O_RDONLY | Libc.Folders.O_CLOEXEC | Libc.Folders.O_NONBLOCK;

    public ResolverSettingsResult Read()
    {
        var link = LinkTarget();
        using var file = Libc.Folders.open(path, link is null ? ReadFlags | Libc.Folders.O_NOFOLLOW : ReadFlags);
        if (file.IsInvalid)
        {
            return Unread($"the kernel says {LinuxErrno.Last}");
        }

        if (!IsPlain(file, out _))
        {
            return Unread("it is no plain file");
        }

        try
        {
            var bytes = new byte[ResolverSettings.ContentBytesMax + 1];
            var lengthBytes = RandomAccess.Read(file, bytes, 0);
            return lengthBytes > ResolverSettings.ContentBytesMax
                ? Unread($"it is larger than {ResolverSettings.ContentBytesMax} bytes")
                : new(new(path, link, Encoding.Latin1.GetString(bytes, 0, lengthBytes)), null);
        }
        catch (IOException failed)
        {
            return Unread(failed.Message);
        }
    }

    public string? Write(ResolverSettings settings)
    {
        if (WhyNot(settings) is { } why)
        {
            return $"Cannot write {path}: {why}";
        }

        using var folder = Libc.Folders.open(
            Path.GetDirectoryName(path)!,
            Libc.Folders.O_RDONLY | Libc.Folders.O_DIRECTORY | Libc.Folders.O_CLOEXEC
        );
        if (folder.IsInvalid)
        {
            return $"Cannot write {path}: the kernel says {LinuxErrno.Last} to its folder.";
        }

        return
            new PlainFile(folder, Path.GetFileName(path)).Replace(Encoding.Latin1.GetBytes(settings.Content))
                is { } refusal
            ? $"Cannot write {path}: {refusal}"
            : null;
    }

    private string? WhyNot(ResolverSettings settings)
    {
        if (!string.Equals(settings.Path, path, StringComparison.Ordinal))
        {
            return $"the settings are those of {settings.Path}.";
        }

        if ((settings.LinkTarget ?? LinkTarget()) is { } link)
        {
            return $"it is a link to {link}, and whoever owns that writes it. Ask that program to put its settings back.";
        }

        if (settings.Content.Length > ResolverSettings.ContentBytesMax)
        {
            return $"the settings are larger than {ResolverSettings.ContentBytesMax} bytes.";
        }

        return settings.Content.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff') ? "the settings are no bytes." : null;
    }

    private string? LinkTarget()
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            // What the open that follows says is the reason to give.
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ResolverSettingsResult Unread(string why) => new(null, $"Cannot read {path}: {why}.");

    internal static bool IsPlain(SafeFileHandle file, out Libc.Folders.FileStatus status) =>
        Libc.Folders.statx(file, string.Empty, Libc.Folders.AT_EMPTY_PATH, Libc.Folders.STATX_BASIC_STATS, out status)
            == 0
        && (status.Mode & Libc.Folders.S_IFMT) == Libc.Folders.S_IFREG;
}
