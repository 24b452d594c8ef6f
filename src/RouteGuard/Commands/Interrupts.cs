using System.Runtime.InteropServices;

namespace RouteGuard.Commands;

/// <summary>Ctrl-C and SIGTERM, once: what was begun is brought to a place where it can stop. A second time ends the
/// process as if nobody listened.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _heard;

    public Interrupts(Action stop) =>
        _registrations = [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal =>
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        if (Interlocked.Increment(ref _heard) == 1)
                        {
                            context.Cancel = true;
                            stop();
                        }
                    }
                )
            ),
        ];

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
