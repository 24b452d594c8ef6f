using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RouteGuard.TunVpn;

/// <summary>A tun interface: it lives as long as this handle is open, or longer when it is persistent.</summary>
/// <remarks>Source: Documentation/networking/tuntap.rst; include/uapi/linux/if_tun.h.</remarks>
internal sealed unsafe partial class TunDevice : IDisposable
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;
    private const uint TUNSETIFF = 0x400454ca;
    private const uint TUNSETPERSIST = 0x400454cb;
    private const ushort IFF_TUN = 0x0001;
    private const ushort IFF_NO_PI = 0x1000;

    /// <summary>IFNAMSIZ without the closing zero.</summary>
    private const int NameBytesMax = 15;

    /// <summary>Bytes of <c>struct ifreq</c> on 64-bit Linux.</summary>
    private const int RequestBytes = 40;

    private readonly SafeFileHandle _handle;

    private TunDevice(SafeFileHandle handle) => _handle = handle;

    /// <summary>Makes the interface, or takes over a persistent one of this name.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static TunDevice Open(string name)
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, NameBytesMax, nameof(name));
        var device = new TunDevice(Checked(open("/dev/net/tun", O_RDWR | O_CLOEXEC)));
        Span<byte> request = stackalloc byte[RequestBytes];
        bytes.CopyTo(request);
        MemoryMarshal.Write(request[(NameBytesMax + 1)..], (ushort)(IFF_TUN | IFF_NO_PI));
        fixed (byte* at = request)
        {
            device.Control(TUNSETIFF, (nint)at);
        }

        return device;
    }

    /// <summary>Says whether the interface outlives this process.</summary>
    public void SetPersistent(bool isPersistent) => Control(TUNSETPERSIST, isPersistent ? 1 : 0);

    public void Dispose() => _handle.Dispose();

    private void Control(uint request, nint argument)
    {
        if (ioctl(_handle, request, argument) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static SafeFileHandle Checked(int descriptor) =>
        descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle handle, nuint request, nint argument);
}
