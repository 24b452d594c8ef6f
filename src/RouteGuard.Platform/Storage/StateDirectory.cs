using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Storage;

/// <summary>The folder where everything is kept that survives a crash; held by one process at a time.</summary>
/// <remarks>
/// It belongs to the user that runs RouteGuard and nobody else may write to it, so nobody else can plant a link in it.
/// The lock is flock(2) on a file that stays: it goes with the process, however that ends.
/// </remarks>
public sealed class StateDirectory : IDisposable
{
    /// <summary>Nobody waits longer for another process than this, whatever they ask for.</summary>
    public static readonly TimeSpan LockWaitMax = TimeSpan.FromMinutes(1);

    internal const string Sessions = "sessions";
    internal const string Closed = "closed";
    internal const string SetAside = "set-aside";
    internal const string Journal = "journal";

    private const string LockFile = "lock";
    private const int PidLengthMax = 16;
    private const uint ParentMode = 0x1ed; // 0755
    private const int OthersMayWrite = 0x12; // 0022

    private static readonly int EWOULDBLOCK = OperatingSystem.IsMacOS() ? 35 : 11;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(20);

    private readonly SafeFileHandle _lock;

    private StateDirectory(PosixDisk disk, SafeFileHandle lockHandle)
    {
        Disk = disk;
        _lock = lockHandle;
    }

    internal IDisk Disk { get; }

    /// <summary>Opens the folder, making it (0700) and its parents (0755) if they are not there, and locks
    /// it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="lockWait">How long to wait for another process to let go: zero to
    /// <see cref="LockWaitMax"/>.</param>
    /// <exception cref="StateStoreException">It is not ours alone, another process holds it, or the disk
    /// refused.</exception>
    public static StateDirectory Open(string path, TimeSpan lockWait = default)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

        // A folder of ours in a folder of somebody else is ours only until he moves it.
        if (TrustedFolder.LookAtWay(root) is { } problem)
        {
            throw new StateStoreException($"Cannot use the state directory {root}: {problem}");
        }

        try
        {
            CreateRoot(root);
            using (var folder = OpenOurs(root))
            {
                PosixDisk.Check(Libc.Files.fchmod(folder, PosixDisk.FolderMode));
            }

            var disk = new PosixDisk(root);
            var held = TakeLock(disk, lockWait < LockWaitMax ? lockWait : LockWaitMax);
            try
            {
                CreateFolders(disk);
                return new(disk, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            var (fact, advice) = StorageRefusal.Explain(error);
            throw new StateStoreException($"Cannot use the state directory {root}: {fact}. {advice}.", error);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void CreateRoot(string root)
    {
        var missing = new Stack<string>();
        for (var at = root; at is not null && !Libc.Files.TryStatus(at, out _, out _); at = Path.GetDirectoryName(at))
        {
            missing.Push(at);
        }

        foreach (var folder in missing)
        {
            var mode = string.Equals(folder, root, StringComparison.Ordinal) ? PosixDisk.FolderMode : ParentMode;
            PosixDisk.Check(Libc.Files.mkdir(folder, mode));
            PosixDisk.Check(Libc.Files.chmod(folder, mode));
            new PosixDisk(folder).SyncFolder("..");
        }
    }

    internal static void RefuseUnlessOurs(string root) => OpenOurs(root).Dispose();

    // What is open is what was looked at: nothing can be put in its place in between.
    private static SafeFileHandle OpenOurs(string root)
    {
        var folder = Libc.Files.OpenFolder(null, root);
        var errno = folder.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        var isKnown = folder.IsInvalid
            ? Libc.Files.TryStatus(root, out var mode, out var uid)
            : Libc.Files.TryStatus(folder, out mode, out uid);
        errno = isKnown || errno != 0 ? errno : Marshal.GetLastPInvokeError();
        try
        {
            if (isKnown)
            {
                RefuseUnlessOurs(root, mode, uid);
            }

            return errno == 0 ? folder : throw PosixDisk.Refused(errno);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static void RefuseUnlessOurs(string root, int mode, uint uid)
    {
        var ours = Libc.Files.geteuid();
        var problem = (mode & Libc.Files.S_IFMT) switch
        {
            Libc.Files.S_IFLNK => "it is a symbolic link. Name the folder itself.",
            not Libc.Files.S_IFDIR => "it is not a folder. Name another one.",
            _ when uid != ours => $"it belongs to uid {uid}. Run as that user, or name a folder of uid {ours}.",
            _ when (mode & OthersMayWrite) != 0 =>
                $"others may write to it (mode 0{Convert.ToString(mode & 0xfff, 8)}). Look at what is in it, then chmod 700 it.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new StateStoreException(
                $"Cannot use the state directory {root}: {problem}",
                uid == ours ? null : new UnauthorizedAccessException(problem)
            );
        }
    }

    private static SafeFileHandle TakeLock(PosixDisk disk, TimeSpan wait)
    {
        if (!disk.List(string.Empty).Any(entry => string.Equals(entry.Name, LockFile, StringComparison.Ordinal)))
        {
            CreateLockFile(disk);
        }

        var handle = disk.OpenExisting(LockFile, canWrite: true, out var errno);
        if (errno != 0)
        {
            throw PosixDisk.Refused(errno);
        }

        for (
            var waited = TimeSpan.Zero;
            Libc.Files.flock(handle, Libc.Files.LOCK_EX | Libc.Files.LOCK_NB) != 0;
            waited += LockPoll
        )
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != EWOULDBLOCK || waited >= wait)
            {
                using var given = handle;
                throw error != EWOULDBLOCK
                    ? PosixDisk.Refused(error)
                    : new StateStoreException(
                        $"Cannot use the state directory {disk.Root}: {HolderOf(handle)} uses it. Stop that process, or ask it."
                    );
            }

            Thread.Sleep(LockPoll);
        }

        TryWritePid(handle);
        return handle;
    }

    // The number is a courtesy to whoever waits: a full disk must not keep anybody from restoring routes.
    private static void TryWritePid(SafeFileHandle handle)
    {
        try
        {
            var text = Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadRight(PidLengthMax - 1);
            RandomAccess.Write(handle, Encoding.ASCII.GetBytes(text + "\n"), 0);
        }
        catch (IOException)
        {
            return;
        }
    }

    private static void CreateLockFile(PosixDisk disk)
    {
        try
        {
            disk.Create(LockFile).Dispose();
        }
        catch (IOException) when (disk.Open(LockFile) is { } made)
        {
            // Another process was faster; the lock itself decides.
            made.Dispose();
        }
    }

    private static string HolderOf(SafeFileHandle handle)
    {
        Span<byte> text = stackalloc byte[PidLengthMax];
        text = text[..RandomAccess.Read(handle, text, 0)];
        return int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pid)
            ? $"process {pid}"
            : "another process";
    }

    private static void CreateFolders(PosixDisk disk)
    {
        var present = disk.List(string.Empty);
        foreach (var folder in (ReadOnlySpan<string>)[Sessions, Closed, SetAside, Journal])
        {
            var entry = present.FirstOrDefault(entry => string.Equals(entry.Name, folder, StringComparison.Ordinal));
            if (entry.Name is null)
            {
                disk.CreateFolder(folder);
            }
            else if (!entry.IsFolder)
            {
                throw new StateStoreException(
                    $"Cannot use the state directory {disk.Root}: {folder} in it is not a folder. Remove it."
                );
            }
        }

        disk.SyncFolder(string.Empty);
    }
}
