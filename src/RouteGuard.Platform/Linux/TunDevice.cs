using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Native;

namespace RouteGuard.Platform.Linux;

/// <summary>An interface that lives as long as this object: what a VPN's tunnel is made of.</summary>
/// <remarks>Source: Documentation/networking/tuntap.rst; drivers/net/tun.c:tun_set_iff.</remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class TunDevice : IDisposable
{
    private readonly SafeFileHandle _device;

    private TunDevice(SafeFileHandle device, string name, InterfaceIndex index)
    {
        _device = device;
        Name = name;
        Index = index;
    }

    public string Name { get; }

    public InterfaceIndex Index { get; }

    /// <summary>Makes an interface in the network namespace of the calling thread, or takes over a persistent
    /// one.</summary>
    /// <param name="name">At most 15 bytes; <c>%d</c> lets the kernel choose a number.</param>
    /// <param name="isTap">Ethernet frames (tap) instead of packets (tun).</param>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public static TunDevice Open(string name, bool isTap = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
            Encoding.UTF8.GetByteCount(name),
            Libc.Tun.NameBytes,
            nameof(name)
        );
        var device = Libc.Tun.open("/dev/net/tun", Libc.Tun.O_RDWR | Libc.Tun.O_CLOEXEC);
        Span<byte> request = stackalloc byte[Libc.Tun.RequestBytes];
        request.Clear();
        Encoding.UTF8.GetBytes(name, request);
        var flags = (short)((isTap ? Libc.Tun.IFF_TAP : Libc.Tun.IFF_TUN) | Libc.Tun.IFF_NO_PI);
        MemoryMarshal.Write(request[Libc.Tun.NameBytes..], flags);
        fixed (byte* argument = request)
        {
            if (device.IsInvalid || Libc.Tun.ioctl(device, Libc.Tun.TUNSETIFF, argument) != 0)
            {
                var errno = LinuxErrno.Last;
                device.Dispose();
                throw KernelRefusal.Of($"make the interface {name}", errno);
            }
        }

        var named = request[..Libc.Tun.NameBytes];
        var given = Encoding.UTF8.GetString(named[..named.IndexOf((byte)0)]);
        return new(device, given, new((int)Libc.Tun.if_nametoindex(given)));
    }

    /// <summary>Says whether the interface outlives this object: then it stays, without a carrier.</summary>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public void SetPersistent(bool isPersistent)
    {
        if (Libc.Tun.ioctl(_device, Libc.Tun.TUNSETPERSIST, (void*)(isPersistent ? 1 : 0)) != 0)
        {
            throw KernelRefusal.Of($"make the interface {Name} persistent", LinuxErrno.Last);
        }
    }

    public void Dispose() => _device.Dispose();
}
