using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Processes that cannot be mistaken for later ones: pidfd_open(2), poll(2).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static partial class Processes
    {
        public const short POLLIN = 1;

        // The same number on every architecture that was ported after 2019, and on x86-64.
        private const long SYS_pidfd_open = 434;

        /// <summary>By number, since only newer C libraries have a function for it. It is close-on-exec by
        /// itself.</summary>
        public static SafeFileHandle pidfd_open(int pid) => Own((int)syscall(SYS_pidfd_open, pid, 0));

        [LibraryImport("libc", SetLastError = true)]
        public static partial int poll(ref PollDescriptor descriptor, nuint count, int timeoutMilliseconds);

        [LibraryImport("libc", SetLastError = true)]
        private static partial nint syscall(long number, long pid, long flags);

        /// <summary><c>struct pollfd</c>, 8 bytes.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal record struct PollDescriptor(int Descriptor, short Events, short Returned);
    }
}
