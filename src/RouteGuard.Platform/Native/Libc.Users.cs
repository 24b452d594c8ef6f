using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>Who this process is: getuid(2), geteuid(2), umask(2).</content>
internal static partial class Libc
{
    internal static partial class Users
    {
        [LibraryImport("libc")]
        public static partial uint getuid();

        [LibraryImport("libc")]
        public static partial uint geteuid();

        [LibraryImport("libc")]
        public static partial uint umask(uint mask);
    }
}
