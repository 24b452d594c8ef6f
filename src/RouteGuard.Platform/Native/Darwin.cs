using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <summary>Calls into Apple's libraries, one file per topic. Names, numbers and layouts are those of the
/// headers.</summary>
/// <remarks>
/// No function with variable arguments is called with any: on arm64 Apple passes those on the stack, where a
/// declaration with fixed arguments does not put them, and the callee reads whatever lies there. So there is no fcntl
/// here, no syslog, no open with a mode, and ioctl has two parameters.
/// </remarks>
[SupportedOSPlatform("macos")]
internal static partial class Darwin
{
    /// <summary>By its full path. It lies in the shared cache of dyld alone; no such file is on disk.</summary>
    private const string LibSystem = "/usr/lib/libSystem.B.dylib";

    /// <summary>Closes a descriptor when this program becomes another one. Takes no argument, unlike every other
    /// request.</summary>
    public const nuint FIOCLEX = 0x20006601;

    /// <summary>Sets close-on-exec: there is no flag of socket(2) for it.</summary>
    /// <returns>0, or -1 with errno.</returns>
    public static int CloseOnExec(SafeFileHandle descriptor) => ioctl(descriptor, FIOCLEX);

    /// <summary>Takes over a descriptor; -1 becomes an invalid handle.</summary>
    /// <remarks>The upper half of the register that holds a C int is nobody's; see the same in
    /// <see cref="Libc"/>.</remarks>
    private static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: true);

    [LibraryImport(LibSystem, SetLastError = true)]
    private static partial int ioctl(SafeFileHandle descriptor, nuint request);
}
