using System.Runtime.Versioning;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.MacOS;

/// <summary>The real kernel behind <see cref="IRoutingKernel"/>.</summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe class XnuKernel : IRoutingKernel
{
    /// <inheritdoc/>
    public IRoutingSocket OpenRoutingSocket() => new XnuRoutingSocket();

    /// <inheritdoc/>
    /// <remarks>
    /// After ENOMEM the kernel tells the bytes that it did copy (bsd/kern/kern_newsysctl.c:userland_sysctl), so the
    /// length is asked for once more.
    /// </remarks>
    public int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes)
    {
        fixed (int* numbers = name)
        fixed (byte* room = into)
        {
            var errno = Call(numbers, name.Length, room, into.Length, out lengthBytes);
            if (errno == DarwinErrno.NoMemory && into.Length > 0)
            {
                _ = Call(numbers, name.Length, null, 0, out lengthBytes);
            }

            return errno;
        }
    }

    /// <inheritdoc/>
    public int IndexOf(string interfaceName) => (int)Darwin.Sockets.if_nametoindex(interfaceName);

    private static int Call(int* name, int nameLength, byte* into, int roomBytes, out int lengthBytes)
    {
        nuint length;
        int errno;
        var interrupts = 0;
        int result;
        do
        {
            length = (nuint)roomBytes;
            result = Darwin.Sysctl.sysctl(name, (uint)nameLength, roomBytes == 0 ? null : into, &length, null, 0);
        } while (XnuCalls.IsInterrupted(result, ref interrupts, out errno));

        lengthBytes = (int)nuint.Min(length, int.MaxValue);
        return errno;
    }
}
