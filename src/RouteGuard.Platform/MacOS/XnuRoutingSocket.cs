using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.MacOS;

/// <summary>A routing socket of the real kernel: route(4), bsd/net/rtsock.c.</summary>
/// <remarks>The right to change routes belongs to the socket and is decided when it is made.</remarks>
[SupportedOSPlatform("macos")]
internal sealed unsafe class XnuRoutingSocket : IRoutingSocket
{
    /// <exception cref="Core.Ports.KernelRoutesException">No socket can be had.</exception>
    public XnuRoutingSocket()
    {
        Handle = Darwin.Sockets.socket(Darwin.Sockets.PF_ROUTE, Darwin.Sockets.SOCK_RAW, 0);
        if (Handle.IsInvalid)
        {
            throw DarwinRefusal.Of(DarwinRefusal.OpenSocket, Marshal.GetLastPInvokeError());
        }

        if (Darwin.CloseOnExec(Handle) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            Handle.Dispose();
            throw DarwinRefusal.Of(DarwinRefusal.OpenSocket, errno);
        }

        // A socket that cannot be told so would only end the program by SIGPIPE, which the runtime ignores anyway.
        Set(Darwin.Sockets.SO_NOSIGPIPE, 1);
    }

    /// <summary>For <see cref="XnuQueue"/>.</summary>
    public SafeFileHandle Handle { get; }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> request)
    {
        fixed (byte* bytes = request)
        {
            int errno;
            var interrupts = 0;
            nint written;
            do
            {
                written = Darwin.Sockets.write(Handle, bytes, (nuint)request.Length);
            } while (XnuCalls.IsInterrupted(written, ref interrupts, out errno));

            return errno;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(Span<byte> into, out int lengthBytes)
    {
        fixed (byte* room = into)
        {
            var interrupts = 0;
            nint read;
            do
            {
                read = Darwin.Sockets.recv(Handle, room, (nuint)into.Length, Darwin.Sockets.MSG_DONTWAIT);
            } while (XnuCalls.IsInterrupted(read, ref interrupts, out _));

            // EAGAIN, mostly. Another errno is told once and then forgotten by the socket (so_error).
            lengthBytes = (int)nint.Max(read, 0);
            return read > 0;
        }
    }

    /// <inheritdoc/>
    public int SetReceiveBuffer(int bytes) => Set(Darwin.Sockets.SO_RCVBUF, bytes);

    /// <inheritdoc/>
    public void SetUseLoopback(bool isOn)
    {
        var errno = Set(Darwin.Sockets.SO_USELOOPBACK, isOn ? 1 : 0);
        if (errno != DarwinErrno.None)
        {
            throw DarwinRefusal.Of("set up a routing socket", errno);
        }
    }

    public void Dispose() => Handle.Dispose();

    private int Set(int option, int value) =>
        Darwin.Sockets.setsockopt(Handle, Darwin.Sockets.SOL_SOCKET, option, &value, sizeof(int)) == 0
            ? DarwinErrno.None
            : Marshal.GetLastPInvokeError();
}
