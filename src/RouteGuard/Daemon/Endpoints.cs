using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Configuration;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Native;

namespace RouteGuard.Daemon;

/// <summary>The HTTP API: who may ask, the question to the guard, the answer as JSON.</summary>
/// <param name="guard">Who is asked.</param>
/// <param name="events">What is streamed.</param>
/// <param name="scrape">Writes the metrics.</param>
/// <param name="settings">What is in force.</param>
/// <param name="time">The clock.</param>
internal sealed partial class Endpoints(
    GuardThread guard,
    EventStream events,
    RequestDelegate scrape,
    Settings settings,
    TimeProvider time
)
{
    /// <summary>A loop that has not turned for this long is stuck.</summary>
    public static readonly TimeSpan TurnAgeMax = TimeSpan.FromSeconds(5);

    private readonly uint _ownUid = UserIds.Effective;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (RequestDelegate)(context => AnswerAsync(context, Ask.Health, AliveAsync)));
        routes.MapGet("/health", (RequestDelegate)(context => AnswerAsync(context, Ask.Health, HealthAsync)));
        routes.MapGet("/metrics", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, MetricsAsync)));
        routes.MapGet(
            "/openapi/v1.json",
            (RequestDelegate)(context => AnswerAsync(context, Ask.Read, OpenApi.WriteAsync))
        );
        routes.MapGet("/v1/events", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, EventsAsync)));
        routes.MapGet("/v1/status", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, StatusAsync)));
        routes.MapGet("/v1/routes", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, RoutesAsync)));
        routes.MapGet("/v1/plan", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, PlanAsync)));
        MapSessions(routes);
        routes.MapPost("/v1/restore", (RequestDelegate)(context => AnswerAsync(context, Ask.Write, RestoreAsync)));
        routes.MapPost("/v1/snapshot", (RequestDelegate)(context => AnswerAsync(context, Ask.Write, SnapshotAsync)));
        routes.MapGet(
            "/v1/operations/{id}",
            (RequestDelegate)(context => AnswerAsync(context, Ask.ReadOperation, ShowOperationAsync))
        );
    }

    /// <summary>Answers one of the two questions after health, which anybody may ask.</summary>
    public Task AnswerHealthAsync(HttpContext context, bool isAlone) =>
        AnswerAsync(context, Ask.Health, isAlone ? AliveAsync : HealthAsync);

    private async Task AnswerAsync(HttpContext context, Ask ask, Func<HttpContext, CancellationToken, Task> answer)
    {
        try
        {
            RefuseStrangers(context, ask);
            await answer(context, context.RequestAborted);
        }
        catch (GuardException refused)
        {
            await Reply.Of(refused).WriteAsync(context);
        }
        catch (GuardBusyException busy)
        {
            await Reply.Busy(busy.Message).WriteAsync(context);
        }
        catch (JsonException bad)
        {
            await WriteProblemAsync(
                context,
                StatusCodes.Status400BadRequest,
                "Invalid",
                $"Cannot read the request: {bad.Message}"
            );
        }
        catch (BadHttpRequestException bad)
        {
            await WriteProblemAsync(context, bad.StatusCode, "Invalid", $"Cannot read the request: {bad.Message}");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: there is nobody to answer.
        }
    }

    // Whose a session is was published with the last turn: no stranger has the guard asked anything.
    private void RefuseStrangers(HttpContext context, Ask ask)
    {
        var peer = PeerOf(context);
        if (ask == Ask.ReadOperation && Operation(context) is null)
        {
            throw UnknownOperation(IdText(context));
        }

        var ofUid = ask switch
        {
            Ask.ReadOperation => Operation(context)?.Uid,
            Ask.WriteSession => guard
                .Status?.Sessions.FirstOrDefault(session => session.Id.Value == IdText(context))
                ?.BegunByUid,
            _ => null,
        };
        if (!Access.IsAllowed(peer, ask, _ownUid, ofUid))
        {
            throw new GuardException(
                GuardRefusal.NotPermitted,
                $"Cannot do this as uid {peer.Uid}: it is for root and the {settings.Now.Group} group. Use sudo."
            );
        }
    }

    private static Peer PeerOf(HttpContext context) => context.Features.Get<Peer>() ?? PeerCredentials.Nobody;

    private Task AliveAsync(HttpContext context, CancellationToken stop)
    {
        var age = guard.LastTurnAge;
        var isAlive = age < TurnAgeMax;
        return WriteAsync(
            context,
            isAlive ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new AliveView(isAlive, Math.Round(age.TotalSeconds, 3)),
            ApiJson.Default.AliveView
        );
    }

    private Task HealthAsync(HttpContext context, CancellationToken stop)
    {
        var isAlive = guard.LastTurnAge < TurnAgeMax;
        var health = View.Health(guard.Status, isAlive, time.GetUtcNow());
        return WriteAsync(
            context,
            View.IsHealthy(health) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            health,
            ApiJson.Default.HealthView
        );
    }

    private Task MetricsAsync(HttpContext context, CancellationToken stop) => scrape(context);

    // A stream outlives the bound of an answer: it ends with the caller or with the daemon.
    private Task EventsAsync(HttpContext context, CancellationToken stop) =>
        events.ServeAsync(context, PeerOf(context));

    private Task StatusAsync(HttpContext context, CancellationToken stop) =>
        AskAsync(
            context,
            asked => View.Of(guard.Complete(asked.Status()), asked.Observe().Names, time.GetUtcNow()),
            status => Reply.Json(StatusCodes.Status200OK, status, ApiJson.Default.StatusView),
            stop
        );

    private Task RoutesAsync(HttpContext context, CancellationToken stop) =>
        AskAsync(
            context,
            asked => asked.Observe(),
            table => Reply.Json(StatusCodes.Status200OK, View.Of(table, time.GetUtcNow()), ApiJson.Default.TableView),
            stop
        );

    private Task PlanAsync(HttpContext context, CancellationToken stop) =>
        AskAsync(context, asked => asked.Restore(null, isDryRun: true), Report, stop);

    private async Task RestoreAsync(HttpContext context, CancellationToken stop)
    {
        var body = await ReadAsync(context, ApiJson.Default.RestoreBody, stop) ?? new(null, false);
        SessionId? session =
            body.Session is null ? null
            : SessionId.TryParse(body.Session, out var id) ? id
            : throw Unknown(body.Session);
        await AskAsync(context, asked => asked.Restore(session, body.DryRun), Report, stop);
    }

    private Task SnapshotAsync(HttpContext context, CancellationToken stop) =>
        AskAsync(
            context,
            asked => asked.Snapshot(),
            baseline => Reply.Json(StatusCodes.Status200OK, View.Of(baseline), ApiJson.Default.TableView),
            stop
        );

    private static Reply Report(RestoreReport report) =>
        Reply.Json(StatusCodes.Status200OK, View.Of(report), ApiJson.Default.ReportView);

    private static string IdText(HttpContext context) => context.Request.RouteValues["id"] as string ?? string.Empty;

    private static SessionId Id(HttpContext context) =>
        SessionId.TryParse(IdText(context), out var id) ? id : throw Unknown(IdText(context));

    private static GuardException Unknown(string id) =>
        new(
            GuardRefusal.NotFound,
            $"Cannot find session {Printable(id)}: no open session has this id. See routeguard session list."
        );

    private static string Printable(string text) =>
        new([.. text.Take(SessionId.LengthMax).Select(letter => char.IsControl(letter) ? '?' : letter)]);

    private async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        if (context.Request.ContentLength is null or 0 && context.Request.Headers.TransferEncoding.Count == 0)
        {
            return null;
        }

        using var end = new CancellationTokenSource(Limits.BodyWaitMax, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(stop, end.Token);
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, bound.Token);
        }
        catch (OperationCanceledException late) when (end.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new BadHttpRequestException(
                $"its body took longer than {Limits.BodyWaitMax.TotalSeconds:0} s.",
                StatusCodes.Status408RequestTimeout,
                late
            );
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            // Kestrel's word for a chunk whose length no number holds, and for a caller who went away meanwhile.
            throw new BadHttpRequestException("its body is broken.", broken);
        }
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        Reply.Json(status, value, type).WriteAsync(context);

    private static Task WriteProblemAsync(HttpContext context, int status, string title, string detail) =>
        Reply.Problem(status, title, detail).WriteAsync(context);
}
