using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Waiting for many descriptors at once: epoll(7), eventfd(2).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static unsafe partial class Epoll
    {
        public const int EPOLL_CLOEXEC = 0x80000;
        public const int EPOLL_CTL_ADD = 1;
        public const int EPOLL_CTL_DEL = 2;
        public const uint EPOLLIN = 1;
        public const int EFD_CLOEXEC = 0x80000;
        public const int EFD_NONBLOCK = 0x800;

        public static SafeFileHandle epoll_create1(int flags) => Own(epoll_create1_(flags));

        public static SafeFileHandle eventfd(uint initial, int flags) => Own(eventfd_(initial, flags));

        [LibraryImport("libc", SetLastError = true)]
        public static partial int epoll_ctl(SafeFileHandle epoll, int operation, SafeFileHandle descriptor, byte* what);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int epoll_wait(SafeFileHandle epoll, byte* into, int eventsMax, int timeoutMilliseconds);

        [LibraryImport("libc", SetLastError = true)]
        public static partial nint read(SafeFileHandle descriptor, void* into, nuint lengthBytes);

        [LibraryImport("libc", SetLastError = true)]
        public static partial nint write(SafeFileHandle descriptor, void* bytes, nuint lengthBytes);

        [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
        private static partial int epoll_create1_(int flags);

        [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
        private static partial int eventfd_(uint initial, int flags);

        /// <summary>An array of <c>struct epoll_event</c>: a 32-bit mask and 64 bits of our own.</summary>
        /// <remarks>Packed to 12 bytes on x86-64 and nowhere else (include/uapi/linux/eventpoll.h:
        /// EPOLL_PACKED).</remarks>
        internal sealed class Events(int count)
        {
            private static readonly int TokenAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

            private readonly byte[] _bytes = GC.AllocateArray<byte>(count * StrideBytes, pinned: true);

            public static int StrideBytes => TokenAt + sizeof(ulong);

            public int Count => count;

            /// <summary>Pinned for good.</summary>
            public byte* Address => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);

            public ulong TokenOf(int at) => MemoryMarshal.Read<ulong>(_bytes.AsSpan((at * StrideBytes) + TokenAt));

            public void Set(int at, uint mask, ulong token)
            {
                MemoryMarshal.Write(_bytes.AsSpan(at * StrideBytes), mask);
                MemoryMarshal.Write(_bytes.AsSpan((at * StrideBytes) + TokenAt), token);
            }
        }
    }
}
