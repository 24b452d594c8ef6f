using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Sets interfaces up as a VPN or an administrator would: for the demo and the lab, never for
/// guarding.</summary>
/// <remarks>Every call throws <see cref="KernelRoutesException"/> when the kernel refuses.</remarks>
[SupportedOSPlatform("linux")]
public sealed class LinuxLinkSetup : IDisposable
{
    private readonly NetlinkConversation _kernel = new();
    private readonly NetlinkWriter _request = new();

    /// <summary>The interface of this name in the network namespace of the calling thread, or none.</summary>
    public static InterfaceIndex Find(string name) => new((int)Libc.Tun.if_nametoindex(name));

    /// <summary><c>ip link set DEV up</c>, or down.</summary>
    public void SetUp(InterfaceIndex device, bool isUp = true) =>
        Send((writer, sequence) => LinkCodec.AppendSetUp(writer, device, isUp, sequence));

    /// <summary><c>ip addr add ADDRESS dev DEV</c>; an IPv6 address is usable at once (<c>nodad</c>).</summary>
    public void AddAddress(InterfaceIndex device, InterfaceAddress address) =>
        Send((writer, sequence) => AddressCodec.AppendNewAddress(writer, device, address, sequence));

    /// <summary><c>ip link del DEV</c></summary>
    public void Delete(InterfaceIndex device) =>
        Send((writer, sequence) => LinkCodec.AppendDelete(writer, device, sequence));

    public void Dispose() => _kernel.Dispose();

    private void Send(Action<NetlinkWriter, uint> append)
    {
        var sequence = _kernel.TakeSequences(1);
        _request.Clear();
        append(_request, sequence);
        var ack = default(Ack);
        _kernel.Ask(
            KernelRefusal.SetUpLink,
            _request.Written,
            sequence,
            1,
            (in NetlinkMessage message) =>
            {
                ack = _kernel.AckOf(KernelRefusal.SetUpLink, message);
                return true;
            }
        );
        if (!ack.IsDone)
        {
            throw KernelRefusal.Of(KernelRefusal.SetUpLink, new(ack.Errno), ack.Message);
        }
    }
}
