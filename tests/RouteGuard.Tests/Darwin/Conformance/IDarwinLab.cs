using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin.Conformance;

/// <summary>A Darwin kernel that can be told what happens outside its routing sockets.</summary>
internal interface IDarwinLab : IDisposable
{
    IRoutingKernel Kernel { get; }

    /// <summary>rtm_pid of what is written through <see cref="Kernel"/>.</summary>
    int ProcessId { get; }

    /// <summary>Waits for the sockets of <see cref="Kernel"/>.</summary>
    IKernelQueue NewQueue();

    /// <summary>A routing socket of another program.</summary>
    IRoutingSocket OpenAs(int processId);

    /// <summary>Stops the reading of what <see cref="Kernel"/> opened, so that the kernel's buffers fill.</summary>
    void Pause();

    /// <summary>Reads on.</summary>
    void Resume();

    /// <summary>Runs a command; its text, or an exception with its errno.</summary>
    string Command(string text);
}
