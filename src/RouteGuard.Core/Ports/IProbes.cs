using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Ports;

/// <summary>Asks addresses for a sign of life, and never holds up whoever asks.</summary>
public interface IProbes : IDisposable
{
    /// <summary>Sends one question. Its answer, or that none came in time, is taken later; the guard is woken
    /// then.</summary>
    /// <param name="session">For whom.</param>
    /// <param name="address">Whom; the kernel's routes decide the way.</param>
    /// <param name="timeout">How long an answer may take.</param>
    void Ask(SessionId session, IpAddress address, TimeSpan timeout);

    /// <returns>False when no answer waits.</returns>
    bool TryTake([NotNullWhen(true)] out ProbeAnswer? answer);
}

/// <summary>What became of a question.</summary>
public sealed record ProbeAnswer(SessionId Session, bool IsAlive);
