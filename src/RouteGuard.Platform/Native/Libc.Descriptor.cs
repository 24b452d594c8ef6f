using Microsoft.Win32.SafeHandles;

namespace RouteGuard.Platform.Native;

/// <content>How a descriptor leaves this room.</content>
internal static partial class Libc
{
    /// <summary>Takes over a descriptor; -1 becomes an invalid handle.</summary>
    /// <remarks>
    /// Calls return a C int, and the upper half of the register is nobody's: a SafeHandle as the declared return type
    /// would
    /// read all of it and could take -1 for a good descriptor.
    /// </remarks>
    private static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: true);
}
