using System.Runtime.InteropServices;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Storage;

/// <summary>Turns what the disk said into one sentence for people.</summary>
internal static class StorageRefusal
{
    private const int ErrnoMax = 4095;

    /// <summary>The exceptions by which the base class library says that the disk refused.</summary>
    public static bool IsOfDisk(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>Cannot do this: the fact. What to do.</summary>
    /// <param name="attempt">Completes "Cannot …".</param>
    /// <param name="error">What the disk said.</param>
    public static StateStoreException Of(string attempt, Exception error)
    {
        var (fact, advice) = Explain(error);
        return new($"Cannot {attempt}: {fact} in the state directory. {advice}; routes are still guarded.", error);
    }

    /// <summary>What the disk said, and what to do about it; both without a full stop.</summary>
    /// <remarks>
    /// The base class library keeps errno in HResult, for EACCES and EPERM that of the inner exception
    /// (dotnet/runtime Interop.IOErrors.cs). EDQUOT and ELOOP have other numbers on macOS.
    /// </remarks>
    public static (string Fact, string Advice) Explain(Exception error)
    {
        const string lookAtDisk = "Look at the disk (dmesg)";
        var errno = (error.InnerException ?? error).HResult;
        var said = Marshal.GetPInvokeErrorMessage(errno);
        said = said.Length == 0 ? said : char.ToLowerInvariant(said[0]) + said[1..];
        return errno switch
        {
            28 => ("no space left on device (ENOSPC)", "Free some space"),
            122 or 69 => ("the disk quota is used up (EDQUOT)", "Free some space"),
            30 => ("the file system is read-only (EROFS)", "Mount it writable"),
            5 => ("input/output error (EIO)", lookAtDisk),
            1 or 13 => ($"{said} ({(errno == 1 ? "EPERM" : "EACCES")})", "Give it to the user that RouteGuard runs as"),
            23 or 24 => ($"{said} ({(errno == 23 ? "ENFILE" : "EMFILE")})", "Raise the limit of open files"),
            40 or 62 => ("there is a symbolic link (ELOOP)", "Remove the link"),
            > 0 and <= ErrnoMax => ($"{said} (errno {errno})", lookAtDisk),
            _ => (error.Message.TrimEnd('.'), lookAtDisk),
        };
    }
}
