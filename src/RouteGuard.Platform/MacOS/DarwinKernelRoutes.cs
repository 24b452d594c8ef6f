using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>The routing table of XNU: read by sysctl(3), changed by a routing socket, route(4).</summary>
public sealed class DarwinKernelRoutes : IKernelRoutes
{
    private readonly IRoutingSocket _socket;
    private readonly DarwinTableReader _reader;
    private readonly DarwinStepSender _sender;

    /// <exception cref="KernelRoutesException">No socket can be had.</exception>
    internal DarwinKernelRoutes(IRoutingKernel kernel, int processId)
    {
        _socket = kernel.OpenRoutingSocket();
        _reader = new(kernel);
        _sender = new(_socket, _reader, processId);
    }

    /// <exception cref="KernelRoutesException">No socket can be had.</exception>
    [System.Runtime.Versioning.SupportedOSPlatform("macos")]
    public static DarwinKernelRoutes Open() => new(new XnuKernel(), Environment.ProcessId);

    /// <inheritdoc/>
    public bool HasSiblings => false;

    /// <inheritdoc/>
    public RouteTable Read() => _reader.Read();

    /// <inheritdoc/>
    public InterfaceIndex? WayTo(IpAddress destination) => LookUp(destination)?.NextHop.Device;

    /// <inheritdoc/>
    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => DarwinSteps.Encode(steps);

    /// <inheritdoc/>
    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps) => _sender.Send((DarwinSteps)steps);

    /// <summary>Asks which entry a packet to this address would take (RTM_GET).</summary>
    /// <returns>The entry's destination and next hop; null when nothing leads there (ESRCH).</returns>
    public Route? LookUp(IpAddress destination) => _sender.LookUp(destination);

    public void Dispose() => _socket.Dispose();
}
