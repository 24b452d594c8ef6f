using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.MacOS;

/// <summary>Facts about a Mac and its processes.</summary>
public sealed class DarwinMachine : IMachine
{
    private readonly IDarwinSystem _system;

    internal DarwinMachine(IDarwinSystem system)
    {
        _system = system;
        BootId = system.BootSessionId;
    }

    [System.Runtime.Versioning.SupportedOSPlatform("macos")]
    public static DarwinMachine Open() => new(new XnuSystem());

    public string BootId { get; }

    public ProcessIdentity? TryIdentify(int pid) =>
        pid > 0 && _system.FindProcess(pid) is { } found ? new(pid, found.StartMicroseconds) : null;

    public uint? TryOwnerOf(int pid) => pid > 0 ? _system.FindProcess(pid)?.Uid : null;
}
