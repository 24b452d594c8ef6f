namespace RouteGuard.Platform.MacOS;

/// <summary>A kqueue(2): the one place where the guard's thread waits on Darwin.</summary>
internal interface IKernelQueue : IDisposable
{
    /// <summary>Tells when this routing socket has something to read (EVFILT_READ).</summary>
    void WatchSocket(IRoutingSocket socket);

    /// <summary>Tells when the process exits (EVFILT_PROC, NOTE_EXIT). Only exits after this call are told.</summary>
    /// <returns>0, or ESRCH when there is no such process.</returns>
    int WatchProcess(int pid);

    /// <summary>Forgets a process. One that is gone already is no error.</summary>
    void UnwatchProcess(int pid);

    /// <summary>Returns as soon as there is a sign, or after <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero polls.</param>
    /// <param name="into">Signs are appended here.</param>
    void Wait(TimeSpan timeout, List<QueueSign> into);

    /// <summary>Makes a wait return (EVFILT_USER). May be called from any thread.</summary>
    void Wake();
}

/// <summary>What a kqueue told. A closed choice.</summary>
internal abstract record QueueSign
{
    private QueueSign() { }

    /// <summary>The routing socket can be read.</summary>
    public sealed record SocketReadable : QueueSign
    {
        public static SocketReadable Instance { get; } = new();
    }

    /// <summary>configd changed something about networks (notify(3) com.apple.system.config.network_change).</summary>
    public sealed record NetworkChanged : QueueSign
    {
        public static NetworkChanged Instance { get; } = new();
    }

    public sealed record ProcessExited(int Pid) : QueueSign;

    public sealed record Woken : QueueSign
    {
        public static Woken Instance { get; } = new();
    }
}
