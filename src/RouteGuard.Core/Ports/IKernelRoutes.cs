using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Ports;

/// <summary>The kernel's routing table: read it whole, change single entries.</summary>
/// <remarks>Used by one thread at a time. All calls block, and each has a bound of its own.</remarks>
public interface IKernelRoutes : IDisposable
{
    /// <summary>True where IPv6 routes that differ only in their next hop stand side by side (Linux).</summary>
    bool HasSiblings { get; }

    /// <summary>Reads routes, rules, interfaces and next-hop objects. This is the truth; an event is a hint.</summary>
    /// <returns>A table no older than the call. A dump that the kernel marks as interrupted is read again.</returns>
    /// <exception cref="KernelRoutesException">The kernel refused, or kept changing for too long.</exception>
    RouteTable Read();

    /// <summary>Asks which interface a packet to this address would leave by.</summary>
    /// <returns>Null when it would not leave.</returns>
    /// <exception cref="KernelRoutesException">The kernel could not be asked.</exception>
    InterfaceIndex? WayTo(IpAddress destination);

    /// <summary>Encodes steps ahead of need, so that nothing but the system call remains to be done.</summary>
    IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps);

    /// <summary>Sends steps in order and gathers the kernel's answers. Doing it twice is harmless.</summary>
    /// <returns>An outcome for each step; a refused step does not stop the next.</returns>
    /// <exception cref="KernelRoutesException">The kernel could not be asked at all.</exception>
    IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps);
}

/// <summary>Steps in the form that the kernel takes.</summary>
public interface IPreparedSteps
{
    IReadOnlyList<PlanStep> Steps { get; }
}

/// <summary>The kernel refused or could not be asked.</summary>
public sealed class KernelRoutesException(
    string operation,
    int errno,
    string errnoName,
    string advice,
    string? kernelMessage = null
)
    : Exception(
        $"Cannot {operation}: the kernel says {errnoName} ({errno}){(kernelMessage is null ? "" : $": {kernelMessage}")}. {advice}".TrimEnd()
    )
{
    public string Operation { get; } = operation;

    public int Errno { get; } = errno;

    public string ErrnoName { get; } = errnoName;

    public string Advice { get; } = advice;
}
