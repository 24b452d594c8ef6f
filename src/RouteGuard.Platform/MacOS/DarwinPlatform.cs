using System.Runtime.Versioning;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.MacOS;

/// <summary>All ports of a Mac.</summary>
public sealed class DarwinPlatform : IDisposable
{
    private readonly IDynamicStore _store;

    private DarwinPlatform(
        IRoutingKernel kernel,
        IKernelQueue queue,
        IDarwinSystem system,
        IDynamicStore store,
        int processId
    )
    {
        _store = store;
        Events = new(kernel, queue, system, processId);
        Kernel = new(kernel, processId);
        Machine = new(system);
        Truth = new(store);
    }

    public DarwinKernelRoutes Kernel { get; }

    public DarwinKernelEvents Events { get; }

    public DarwinMachine Machine { get; }

    public DynamicStoreTruth Truth { get; }

    /// <summary>Never read, never written: configd keeps the resolver, per service.</summary>
    public IDnsSettings Dns { get; } = new NoResolverFile();

    /// <summary>Listens before anybody can look, so that no change falls between.</summary>
    /// <exception cref="KernelRoutesException">The kernel refused.</exception>
    [SupportedOSPlatform("macos")]
    public static DarwinPlatform Open() =>
        new(new XnuKernel(), new XnuQueue(), new XnuSystem(), new SystemConfigurationStore(), Environment.ProcessId);

    /// <summary>The same over any machine.</summary>
    internal static DarwinPlatform Over(
        IRoutingKernel kernel,
        IKernelQueue queue,
        IDarwinSystem system,
        IDynamicStore store,
        int processId
    ) => new(kernel, queue, system, store, processId);

    public void Dispose()
    {
        Kernel.Dispose();
        Events.Dispose();
        _store.Dispose();
    }

    private sealed class NoResolverFile : IDnsSettings
    {
        public ResolverSettingsResult Read() => new(null, "configd keeps the resolver");

        public string? Write(Core.Baselines.ResolverSettings settings) => "configd keeps the resolver";
    }
}
