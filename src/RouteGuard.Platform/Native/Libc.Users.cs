using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>Who this process is: getuid(2), geteuid(2), getgid(2), getegid(2), umask(2), getauxval(3),
/// issetugid(2).</content>
internal static partial class Libc
{
    internal static partial class Users
    {
        [LibraryImport("libc")]
        public static partial uint getuid();

        [LibraryImport("libc")]
        public static partial uint geteuid();

        [LibraryImport("libc")]
        public static partial uint getgid();

        [LibraryImport("libc")]
        public static partial uint getegid();

        [LibraryImport("libc")]
        public static partial uint umask(uint mask);

        /// <summary>linux/auxvec.h.</summary>
        public const nuint AT_SECURE = 23;

        /// <summary>Linux alone.</summary>
        [LibraryImport("libc")]
        public static partial nuint getauxval(nuint type);

        /// <summary>macOS alone.</summary>
        [LibraryImport("libc")]
        public static partial int issetugid();
    }
}
