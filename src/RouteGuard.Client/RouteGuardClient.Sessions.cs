using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <content>A VPN's run, from its begin to its end.</content>
public sealed partial class RouteGuardClient
{
    /// <summary>The longest id of a session or an operation.</summary>
    private const int IdLengthMax = 64;

    /// <summary>GET /v1/sessions: all open sessions, oldest first.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<IReadOnlyList<SessionView>> SessionsAsync(CancellationToken stop = default) =>
        AskAsync<IReadOnlyList<SessionView>>(HttpMethod.Get, "/v1/sessions", [], null, stop);

    /// <summary>GET /v1/sessions/{id}: one open session and what it changed.</summary>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.NotFound"/>: it is not open, or no id.</exception>
    public Task<SessionView> SessionAsync(string id, CancellationToken stop = default) =>
        AskAsync<SessionView>(HttpMethod.Get, SessionPath(id), [], null, stop);

    /// <summary>POST /v1/sessions: takes the baseline. Call it before the VPN touches anything.</summary>
    /// <param name="body">Who the VPN is, and what to do when it dies; every member may be null.</param>
    /// <param name="progress">Told while it takes longer than a second.</param>
    /// <param name="stop">Ends the waiting; the session may be begun all the same.</param>
    /// <returns>When the baseline is on disk.</returns>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.Invalid"/>: a member is out of its range.
    /// <see cref="RefusalKind.Conflict"/>: another session changes routes right now; try again in two
    /// seconds.</exception>
    public Task<SessionView> BeginAsync(
        BeginSessionBody body,
        IProgress<OperationView>? progress = null,
        CancellationToken stop = default
    ) => AskAsync<SessionView>(HttpMethod.Post, "/v1/sessions", Contract.Write(body), progress, stop);

    /// <summary>POST /v1/sessions/{id}/up: the VPN's routes are in. For the user that began it too.</summary>
    /// <param name="id">What <see cref="BeginAsync"/> answered.</param>
    /// <param name="body">The tunnel and the routes, if they are known; learned otherwise.</param>
    /// <param name="progress">Told while it takes longer than a second.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.NotFound"/>: it is not open.</exception>
    public Task<SessionView> UpAsync(
        string id,
        SessionUpBody body,
        IProgress<OperationView>? progress = null,
        CancellationToken stop = default
    ) => AskAsync<SessionView>(HttpMethod.Post, SessionPath(id, "/up"), Contract.Write(body), progress, stop);

    /// <summary>POST /v1/sessions/{id}/heartbeat: the VPN lives; renews its lease.</summary>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.NotFound"/>: it is not open; it may have been taken
    /// for dead.</exception>
    public Task<SessionView> HeartbeatAsync(string id, CancellationToken stop = default) =>
        AskAsync<SessionView>(HttpMethod.Post, SessionPath(id, "/heartbeat"), [], null, stop);

    /// <summary>POST /v1/sessions/{id}/confirm: the machine still works; the session's routes stay.</summary>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.NotFound"/>: it is not open.</exception>
    public Task<SessionView> ConfirmAsync(string id, CancellationToken stop = default) =>
        AskAsync<SessionView>(HttpMethod.Post, SessionPath(id, "/confirm"), [], null, stop);

    /// <summary>DELETE /v1/sessions/{id}: the VPN has stopped; what it left is removed.</summary>
    /// <param name="id">What <see cref="BeginAsync"/> answered.</param>
    /// <param name="progress">Told while it takes longer than a second.</param>
    /// <param name="stop">Ends the waiting, not the restore.</param>
    /// <exception cref="RouteGuardException"><see cref="RefusalKind.NotFound"/>: it is not open any more.</exception>
    public Task<ReportView> EndAsync(
        string id,
        IProgress<OperationView>? progress = null,
        CancellationToken stop = default
    ) => AskAsync<ReportView>(HttpMethod.Delete, SessionPath(id), [], progress, stop);

    // An id becomes part of a path, and may mean nothing there.
    private static bool IsId(string? text) =>
        text is { Length: > 0 and <= IdLengthMax }
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');

    private static string SessionPath(string id, string suffix = "") =>
        IsId(id)
            ? $"/v1/sessions/{id}{suffix}"
            : throw new RouteGuardException(
                RefusalKind.NotFound,
                "Cannot find the session: that is not a session id. Name one of GET /v1/sessions."
            );
}
