namespace RouteGuard.Client;

/// <summary>Why the daemon did not do what it was asked.</summary>
public enum RefusalKind
{
    /// <summary>Nobody listens on the socket. Start the daemon, or do without it.</summary>
    NoDaemon,

    /// <summary>It is for root, the daemon's group, or the user that began the session (HTTP 403); or the socket may
    /// not be opened.</summary>
    NotPermitted,

    /// <summary>There is no such session, operation or endpoint (404).</summary>
    NotFound,

    /// <summary>The request is wrong, and will be so again (400 and its like).</summary>
    Invalid,

    /// <summary>It does not fit to what is there now (409).</summary>
    Conflict,

    /// <summary>This user asks too much (429); see <see cref="RouteGuardException.RetryAfter"/>.</summary>
    TooManyRequests,

    /// <summary>The daemon has no time now (503), or ended the connection without an answer. Try again.</summary>
    Busy,

    /// <summary>Anything else: the kernel or the disk refused, or the answer cannot be understood.</summary>
    Failed,
}

/// <summary>The daemon refused, could not be reached, or answered what nobody understands.</summary>
/// <param name="kind">Why; what a program decides by.</param>
/// <param name="message">The daemon's own sentence, or one about the daemon; for people.</param>
/// <param name="status">The HTTP status; null when there was no answer.</param>
/// <param name="retryAfter">How long to wait before the next try, if the daemon said so.</param>
public sealed class RouteGuardException(
    RefusalKind kind,
    string message,
    int? status = null,
    TimeSpan? retryAfter = null
) : Exception(message)
{
    /// <summary>Why; what a program decides by.</summary>
    public RefusalKind Kind { get; } = kind;

    /// <summary>The HTTP status; null when there was no answer.</summary>
    public int? Status { get; } = status;

    /// <summary>How long to wait before the next try; null when the daemon did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
