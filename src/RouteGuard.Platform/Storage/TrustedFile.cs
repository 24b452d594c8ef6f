using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Storage;

/// <summary>What came of reading a file that gives orders.</summary>
public abstract record TrustedReading
{
    private TrustedReading() { }

    /// <summary>There is no such file.</summary>
    public sealed record Missing : TrustedReading;

    /// <summary>It is there, and is not to be believed or cannot be read.</summary>
    /// <param name="Problem">Completes "Cannot use FILE: …", with what to do.</param>
    public sealed record Refused(string Problem) : TrustedReading;

    /// <summary>All of it.</summary>
    public sealed record Content(byte[] Bytes) : TrustedReading;
}

/// <summary>Reads a small plain file that only root or this user can have written.</summary>
/// <remarks>All is asked of the open descriptor, so that what was checked is what is read. The last name of the path is
/// never followed when it is a link.</remarks>
public static class TrustedFile
{
    private const int OthersMayWrite = 0x12; // 0022
    private const int ENOENT = 2;

    private static readonly int ELOOP = OperatingSystem.IsMacOS() ? 62 : 40;

    /// <param name="path">An absolute path.</param>
    /// <param name="bytesMax">A longer file is refused.</param>
    public static TrustedReading Read(string path, int bytesMax)
    {
        using var file = Libc.Files.OpenExisting(path, canWrite: false);
        if (file.IsInvalid)
        {
            var errno = Marshal.GetLastPInvokeError();
            return errno == ENOENT
                ? new TrustedReading.Missing()
                : new TrustedReading.Refused(
                    errno == ELOOP ? "it is a symbolic link. Name the file itself." : Said(errno)
                );
        }

        if (!Libc.Files.TryStatus(file, out var mode, out var uid))
        {
            return new TrustedReading.Refused(Said(Marshal.GetLastPInvokeError()));
        }

        if ((mode & Libc.Files.S_IFMT) != Libc.Files.S_IFREG)
        {
            return new TrustedReading.Refused("it is not a plain file. Name one.");
        }

        var own = Libc.Files.geteuid();
        if (uid != 0 && uid != own)
        {
            return new TrustedReading.Refused(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it belongs to uid {uid}, not to root or uid {own}. Run chown on it."
                )
            );
        }

        return (mode & OthersMayWrite) != 0
            ? new TrustedReading.Refused(
                $"others may write to it (mode 0{Convert.ToString(mode & 0xfff, 8)}). Look at what is in it, then run chmod go-w on it."
            )
            : ReadAll(file, bytesMax);
    }

    private static TrustedReading ReadAll(SafeFileHandle file, int bytesMax)
    {
        var bytes = new byte[bytesMax + 1];
        var length = 0;
        try
        {
            // Each turn takes at least one byte or is the last.
            while (length < bytes.Length)
            {
                var read = RandomAccess.Read(file, bytes.AsSpan(length), length);
                if (read == 0)
                {
                    return new TrustedReading.Content(bytes[..length]);
                }

                length += read;
            }
        }
        catch (IOException failed)
        {
            return new TrustedReading.Refused($"{failed.Message.TrimEnd('.')}. Look at the disk.");
        }

        return new TrustedReading.Refused($"it is longer than {bytesMax} bytes. Shorten it.");
    }

    private static string Said(int errno) =>
        $"{Marshal.GetPInvokeErrorMessage(errno)} ({errno}). Make it readable for the user that RouteGuard runs as.";
}
