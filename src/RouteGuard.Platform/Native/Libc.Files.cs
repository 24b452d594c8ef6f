using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>What the base class library does not offer for files: no link followed, owners, locks, plain
/// rename.</content>
internal static partial class Libc
{
    internal static partial class Files
    {
        public const int LOCK_EX = 2;
        public const int LOCK_NB = 4;
        public const int S_IFMT = 0xf000;
        public const int S_IFDIR = 0x4000;
        public const int S_IFREG = 0x8000;
        public const int S_IFLNK = 0xa000;

        private const int O_RDWR = 2;
        private const int AT_FDCWD = -100;
        private const int AT_SYMLINK_NOFOLLOW = 0x100;
        private const int AT_EMPTY_PATH = 0x1000;
        private const uint STATX_BASIC_STATS = 0x7ff;

        private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

        // Linux: asm-generic/fcntl.h, but arch/arm64/include/uapi/asm/fcntl.h for O_NOFOLLOW. macOS: sys/fcntl.h.
        private static readonly int O_CLOEXEC = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        private static readonly int O_NONBLOCK = OperatingSystem.IsMacOS() ? 0x4 : 0x800;
        private static readonly int O_NOFOLLOW =
            OperatingSystem.IsMacOS() ? 0x100
            : IsArm ? 0x8000
            : 0x20000;

        // As O_NOFOLLOW.
        private static readonly int O_DIRECTORY =
            OperatingSystem.IsMacOS() ? 0x100000
            : IsArm ? 0x4000
            : 0x10000;

        /// <summary>Opens a folder in an open one, or by a path without links: never through a symbolic link.</summary>
        /// <param name="folder">Where to start; null for an absolute path.</param>
        /// <param name="name">One name, or an absolute path when no folder is given.</param>
        public static SafeFileHandle OpenFolder(SafeFileHandle? folder, string name)
        {
            var flags = O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY;
            return Own(folder is null ? open(name, flags) : openat(folder, name, flags));
        }

        /// <summary>Opens what is there: never through a symbolic link, never waiting for a pipe's other end.</summary>
        /// <param name="path">An absolute path.</param>
        /// <param name="canWrite">For reading and writing; a folder can be opened for reading only.</param>
        public static SafeFileHandle OpenExisting(string path, bool canWrite) =>
            Own(open(path, O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (canWrite ? O_RDWR : 0)));

        /// <summary>Kind and mode bits (st_mode) and owner of a path itself, not of what a link points to.</summary>
        /// <returns>False with errno set, when it cannot be told.</returns>
        public static bool TryStatus(string path, out int mode, out uint uid)
        {
            if (OperatingSystem.IsMacOS())
            {
                var isRead = (IsArm ? lstat(path, out var mac) : lstat64(path, out mac)) == 0;
                (mode, uid) = (mac.Mode, mac.Uid);
                return isRead;
            }

            var isKnown = statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, out var linux) == 0;
            (mode, uid) = (linux.Mode, linux.Uid);
            return isKnown;
        }

        /// <summary>Kind and mode bits (st_mode) and owner of what is open.</summary>
        /// <returns>False with errno set, when it cannot be told.</returns>
        public static bool TryStatus(SafeFileHandle handle, out int mode, out uint uid)
        {
            if (OperatingSystem.IsMacOS())
            {
                var isRead = (IsArm ? fstat(handle, out var mac) : fstat64(handle, out mac)) == 0;
                (mode, uid) = (mac.Mode, mac.Uid);
                return isRead;
            }

            var isKnown = statx(handle, string.Empty, AT_EMPTY_PATH, STATX_BASIC_STATS, out var linux) == 0;
            (mode, uid) = (linux.Mode, linux.Uid);
            return isKnown;
        }

        [LibraryImport("libc", SetLastError = true)]
        public static partial uint geteuid();

        [LibraryImport("libc", SetLastError = true)]
        public static partial int flock(SafeFileHandle handle, int operation);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int fchmod(SafeFileHandle handle, uint mode);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int chmod(string path, uint mode);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int mkdir(string path, uint mode);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int rename(string from, string to);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int mkdirat(SafeFileHandle folder, string name, uint mode);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static unsafe partial nint readlinkat(
            SafeFileHandle folder,
            string name,
            byte* target,
            nuint targetLength
        );

        // Without O_CREAT there is no variadic third argument, which Apple's arm64 convention passes elsewhere.
        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int open(string path, int flags);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int openat(SafeFileHandle folder, string name, int flags);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int statx(SafeFileHandle file, string path, int flags, uint mask, out Statx status);

        [LibraryImport("libc", SetLastError = true)]
        private static partial int fstat(SafeFileHandle file, out MacStat status);

        [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
        private static partial int fstat64(SafeFileHandle file, out MacStat status);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int statx(int folder, string path, int flags, uint mask, out Statx status);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int lstat(string path, out MacStat status);

        [LibraryImport(
            "libc",
            EntryPoint = "lstat$INODE64",
            SetLastError = true,
            StringMarshalling = StringMarshalling.Utf8
        )]
        private static partial int lstat64(string path, out MacStat status);

        /// <summary>linux/stat.h <c>struct statx</c>: 256 bytes, the same on every architecture.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct Statx
        {
            [FieldOffset(20)]
            public uint Uid;

            [FieldOffset(28)]
            public ushort Mode;
        }

        /// <summary>xnu bsd/sys/stat.h <c>struct stat</c> with 64-bit inodes: 144 bytes.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 144)]
        internal struct MacStat
        {
            [FieldOffset(4)]
            public ushort Mode;

            [FieldOffset(16)]
            public uint Uid;
        }
    }
}
