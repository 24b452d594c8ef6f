using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Storage;

/// <summary>The real disk below one folder.</summary>
internal sealed class PosixDisk(string root) : IDisk
{
    /// <summary>0700: rwx------</summary>
    public const uint FolderMode = 0x1c0;

    /// <summary>0600: rw-------</summary>
    private const uint FileMode = 0x180;
    private const int ENOENT = 2;

    public string Root => root;

    public IDiskFile Create(string path)
    {
        // CreateNew is O_EXCL, which never follows a link (open(2)). The umask has no say in the mode.
        const FileShare shareAny = FileShare.ReadWrite | FileShare.Delete;
        var handle = File.OpenHandle(Full(path), System.IO.FileMode.CreateNew, FileAccess.ReadWrite, shareAny);
        Check(Libc.Files.fchmod(handle, FileMode));
        return new PosixFile(handle);
    }

    public IDiskFile? Open(string path, bool canWrite = false)
    {
        var handle = OpenExisting(path, canWrite, out var errno);
        return errno switch
        {
            0 => new PosixFile(handle),
            ENOENT => null,
            _ => throw Refused(errno),
        };
    }

    public void CreateFolder(string path)
    {
        Check(Libc.Files.mkdir(Full(path), FolderMode));
        Check(Libc.Files.chmod(Full(path), FolderMode));
    }

    public void Rename(string from, string to) => Check(Libc.Files.rename(Full(from), Full(to)));

    public void DeleteFile(string path) => File.Delete(Full(path));

    public void DeleteFolder(string path) => Directory.Delete(Full(path));

    public void SyncFolder(string path)
    {
        using var handle = OpenExisting(path, canWrite: false, out var errno);
        if (errno != 0)
        {
            throw Refused(errno);
        }

        RandomAccess.FlushToDisk(handle);
    }

    public IReadOnlyList<DiskEntry> List(string path) =>
        [
            .. new DirectoryInfo(Full(path))
                .EnumerateFileSystemInfos()
                .Select(entry => new DiskEntry(
                    entry.Name,
                    (entry.Attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint))
                        == FileAttributes.Directory
                ))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal),
        ];

    /// <summary>Opens without following a link; the handle is invalid when there is an errno.</summary>
    public SafeFileHandle OpenExisting(string path, bool canWrite, out int errno)
    {
        var handle = Libc.Files.OpenExisting(Full(path), canWrite);
        errno = handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        return handle;
    }

    public static IOException Refused(int errno) => new(Marshal.GetPInvokeErrorMessage(errno), errno);

    public static void Check(int result)
    {
        if (result != 0)
        {
            throw Refused(Marshal.GetLastPInvokeError());
        }
    }

    private string Full(string path) => Path.Join(root, path);

    private sealed class PosixFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> into, long at)
        {
            var filled = 0;
            while (filled < into.Length)
            {
                var count = RandomAccess.Read(handle, into[filled..], at + filled);
                if (count == 0)
                {
                    break;
                }

                filled += count;
            }

            return filled;
        }

        public void Write(ReadOnlySpan<byte> bytes, long at) => RandomAccess.Write(handle, bytes, at);

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        // fsync(2); F_FULLFSYNC on macOS (dotnet/runtime pal_io.c SystemNative_FSync).
        public void Sync() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
