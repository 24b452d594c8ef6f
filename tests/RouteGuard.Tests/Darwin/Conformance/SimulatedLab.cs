using Microsoft.Extensions.Time.Testing;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin.Conformance;

/// <summary>The kernel in memory, called directly.</summary>
internal sealed class SimulatedLab : IDarwinLab
{
    private readonly XnuSimulator _kernel = new();
    private readonly SimulatedSocket _commands;

    public SimulatedLab() => _commands = _kernel.Open(0);

    public IRoutingKernel Kernel => _kernel;

    public int ProcessId => XnuSimulator.UsualProcessId;

    public IKernelQueue NewQueue() => new SimulatedQueue(new FakeTimeProvider(), new());

    public IRoutingSocket OpenAs(int processId)
    {
        var socket = _kernel.Open(0);
        socket.ProcessId = processId;
        return socket;
    }

    public string Command(string text) =>
        SimulatorCommands.Run(_kernel, _commands, text) is var (errno, answer) && errno == DarwinErrno.None
            ? answer
            : throw new InvalidOperationException($"{text}: {DarwinErrno.NameOf(errno)}");

    // Its sockets are read only when somebody asks.
    public void Pause() { }

    public void Resume() { }

    public void Dispose() { }
}
