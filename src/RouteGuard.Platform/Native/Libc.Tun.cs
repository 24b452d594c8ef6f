using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Interfaces made by a program: Documentation/networking/tuntap.rst; netdevice(7),
/// if_nametoindex(3).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static unsafe partial class Tun
    {
        public const int O_RDWR = 2;
        public const int O_CLOEXEC = 0x80000;
        public const nuint TUNSETIFF = 0x400454ca;
        public const nuint TUNSETPERSIST = 0x400454cb;
        public const short IFF_TUN = 0x1;
        public const short IFF_TAP = 0x2;
        public const short IFF_NO_PI = 0x1000;

        /// <summary>IFNAMSIZ: a name and its closing zero.</summary>
        public const int NameBytes = 16;

        /// <summary><c>struct ifreq</c> of a 64-bit machine: the name, then a union of 24 bytes.</summary>
        public const int RequestBytes = 40;

        public static SafeFileHandle open(string path, int flags) => Own(open_(path, flags));

        [LibraryImport("libc", SetLastError = true)]
        public static partial int ioctl(SafeFileHandle device, nuint request, void* argument);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial uint if_nametoindex(string name);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int open_(string path, int flags);
    }
}
