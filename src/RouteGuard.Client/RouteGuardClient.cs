using System.Text;
using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>Asks the RouteGuard daemon over its Unix socket: one method for each endpoint.</summary>
/// <remarks>
/// <para>May be used on any thread, for many questions at once. Connections are kept for the next question.</para>
/// <para>Every method but <see cref="EventsAsync"/> ends within 35 seconds: in a value, in a
/// <see cref="RouteGuardException"/>, or in an <see cref="OperationCanceledException"/> when its token was cancelled.
/// An answer that is larger than 64 MiB (1 MiB where no routes are listed), cut, redirected, or not what the contract
/// says is an exception of the kind <see cref="RefusalKind.Failed"/>. A request that takes the daemon longer than a
/// second is followed to its end.</para>
/// <para>Nothing is tried again, but for a question that only reads when its connection turns out to be dead: once. A
/// change whose answer is lost may have been made; ask before you make it again.</para>
/// <para>Routes and rules are text in the words of <c>ip route</c> and <c>ip rule</c>.</para>
/// </remarks>
public sealed partial class RouteGuardClient : IDisposable
{
    private readonly ClientBounds _bounds;
    private readonly TimeProvider _time;
    private readonly Conversation _daemon;

    /// <summary>Connects nowhere yet: the first question does.</summary>
    /// <param name="socketPath">/run/routeguard/routeguard.sock, on macOS /var/run/routeguard/routeguard.sock.</param>
    public RouteGuardClient(string socketPath)
        : this(socketPath, new(), TimeProvider.System) { }

    internal RouteGuardClient(string socketPath, ClientBounds bounds, TimeProvider time)
    {
        _bounds = bounds;
        _time = time;
        _daemon = new(socketPath, bounds);
    }

    /// <summary>Closes all connections. Questions that are still asked end in an exception.</summary>
    public void Dispose() => _daemon.Dispose();

    /// <summary>GET /healthz: whether the guard's loop turns. For any local user.</summary>
    /// <returns>Also when it does not turn: <see cref="AliveView.Alive"/> says so.</returns>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<AliveView> AliveAsync(CancellationToken stop = default) =>
        TellAsync<AliveView>(new(HttpMethod.Get, "/healthz", _bounds.AnswerBytesMax), stop);

    /// <summary>GET /health: one word of verdict, and why. For any local user, cheap enough for every second.</summary>
    /// <returns>Also when something is wrong: <see cref="HealthView.Verdict"/> says so.</returns>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<HealthView> HealthAsync(CancellationToken stop = default) =>
        TellAsync<HealthView>(new(HttpMethod.Get, "/health", _bounds.TableBytesMax), stop);

    /// <summary>GET /metrics: counts as Prometheus text.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<string> MetricsAsync(CancellationToken stop = default) => TextAsync("/metrics", "text/plain", stop);

    /// <summary>GET /openapi/v1.json: this API, described in OpenAPI 3.1.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<string> DescriptionAsync(CancellationToken stop = default) =>
        TextAsync("/openapi/v1.json", "application/json", stop);

    /// <summary>GET /v1/status: verdict, sessions, the last restore.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<StatusView> StatusAsync(CancellationToken stop = default) =>
        AskAsync<StatusView>(HttpMethod.Get, "/v1/status", [], null, stop);

    /// <summary>GET /v1/routes: the kernel's table as it is now.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<TableView> RoutesAsync(CancellationToken stop = default) =>
        AskAsync<TableView>(HttpMethod.Get, "/v1/routes", [], null, stop);

    /// <summary>GET /v1/plan: what a restore of all sessions would do now. Changes nothing.</summary>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<ReportView> PlanAsync(CancellationToken stop = default) =>
        AskAsync<ReportView>(HttpMethod.Get, "/v1/plan", [], null, stop);

    /// <summary>POST /v1/restore: puts the baseline back.</summary>
    /// <param name="body">Which session, and whether only to say what would be done.</param>
    /// <param name="progress">Told while it takes longer than a second.</param>
    /// <param name="stop">Ends the waiting, not the restore.</param>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<ReportView> RestoreAsync(
        RestoreBody body,
        IProgress<OperationView>? progress = null,
        CancellationToken stop = default
    ) => AskAsync<ReportView>(HttpMethod.Post, "/v1/restore", Contract.Write(body), progress, stop);

    /// <summary>POST /v1/snapshot: takes a baseline that belongs to no session, and shows it.</summary>
    /// <param name="progress">Told while it takes longer than a second.</param>
    /// <param name="stop">Ends the waiting, not the snapshot.</param>
    /// <exception cref="RouteGuardException">See <see cref="RouteGuardClient"/>.</exception>
    public Task<TableView> SnapshotAsync(IProgress<OperationView>? progress = null, CancellationToken stop = default) =>
        AskAsync<TableView>(HttpMethod.Post, "/v1/snapshot", [], progress, stop);

    // What lists routes, and what may take its time.
    private Task<T> AskAsync<T>(
        HttpMethod method,
        string path,
        byte[] body,
        IProgress<OperationView>? progress,
        CancellationToken stop
    )
        where T : class =>
        WithinAsync(
            async bounded =>
            {
                var question = new Question(method, path, _bounds.TableBytesMax) { Body = body };
                var answer = await FollowAsync(question, progress, bounded);
                return answer.IsGood ? Contract.Read<T>(answer) : throw Refusals.Of(answer);
            },
            stop
        );

    // Bad news with status 503 is an answer here: whoever asks how things are wants to hear it.
    private Task<T> TellAsync<T>(Question question, CancellationToken stop)
        where T : class =>
        WithinAsync(
            async bounded =>
            {
                var answer = await _daemon.AskAsync(question, bounded);
                return answer.IsGood || answer is { Status: 503, MediaType: "application/json" }
                    ? Contract.Read<T>(answer)
                    : throw Refusals.Of(answer);
            },
            stop
        );

    private Task<string> TextAsync(string path, string mediaType, CancellationToken stop) =>
        WithinAsync(
            async bounded =>
            {
                var answer = await _daemon.AskAsync(new(HttpMethod.Get, path, _bounds.AnswerBytesMax), bounded);
                return !answer.IsGood ? throw Refusals.Of(answer)
                    : answer.MediaType == mediaType ? Encoding.UTF8.GetString(answer.Body.Span)
                    : throw Contract.NotUnderstood(answer.Status);
            },
            stop
        );

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken stop)
    {
        using var clock = new CancellationTokenSource(_bounds.AnswerMax, _time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop, clock.Token);
        try
        {
            return await ask(bounded.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new RouteGuardException(
                RefusalKind.Failed,
                $"Cannot reach the daemon: no answer within {_bounds.AnswerMax.TotalSeconds:0} s. Restart it."
            );
        }
    }
}
