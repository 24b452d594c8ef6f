using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.NetworkInformation;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.AnySystem;

/// <summary>Probes by ICMP echo (RFC 792, RFC 4443), on threads of their own.</summary>
/// <param name="wake">Tells the guard that an answer waits; may be called on any thread.</param>
public sealed class EchoProbes(Action wake) : IProbes
{
    private readonly ConcurrentQueue<ProbeAnswer> _answers = new();
    private readonly CancellationTokenSource _stop = new();

    public void Ask(SessionId session, IpAddress address, TimeSpan timeout) =>
        _ = AskAsync(session, IPAddress.Parse(address.ToString()), timeout);

    public bool TryTake([NotNullWhen(true)] out ProbeAnswer? answer) => _answers.TryDequeue(out answer);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task AskAsync(SessionId session, IPAddress address, TimeSpan timeout)
    {
        var stop = _stop.Token;
        bool isAlive;
        try
        {
            using var ping = new Ping();
            var reply = await ping.SendPingAsync(address, timeout, cancellationToken: stop).ConfigureAwait(false);
            isAlive = reply.Status == IPStatus.Success;
        }
        catch (PingException)
        {
            // No way there, or the kernel refused to send: that is no answer.
            isAlive = false;
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        _answers.Enqueue(new(session, isAlive));
        wake();
    }
}
