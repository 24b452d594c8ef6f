using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Ports;

/// <summary>The one place where the guard waits: for the kernel, for processes, and for a nudge.</summary>
/// <remarks>Everything but <see cref="Wake"/> belongs to the thread that waits.</remarks>
public interface IKernelEvents : IDisposable
{
    /// <summary>Returns as soon as something happened, or after <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero polls.</param>
    /// <param name="into">What happened is appended here, in the order in which the kernel told it.</param>
    void Wait(TimeSpan timeout, List<KernelEvent> into);

    /// <summary>Watches a process for its end.</summary>
    /// <returns>False when this very process (number and start time) is gone already.</returns>
    bool TryWatch(ProcessIdentity process);

    void Unwatch(ProcessIdentity process);

    /// <summary>Makes a wait return. May be called from any thread; calls while nobody waits are kept as one.</summary>
    void Wake();
}

/// <summary>What may have happened. Only a hint: whoever gets it looks. A closed choice.</summary>
public abstract record KernelEvent
{
    private KernelEvent() { }

    /// <summary>A route, rule, address or next-hop object may have changed.</summary>
    public sealed record TableChanged : KernelEvent
    {
        public static TableChanged Instance { get; } = new();
    }

    /// <summary>An interface changed.</summary>
    /// <param name="Index">Its number.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="IsUsable">Up and with a carrier; false also when it is gone.</param>
    /// <param name="IsGone">It was removed.</param>
    public sealed record LinkChanged(InterfaceIndex Index, string Name, bool IsUsable, bool IsGone) : KernelEvent;

    public sealed record ProcessExited(ProcessIdentity Process) : KernelEvent;

    /// <summary>Somebody else wrote a route. Comes beside <see cref="TableChanged"/>, and proves nothing.</summary>
    /// <param name="Destination">Of the route.</param>
    /// <param name="Writer">For people: a program and its number.</param>
    /// <param name="Pid">The process, or null.</param>
    public sealed record RouteWritten(Prefix Destination, string Writer, int? Pid = null) : KernelEvent;

    /// <summary>The kernel dropped messages (ENOBUFS): only a full read tells what happened.</summary>
    public sealed record Lost : KernelEvent
    {
        public static Lost Instance { get; } = new();
    }
}

/// <summary>Facts about processes and the machine.</summary>
public interface IMachine
{
    /// <summary>Tells one boot from the next.</summary>
    string BootId { get; }

    /// <summary>The process that has this number now, or null.</summary>
    ProcessIdentity? TryIdentify(int pid);

    /// <summary>The user that a process runs as, or null when it is gone.</summary>
    uint? TryOwnerOf(int pid);
}

/// <summary>The resolver's settings: read whole, written whole.</summary>
public interface IDnsSettings
{
    /// <summary>The settings, or why there are none.</summary>
    ResolverSettingsResult Read();

    /// <summary>Puts settings back. Refuses a file that is not the plain file it was.</summary>
    /// <returns>Null, or the reason why it was not done.</returns>
    string? Write(Baselines.ResolverSettings settings);
}

/// <summary>Settings, or why there are none.</summary>
public sealed record ResolverSettingsResult(Baselines.ResolverSettings? Settings, string? Problem);
