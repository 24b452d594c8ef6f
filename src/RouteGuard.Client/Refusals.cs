using System.Net.Sockets;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>Says why: turns refusals of the daemon and faults of the connection into exceptions.</summary>
internal static class Refusals
{
    /// <summary>A sentence of the daemon is no longer than this; a longer one is cut.</summary>
    private const int SentenceLengthMax = 4096;

    /// <summary>What an answer that is not good means.</summary>
    public static RouteGuardException Of(Answer answer)
    {
        var status = answer.Status;
        if (status is >= 300 and < 400)
        {
            return new(RefusalKind.Failed, $"Cannot follow the daemon: it points elsewhere ({status}).", status);
        }

        if (status < 400)
        {
            return Contract.NotUnderstood(status);
        }

        var problem =
            answer.MediaType == "application/problem+json" ? Contract.TryRead<ProblemView>(answer.Body.Span) : null;
        var sentence = problem?.Detail ?? $"Cannot do this: the daemon answers {status}.";
        return new(
            KindOf(status),
            sentence.Length > SentenceLengthMax ? sentence[..SentenceLengthMax] : sentence,
            status,
            answer.RetryAfter
        );
    }

    /// <summary>Whether the connection died before an answer came; one that was kept may have been dead
    /// before.</summary>
    public static bool IsDead(HttpRequestException fault) =>
        fault.HttpRequestError == HttpRequestError.ResponseEnded
        || fault is { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException };

    /// <summary>What a fault of the connection means.</summary>
    public static RouteGuardException Of(HttpRequestException fault, string socketPath) =>
        fault switch
        {
            _ when IsDead(fault) => new(
                RefusalKind.Busy,
                $"Cannot ask the daemon at {socketPath}: it ended the connection without an answer. Try again."
            ),
            { HttpRequestError: HttpRequestError.ConnectionError } => NotReached(fault.InnerException, socketPath),
            { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(
                RefusalKind.Failed,
                "Cannot read the daemon's answer: its headers are too large."
            ),
            _ => Contract.NotUnderstood(null),
        };

    /// <summary>What it means that an answer ended in its middle.</summary>
    public static RouteGuardException Cut() =>
        new(RefusalKind.Failed, "Cannot read the daemon's answer: the connection ended in its middle. Try again.");

    private static RouteGuardException NotReached(Exception? cause, string socketPath)
    {
        // The kernel's queue of connections is full: somebody listens, and is slow.
        if (cause is SocketException { SocketErrorCode: SocketError.WouldBlock or SocketError.TryAgain })
        {
            return new(
                RefusalKind.Busy,
                $"Cannot reach the daemon at {socketPath}: too many wait for it. Try again in a moment."
            );
        }

        var why =
            !Path.Exists(socketPath) ? "there is no socket"
            : cause is null ? "it takes no connection"
            : cause.Message;
        return new(
            cause is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? RefusalKind.NotPermitted
                : RefusalKind.NoDaemon,
            $"Cannot reach the daemon at {socketPath}: {why}. Start it with systemctl start routeguard."
        );
    }

    private static RefusalKind KindOf(int status) =>
        status switch
        {
            403 => RefusalKind.NotPermitted,
            404 => RefusalKind.NotFound,
            409 => RefusalKind.Conflict,
            429 => RefusalKind.TooManyRequests,
            503 => RefusalKind.Busy,
            >= 400 and < 500 => RefusalKind.Invalid,
            _ => RefusalKind.Failed,
        };
}
