using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>Replaces the content of a plain file that is there, with its owner and mode kept.</summary>
/// <remarks>
/// A new file takes the old one's name (rename(2)), and file and folder are synced. Where the name is a mount of its
/// own, as in
/// containers and under <c>ip netns exec</c>, the kernel says EBUSY to that, and the file is written in place instead.
/// </remarks>
/// <param name="folder">Open.</param>
/// <param name="name">In that folder.</param>
[SupportedOSPlatform("linux")]
internal sealed class PlainFile(SafeFileHandle folder, string name)
{
    private const uint ModeMask = 0xfff;

    private const int CreateFlags =
        Libc.Folders.O_WRONLY | Libc.Folders.O_CREAT | Libc.Folders.O_EXCL | Libc.Folders.O_CLOEXEC;

    private readonly string _newName = $".{name}.routeguard";

    /// <summary>Writes all of it, durably.</summary>
    /// <returns>Null, or a sentence that says why it was not done.</returns>
    public string? Replace(ReadOnlySpan<byte> content)
    {
        const int flags = Libc.Folders.O_WRONLY | Libc.Folders.O_NONBLOCK | Libc.Folders.O_CLOEXEC;
        using var old = Libc.Folders.openat(folder, name, flags | Libc.Folders.O_NOFOLLOW);
        if (old.IsInvalid)
        {
            return LinuxErrno.Last.Number switch
            {
                LinuxErrno.ENOENT => "it is gone.",
                LinuxErrno.ELOOP => "it has become a link.",
                _ => Says(),
            };
        }

        if (!ResolvConfFile.IsPlain(old, out var status))
        {
            return "it is no plain file.";
        }

        var errno = TryRename(content, status);
        return errno.Number switch
        {
            0 => null,
            LinuxErrno.EBUSY or LinuxErrno.EXDEV => WriteInPlace(old, content),
            _ => $"the kernel says {errno}.",
        };
    }

    private LinuxErrno TryRename(ReadOnlySpan<byte> content, Libc.Folders.FileStatus status)
    {
        // What a crash of ours left.
        Libc.Folders.unlinkat(folder, _newName, 0);
        using var file = Libc.Folders.openat(folder, _newName, CreateFlags | Libc.Folders.O_NOFOLLOW);
        if (file.IsInvalid)
        {
            return LinuxErrno.Last;
        }

        var errno = Fill(file, content);
        var isKept =
            errno.IsNone
            && Libc.Folders.fchown(file, status.Uid, status.Gid) == 0
            && Libc.Folders.fchmod(file, status.Mode & ModeMask) == 0
            && Libc.Folders.fsync(file) == 0
            && Libc.Folders.renameat(folder, _newName, folder, name) == 0;
        if (isKept)
        {
            return Libc.Folders.fsync(folder) == 0 ? default : LinuxErrno.Last;
        }

        errno = errno.IsNone ? LinuxErrno.Last : errno;
        Libc.Folders.unlinkat(folder, _newName, 0);
        return errno;
    }

    // Longer or equal first, then cut: a reader in between finds at worst a mixture, never nothing.
    private static string? WriteInPlace(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        var errno = Fill(file, content);
        return !errno.IsNone ? $"the kernel says {errno}."
            : Libc.Folders.ftruncate(file, content.Length) == 0 && Libc.Folders.fsync(file) == 0 ? null
            : Says();
    }

    private static unsafe LinuxErrno Fill(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            for (var at = 0; at < content.Length; )
            {
                var written = Libc.Folders.pwrite(file, bytes + at, (nuint)(content.Length - at), at);
                if (written <= 0)
                {
                    // A regular file takes at least a byte, or says why not.
                    return written < 0 ? LinuxErrno.Last : new(LinuxErrno.EIO);
                }

                at += (int)written;
            }
        }

        return default;
    }

    private static string Says() => $"the kernel says {LinuxErrno.Last}.";
}
