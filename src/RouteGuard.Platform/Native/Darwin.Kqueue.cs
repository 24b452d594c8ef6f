using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>Waiting for many things at once: kqueue(2).</content>
internal static partial class Darwin
{
    internal static unsafe partial class Kqueue
    {
        public const short EVFILT_READ = -1;
        public const short EVFILT_PROC = -5;
        public const short EVFILT_USER = -10;

        public const ushort EV_ADD = 0x1;
        public const ushort EV_DELETE = 0x2;
        public const ushort EV_ONESHOT = 0x10;
        public const ushort EV_CLEAR = 0x20;
        public const ushort EV_RECEIPT = 0x40;
        public const ushort EV_ERROR = 0x4000;
        public const ushort EV_EOF = 0x8000;

        public const uint NOTE_EXIT = 0x80000000;
        public const uint NOTE_TRIGGER = 0x01000000;

        /// <summary>A child made by fork(2) does not inherit it.</summary>
        public static SafeFileHandle kqueue() => Own(kqueue_());

        [LibraryImport(LibSystem, SetLastError = true)]
        public static partial int kevent(
            SafeFileHandle queue,
            Record* changes,
            int changesCount,
            Record* events,
            int eventsMax,
            TimeSpec* timeout
        );

        [LibraryImport(LibSystem, EntryPoint = "kqueue", SetLastError = true)]
        private static partial int kqueue_();

        /// <summary><c>struct kevent</c>, 32 bytes (sys/event.h, under <c>#pragma pack(4)</c>).</summary>
        [StructLayout(LayoutKind.Sequential, Pack = 4)]
        internal record struct Record
        {
            /// <summary>ident: a descriptor, a process, or a number of our own.</summary>
            public nuint Subject;
            public short Filter;
            public ushort Flags;
            public uint FilterFlags;

            /// <summary>data: bytes to be read; or the errno, beside <see cref="EV_ERROR"/>.</summary>
            public nint Data;
            public nint UserData;
        }

        /// <summary><c>struct timespec</c> of a 64-bit program, 16 bytes.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal readonly record struct TimeSpec(long Seconds, long Nanoseconds);
    }
}
