using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Native;
using RouteGuard.Rendering;

namespace RouteGuard.Daemon;

/// <summary>The HTTP API: who may ask, the question to the guard, the answer as JSON.</summary>
internal sealed partial class Endpoints(GuardThread guard, EventStream events, TimeProvider time)
{
    /// <summary>A loop that has not turned for this long is stuck.</summary>
    public static readonly TimeSpan TurnAgeMax = TimeSpan.FromSeconds(5);

    /// <summary>No request waits longer for the guard.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly uint _ownUid = UserIds.Effective;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (RequestDelegate)(context => AnswerAsync(context, Ask.Health, AliveAsync)));
        routes.MapGet("/health", (RequestDelegate)(context => AnswerAsync(context, Ask.Health, HealthAsync)));
        routes.MapGet("/metrics", (RequestDelegate)(context => AnswerAsync(context, Ask.Health, MetricsAsync)));
        routes.MapGet(
            "/openapi/v1.json",
            (RequestDelegate)(context => AnswerAsync(context, Ask.Health, OpenApi.WriteAsync))
        );
        routes.MapGet("/v1/events", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, EventsAsync)));
        routes.MapGet("/v1/status", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, StatusAsync)));
        routes.MapGet("/v1/routes", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, RoutesAsync)));
        routes.MapGet("/v1/plan", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, PlanAsync)));
        MapSessions(routes);
        routes.MapPost("/v1/restore", (RequestDelegate)(context => AnswerAsync(context, Ask.Write, RestoreAsync)));
        routes.MapPost("/v1/snapshot", (RequestDelegate)(context => AnswerAsync(context, Ask.Write, SnapshotAsync)));
        routes.MapFallback(
            (RequestDelegate)(
                context =>
                    WriteProblemAsync(
                        context,
                        StatusCodes.Status404NotFound,
                        "NotFound",
                        $"Cannot find {context.Request.Method} {context.Request.Path}: there is no such endpoint."
                    )
            )
        );
    }

    private async Task AnswerAsync(HttpContext context, Ask ask, Func<HttpContext, CancellationToken, Task> answer)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        bound.CancelAfter(AnswerMax);
        try
        {
            await RefuseStrangersAsync(context, ask, bound.Token);
            await answer(context, bound.Token);
        }
        catch (GuardException refused)
        {
            await WriteProblemAsync(context, StatusOf(refused.Refusal), refused.Refusal.ToString(), refused.Message);
        }
        catch (GuardBusyException busy)
        {
            await WriteProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Busy", busy.Message);
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
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await WriteProblemAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "Busy",
                "Cannot ask the guard: it did not answer in time."
            );
        }
    }

    private async Task RefuseStrangersAsync(HttpContext context, Ask ask, CancellationToken stop)
    {
        var peer = context.Features.Get<Peer>() ?? new Peer(0, uint.MaxValue, IsInGroup: false);
        uint? sessionUid = null;
        if (ask == Ask.WriteSession && !Access.IsAllowed(peer, Ask.Write, _ownUid))
        {
            var sessions = await guard.AskAsync(asked => asked.Sessions, stop);
            sessionUid = sessions.FirstOrDefault(session => session.Id.Value == IdText(context))?.BegunByUid;
        }

        if (!Access.IsAllowed(peer, ask, _ownUid, sessionUid))
        {
            throw new GuardException(
                GuardRefusal.NotPermitted,
                $"Cannot do this as uid {peer.Uid}: it is for root and the {PeerCredentials.GroupName} group. Use sudo."
            );
        }
    }

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
        var status = guard.Status ?? new GuardStatus(Verdict.Degraded, ["The guard is starting."], [], [], null, null);
        var isFresh = guard.LastTurnAge < TurnAgeMax;
        var health = View.Health(status, time.GetUtcNow());
        return WriteAsync(
            context,
            isFresh && View.IsHealthy(status.Verdict)
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable,
            isFresh
                ? health
                : health with
                {
                    Verdict = View.Word(Verdict.Degraded),
                    Problems = [.. health.Problems, "The guard's loop is stuck."],
                },
            ApiJson.Default.HealthView
        );
    }

    private Task MetricsAsync(HttpContext context, CancellationToken stop)
    {
        context.Response.ContentType = MetricsText.ContentType;
        return context.Response.WriteAsync(MetricsText.Print(guard.Status?.Meter ?? new()), stop);
    }

    // A stream outlives the bound of an answer: it ends with the caller or with the daemon.
    private Task EventsAsync(HttpContext context, CancellationToken stop) => events.ServeAsync(context);

    private async Task StatusAsync(HttpContext context, CancellationToken stop) =>
        await WriteAsync(
            context,
            StatusCodes.Status200OK,
            await guard.AskAsync(asked => View.Of(guard.Complete(asked.Status()), asked.Observe().Names), stop),
            ApiJson.Default.StatusView
        );

    private async Task RoutesAsync(HttpContext context, CancellationToken stop) =>
        await WriteAsync(
            context,
            StatusCodes.Status200OK,
            View.Of(await guard.AskAsync(asked => asked.Observe(), stop), time.GetUtcNow()),
            ApiJson.Default.TableView
        );

    private async Task PlanAsync(HttpContext context, CancellationToken stop) =>
        await WriteAsync(
            context,
            StatusCodes.Status200OK,
            View.Of(await guard.AskAsync(asked => asked.Restore(null, isDryRun: true), stop)),
            ApiJson.Default.ReportView
        );

    private async Task RestoreAsync(HttpContext context, CancellationToken stop)
    {
        var body = await ReadAsync(context, ApiJson.Default.RestoreBody, stop) ?? new(null, false);
        SessionId? session =
            body.Session is null ? null
            : SessionId.TryParse(body.Session, out var id) ? id
            : throw Unknown(body.Session);
        var report = await guard.AskAsync(asked => asked.Restore(session, body.DryRun), stop);
        await WriteAsync(context, StatusCodes.Status200OK, View.Of(report), ApiJson.Default.ReportView);
    }

    private async Task SnapshotAsync(HttpContext context, CancellationToken stop) =>
        await WriteAsync(
            context,
            StatusCodes.Status200OK,
            View.Of(await guard.AskAsync(asked => asked.Snapshot(), stop)),
            ApiJson.Default.TableView
        );

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

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class =>
        context.Request.ContentLength is null or 0 && context.Request.Headers.TransferEncoding.Count == 0
            ? null
            : await JsonSerializer.DeserializeAsync(context.Request.Body, type, stop);

    private static async Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    private static async Task WriteProblemAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await JsonSerializer.SerializeAsync(
            context.Response.Body,
            new("about:blank", title, status, detail),
            ApiJson.Default.ProblemView,
            context.RequestAborted
        );
    }

    private static int StatusOf(GuardRefusal refusal) =>
        refusal switch
        {
            GuardRefusal.Invalid => StatusCodes.Status400BadRequest,
            GuardRefusal.NotFound => StatusCodes.Status404NotFound,
            GuardRefusal.NotPermitted => StatusCodes.Status403Forbidden,
            GuardRefusal.Conflict => StatusCodes.Status409Conflict,
            GuardRefusal.Storage => StatusCodes.Status507InsufficientStorage,
            _ => StatusCodes.Status502BadGateway,
        };
}
