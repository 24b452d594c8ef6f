using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Fakes;

/// <summary>Answers, keeps silent, or never comes back.</summary>
internal sealed class FakeProbes : IProbes
{
    private readonly Queue<ProbeAnswer> _answers = [];

    /// <summary>Null: no answer ever comes, not even that there was none.</summary>
    public bool? IsAlive { get; set; } = true;

    public int Asked { get; private set; }

    public void Ask(SessionId session, IpAddress address, TimeSpan timeout)
    {
        Asked++;
        if (IsAlive is { } alive)
        {
            _answers.Enqueue(new(session, alive));
        }
    }

    public bool TryTake([NotNullWhen(true)] out ProbeAnswer? answer) => _answers.TryDequeue(out answer);

    public void Dispose() { }
}
