using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>What the kernel knows of a process: libproc.h.</content>
internal static partial class Darwin
{
    internal static unsafe partial class Processes
    {
        public const int PROC_PIDTBSDINFO = 3;

        /// <summary>PROC_PIDPATHINFO_MAXSIZE: 4 * MAXPATHLEN.</summary>
        public const int PathBytesMax = 4096;

        /// <summary>pbi_status of a process that a signal has stopped (sys/proc.h SSTOP).</summary>
        public const uint Stopped = 4;

        /// <returns>The bytes that were filled in; 0 with errno when it is refused.</returns>
        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial int proc_pidinfo(int pid, int flavor, ulong argument, void* into, int lengthBytes);

        /// <returns>The length of the path; 0 with errno when it is refused.</returns>
        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial int proc_pidpath(int pid, void* into, uint lengthBytes);

        /// <summary><c>struct proc_bsdinfo</c>, 136 bytes (sys/proc_info.h).</summary>
        [StructLayout(LayoutKind.Explicit, Size = 136)]
        internal struct BsdInformation
        {
            [FieldOffset(4)]
            public uint Status;

            [FieldOffset(12)]
            public uint Pid;

            /// <summary>The effective user.</summary>
            [FieldOffset(20)]
            public uint Uid;

            [FieldOffset(120)]
            public ulong StartSeconds;

            [FieldOffset(128)]
            public ulong StartMicroseconds;
        }
    }
}
