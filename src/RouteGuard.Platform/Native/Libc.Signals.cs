using System.Runtime.InteropServices;

namespace RouteGuard.Platform.Native;

/// <content>Signals and becoming another program: kill(2), signal(2), execvp(3), sigprocmask(2).</content>
internal static partial class Libc
{
    internal static partial class Signals
    {
        public const int SIGPIPE = 13;

        public static int SIGSTOP => OperatingSystem.IsMacOS() ? 17 : 19;

        public static int SIGCONT => OperatingSystem.IsMacOS() ? 19 : 18;

        [LibraryImport("libc", SetLastError = true)]
        public static partial int kill(int pid, int signal);

        /// <summary>Sets a handler; zero is SIG_DFL.</summary>
        [LibraryImport("libc", SetLastError = true)]
        public static partial nint signal(int signal, nint handler);

        /// <summary>Returns only when it fails. The array ends with a null pointer.</summary>
        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int execvp(string file, string?[] arguments);
    }
}
