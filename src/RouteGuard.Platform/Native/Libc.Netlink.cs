using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Raw netlink sockets: netlink(7), socket(7).</content>
internal static partial class Libc
{
    [SupportedOSPlatform("linux")]
    internal static unsafe partial class Netlink
    {
        public const int AF_NETLINK = 16;
        public const int SOCK_RAW = 3;
        public const int SOCK_CLOEXEC = 0x80000;
        public const int NETLINK_ROUTE = 0;

        public const int SOL_SOCKET = 1;
        public const int SO_RCVBUF = 8;
        public const int SO_RCVTIMEO = 20;
        public const int SO_RCVBUFFORCE = 33;

        public const int SOL_NETLINK = 270;
        public const int NETLINK_ADD_MEMBERSHIP = 1;
        public const int NETLINK_EXT_ACK = 11;
        public const int NETLINK_GET_STRICT_CHK = 12;

        public const int MSG_TRUNC = 0x20;
        public const int MSG_DONTWAIT = 0x40;

        public static SafeFileHandle socket(int family, int type, int protocol) => Own(socket_(family, type, protocol));

        [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
        private static partial int socket_(int family, int type, int protocol);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int bind(SafeFileHandle socket, in SocketAddress address, int addressBytes);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int setsockopt(SafeFileHandle socket, int level, int name, void* value, uint valueBytes);

        [LibraryImport("libc", SetLastError = true)]
        public static partial int getsockopt(
            SafeFileHandle socket,
            int level,
            int name,
            void* value,
            ref uint valueBytes
        );

        [LibraryImport("libc", SetLastError = true)]
        public static partial nint send(SafeFileHandle socket, byte* bytes, nuint lengthBytes, int flags);

        [LibraryImport("libc", SetLastError = true)]
        public static partial nint recvfrom(
            SafeFileHandle socket,
            byte* into,
            nuint lengthBytes,
            int flags,
            SocketAddress* sender,
            int* senderBytes
        );

        /// <summary><c>struct sockaddr_nl</c>, 12 bytes (linux/netlink.h).</summary>
        /// <param name="Family">AF_NETLINK.</param>
        /// <param name="Padding">Zero.</param>
        /// <param name="PortId">nl_pid; 0 is the kernel.</param>
        /// <param name="Groups">nl_groups.</param>
        [StructLayout(LayoutKind.Sequential)]
        internal readonly record struct SocketAddress(ushort Family, ushort Padding, uint PortId, uint Groups);

        /// <summary><c>struct timeval</c> of a 64-bit machine, 16 bytes.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal readonly record struct TimeValue(long Seconds, long Microseconds);
    }
}
