using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin.Conformance;

/// <summary>A kernel that keeps which requests were written to it, and lets somebody else be faster.</summary>
internal sealed class RecordingKernel(IRoutingKernel inner) : IRoutingKernel
{
    /// <summary>rtm_type of each request, in order.</summary>
    public List<RoutingMessageType> Written { get; } = [];

    /// <summary>Runs once, just before the next RTM_DELETE reaches the kernel.</summary>
    public Action? BeforeDelete { get; set; }

    public IRoutingSocket OpenRoutingSocket() => new RecordingSocket(this, inner.OpenRoutingSocket());

    public int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes) =>
        inner.Sysctl(name, into, out lengthBytes);

    public int IndexOf(string interfaceName) => inner.IndexOf(interfaceName);

    private sealed class RecordingSocket(RecordingKernel kernel, IRoutingSocket inner) : IRoutingSocket
    {
        private const int TypeAt = 3;

        public int Write(ReadOnlySpan<byte> request)
        {
            var type = (RoutingMessageType)request[TypeAt];
            kernel.Written.Add(type);
            if (type == RoutingMessageType.Delete && kernel.BeforeDelete is { } faster)
            {
                kernel.BeforeDelete = null;
                faster();
            }

            return inner.Write(request);
        }

        public bool TryRead(Span<byte> into, out int lengthBytes) => inner.TryRead(into, out lengthBytes);

        public int SetReceiveBuffer(int bytes) => inner.SetReceiveBuffer(bytes);

        public void SetUseLoopback(bool isOn) => inner.SetUseLoopback(isOn);

        public void Dispose() => inner.Dispose();
    }
}
