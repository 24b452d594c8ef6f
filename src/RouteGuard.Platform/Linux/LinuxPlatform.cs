using System.Runtime.Versioning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Linux;

/// <summary>All ports of a Linux machine, in the network namespace of the thread that opened them.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxPlatform : IDisposable
{
    private LinuxPlatform(LinuxKernelEvents events, LinuxKernelRoutes kernel, string resolvConfPath)
    {
        Events = events;
        Kernel = kernel;
        Dns = new(resolvConfPath);
    }

    public LinuxKernelRoutes Kernel { get; }

    public LinuxKernelEvents Events { get; }

    public LinuxMachine Machine { get; } = new();

    public ResolvConfFile Dns { get; }

    /// <summary>Listens before anybody can look, so that no change falls between.</summary>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    public static LinuxPlatform Open(string resolvConfPath = ResolvConfFile.DefaultPath)
    {
        var events = new LinuxKernelEvents();
        try
        {
            return new(events, new(), resolvConfPath);
        }
        catch (KernelRoutesException)
        {
            events.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Kernel.Dispose();
        Events.Dispose();
    }
}
