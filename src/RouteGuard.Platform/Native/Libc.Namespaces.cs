using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RouteGuard.Platform.Native;

/// <content>A network, or mounts, of the calling thread's own: unshare(2).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static partial class Namespaces
    {
        public const int CLONE_NEWNS = 0x20000;
        public const int CLONE_NEWNET = 0x40000000;

        [LibraryImport("libc", SetLastError = true)]
        public static partial int unshare(int flags);
    }
}
