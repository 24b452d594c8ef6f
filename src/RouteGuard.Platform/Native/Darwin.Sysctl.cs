using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>What the kernel tells by name or number: sysctl(3).</content>
internal static partial class Darwin
{
    internal static unsafe partial class Sysctl
    {
        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial int sysctl(
            int* name,
            uint nameLength,
            void* old,
            nuint* oldBytes,
            void* @new,
            nuint newBytes
        );

        [LibraryImport(LibSystem, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int sysctlbyname(string name, void* old, nuint* oldBytes, void* @new, nuint newBytes);

        /// <summary><c>struct timeval</c> of a 64-bit program, 16 bytes (sys/_types/_timeval.h).</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal readonly record struct TimeValue(long Seconds, int Microseconds);
    }
}
