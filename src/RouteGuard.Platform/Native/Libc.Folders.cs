using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Files by their folder, with owner and mode, and never through a symbolic link: openat(2), statx(2),
/// renameat(2).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static partial class Folders
    {
        public const int O_RDONLY = 0;
        public const int O_WRONLY = 1;
        public const int O_CREAT = 0x40;
        public const int O_EXCL = 0x80;
        public const int O_NONBLOCK = 0x800;
        public const int O_CLOEXEC = 0x80000;

        public const int AT_FDCWD = -100;
        public const int AT_EMPTY_PATH = 0x1000;
        public const int AT_SYMLINK_NOFOLLOW = 0x100;
        public const uint STATX_BASIC_STATS = 0x7ff;

        public const ushort S_IFMT = 0xf000;
        public const ushort S_IFREG = 0x8000;

        private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

        // asm-generic/fcntl.h, but arch/arm64/include/uapi/asm/fcntl.h.
        public static int O_DIRECTORY => IsArm ? 0x4000 : 0x10000;

        public static int O_NOFOLLOW => IsArm ? 0x8000 : 0x20000;

        public static SafeFileHandle open(string path, int flags) => Own(open_(path, flags));

        public static SafeFileHandle openat(SafeFileHandle folder, string name, int flags, uint mode = 0) =>
            Own(openat_(folder, name, flags, mode));

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int renameat(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int unlinkat(SafeFileHandle folder, string name, int flags);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int fchmod(SafeFileHandle file, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int fchown(SafeFileHandle file, uint uid, uint gid);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int fsync(SafeFileHandle file);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int ftruncate(SafeFileHandle file, long lengthBytes);

        [LibraryImport("libc", SetLastError = true)]
        public static unsafe partial nint pwrite(SafeFileHandle file, byte* bytes, nuint lengthBytes, long offsetBytes);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int statx(int folder, string path, int flags, uint mask, out FileStatus status);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int statx(SafeFileHandle file, string path, int flags, uint mask, out FileStatus status);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int open_(string path, int flags);

        [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int openat_(SafeFileHandle folder, string name, int flags, uint mode);

        /// <summary><c>struct statx</c>, 256 bytes, the same on every architecture (linux/stat.h).</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct FileStatus
        {
            [FieldOffset(20)]
            public uint Uid;

            [FieldOffset(24)]
            public uint Gid;

            [FieldOffset(28)]
            public ushort Mode;
        }
    }
}
