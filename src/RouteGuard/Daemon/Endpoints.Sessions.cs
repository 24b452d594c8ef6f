using Microsoft.AspNetCore.Http.Features;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Daemon;

/// <content>What is asked about sessions.</content>
internal sealed partial class Endpoints
{
    private void MapSessions(IEndpointRouteBuilder routes)
    {
        const string One = "/v1/sessions/{id}";
        routes.MapGet("/v1/sessions", (RequestDelegate)(context => AnswerAsync(context, Ask.Read, ListAsync)));
        routes.MapPost("/v1/sessions", (RequestDelegate)(context => AnswerAsync(context, Ask.Write, BeginAsync)));
        routes.MapGet(One, (RequestDelegate)(context => AnswerAsync(context, Ask.Read, ShowAsync)));
        routes.MapPost($"{One}/up", (RequestDelegate)(context => AnswerAsync(context, Ask.WriteSession, UpAsync)));
        routes.MapPost(
            $"{One}/heartbeat",
            (RequestDelegate)(context => AnswerAsync(context, Ask.WriteSession, HeartbeatAsync))
        );
        routes.MapPost(
            $"{One}/confirm",
            (RequestDelegate)(context => AnswerAsync(context, Ask.WriteSession, ConfirmAsync))
        );
        routes.MapDelete(One, (RequestDelegate)(context => AnswerAsync(context, Ask.WriteSession, EndAsync)));
    }

    private Task ListAsync(HttpContext context, CancellationToken stop) =>
        AskAsync<IReadOnlyList<SessionView>>(
            context,
            asked =>
            {
                var names = asked.Observe().Names;
                return asked.Sessions.Select(session => View.Of(session, names)).ToArray();
            },
            sessions => Reply.Json(StatusCodes.Status200OK, sessions, ApiJson.Default.IReadOnlyListSessionView),
            stop
        );

    private Task ShowAsync(HttpContext context, CancellationToken stop)
    {
        var id = Id(context);
        return AskAsync(
            context,
            asked =>
                asked.Sessions.FirstOrDefault(session => session.Id == id) is { } session
                    ? View.Of(session, asked.Observe().Names)
                    : throw Unknown(id.Value),
            Shown,
            stop
        );
    }

    private async Task BeginAsync(HttpContext context, CancellationToken stop)
    {
        var body = await ReadAsync(context, ApiJson.Default.BeginSessionBody, stop) ?? new(null, null, null, null);
        var uid = PeerOf(context).Uid;
        var usual = settings.Now.Sessions;
        var request = new BeginRequest(
            body.Label ?? string.Empty,
            body.OwnerPid,
            body.Tunnel,
            OnDeath(body.OnDeath, usual.OnDeath),
            uid == _ownUid ? 0 : uid
        )
        {
            OnDrift = OnDrift(body.OnDrift, usual.OnDrift),
            Lease = Seconds(body.LeaseSeconds) ?? usual.Lease,
            Probe = body.Probe,
        };

        await AskAsync(
            context,
            asked => View.Of(asked.Begin(request), asked.Observe().Names),
            session =>
                Reply.Json(StatusCodes.Status201Created, session, ApiJson.Default.SessionView) with
                {
                    Location = $"/v1/sessions/{session.Id}",
                },
            stop
        );
    }

    private async Task UpAsync(HttpContext context, CancellationToken stop)
    {
        var id = Id(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = Limits.UpBodyBytesMax;
        }

        var body = await ReadAsync(context, ApiJson.Default.SessionUpBody, stop) ?? new(Tunnel: null);
        var request = new UpRequest(body.Tunnel)
        {
            Routes = body.Routes is null ? null : [.. body.Routes.Select(line => line ?? string.Empty)],
            ConfirmWithin = Seconds(body.ConfirmSeconds),
        };
        await AnswerSessionAsync(context, asked => asked.Up(id, request), stop);
    }

    private Task HeartbeatAsync(HttpContext context, CancellationToken stop)
    {
        var id = Id(context);
        return AnswerSessionAsync(context, asked => asked.Heartbeat(id), stop);
    }

    private Task ConfirmAsync(HttpContext context, CancellationToken stop)
    {
        var id = Id(context);
        return AnswerSessionAsync(context, asked => asked.Confirm(id), stop);
    }

    private Task AnswerSessionAsync(HttpContext context, Func<IGuard, Session> change, CancellationToken stop) =>
        AskAsync(context, asked => View.Of(change(asked), asked.Observe().Names), Shown, stop);

    private Task EndAsync(HttpContext context, CancellationToken stop)
    {
        var id = Id(context);
        return AskAsync(context, asked => asked.End(id), Report, stop);
    }

    private static Reply Shown(SessionView session) =>
        Reply.Json(StatusCodes.Status200OK, session, ApiJson.Default.SessionView);

    private static DeathPolicy OnDeath(string? word, DeathPolicy usual) =>
        word switch
        {
            null => usual,
            "restore" => DeathPolicy.Restore,
            "hold" => DeathPolicy.Hold,
            "keep" => DeathPolicy.Keep,
            _ => throw new GuardException(
                GuardRefusal.Invalid,
                "Cannot begin a session: onDeath is restore, hold or keep."
            ),
        };

    private static DriftPolicy OnDrift(string? word, DriftPolicy usual) =>
        word switch
        {
            null => usual,
            "reassert" => DriftPolicy.Reassert,
            "report" => DriftPolicy.Report,
            "restore" => DriftPolicy.Restore,
            _ => throw new GuardException(
                GuardRefusal.Invalid,
                "Cannot begin a session: onDrift is reassert, report or restore."
            ),
        };

    // The guard says which times it takes; here only what no TimeSpan can hold is brought near enough to be refused.
    private static TimeSpan? Seconds(double? seconds) =>
        seconds is { } wait ? TimeSpan.FromSeconds(Math.Clamp(wait, -1, 1e6)) : null;
}
