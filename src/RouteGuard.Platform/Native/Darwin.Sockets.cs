using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Sockets and the names of interfaces: socket(2), recv(2), if_nametoindex(3).</content>
internal static partial class Darwin
{
    internal static unsafe partial class Sockets
    {
        public const int PF_ROUTE = 17;
        public const int SOCK_RAW = 3;

        public const int SOL_SOCKET = 0xffff;
        public const int SO_USELOOPBACK = 0x40;
        public const int SO_RCVBUF = 0x1002;
        public const int SO_NOSIGPIPE = 0x1022;

        public const int MSG_DONTWAIT = 0x80;

        public static SafeFileHandle socket(int family, int type, int protocol) => Own(socket_(family, type, protocol));

        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial int setsockopt(SafeFileHandle socket, int level, int name, void* value, uint valueBytes);

        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial nint recv(SafeFileHandle socket, byte* into, nuint lengthBytes, int flags);

        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial nint read(SafeFileHandle descriptor, byte* into, nuint lengthBytes);

        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial nint write(SafeFileHandle descriptor, byte* bytes, nuint lengthBytes);

        [LibraryImport(LibSystem, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial uint if_nametoindex(string name);

        [LibraryImport(LibSystem, EntryPoint = "socket", SetLastError = true)]
        private static partial int socket_(int family, int type, int protocol);
    }
}
