using RouteGuard.Core.Api;

namespace RouteGuard.Tests.OpenApi;

/// <summary>Every endpoint of the daemon, as the document tells of it.</summary>
internal static class ApiOperations
{
    private const string Json = "application/json";

    private static readonly ApiAnswer Accepted = new(
        202,
        "It was begun and is not finished after a second. Ask the Location for its answer.",
        Json,
        typeof(OperationView)
    )
    {
        Location = "/v1/operations/{id}",
    };

    public static IReadOnlyList<ApiOperation> All { get; } = [.. Health(), .. Table(), .. Sessions(), .. Later()];

    private static ApiAnswer Good<T>(string text) => new(200, text, Json, typeof(T));

    // Whatever the guard itself is asked may take its time, and may be refused by the kernel.
    private static IReadOnlyList<int> Guarded(params int[] others) => [403, .. others, 502, 503];

    private static IEnumerable<ApiOperation> Health() =>
        [
            new("GET", "/healthz", "alive", "health", Who.Anybody, "Whether the guard's loop turns.")
            {
                Answers =
                [
                    Good<AliveView>("It turned within the last 5 seconds."),
                    new(503, "It is stuck.", Json, typeof(AliveView)),
                ],
            },
            new("GET", "/health", "health", "health", Who.Anybody, "One word of verdict, and why.")
            {
                Description = "Computed once a turn of the loop, so asking every second costs the guard nothing.",
                Answers =
                [
                    Good<HealthView>("The verdict is ok, guarding or restoring."),
                    new(503, "Something is wrong, and the body says what.", Json, typeof(HealthView)),
                ],
            },
            new("GET", "/metrics", "metrics", "health", Who.Operators, "Counts since the daemon was started.")
            {
                Answers =
                [
                    new(200, "All of them.", "text/plain", null)
                    {
                        TextOf = "Prometheus text exposition format 0.0.4; names begin with routeguard_.",
                    },
                ],
                Refusals = [403],
            },
            new("GET", "/openapi/v1.json", "description", "health", Who.Operators, "This document.")
            {
                Answers = [new(200, "OpenAPI 3.1.", Json, null) { TextOf = "An OpenAPI document." }],
                Refusals = [403],
            },
        ];

    private static IEnumerable<ApiOperation> Table() =>
        [
            new("GET", "/v1/events", "events", "table", Who.Operators, "What happens, as it happens.")
            {
                Description =
                    "Server-sent events (WHATWG HTML, section 9.2). The field event is the kind, and data is an EventView "
                    + "in one line. A listener that comes again with the id of its last event gets what it missed; what is "
                    + "no longer kept is told in one event of the kind lost. A silent stream sends a comment every 15 "
                    + "seconds.",
                Headers = ["lastEventId"],
                Answers =
                [
                    new(200, "A stream that ends with the caller or the daemon.", "text/event-stream", null)
                    {
                        TextOf = "Lines id, event and data, then an empty line.",
                        EventData = typeof(EventView),
                    },
                ],
                Refusals = [403, 409],
            },
            new("GET", "/v1/status", "status", "table", Who.Operators, "Verdict, sessions and the last restore.")
            {
                Answers = [Good<StatusView>("As it is now."), Accepted],
                Refusals = Guarded(),
            },
            new("GET", "/v1/routes", "routes", "table", Who.Operators, "The kernel's table as it is now.")
            {
                Answers = [Good<TableView>("Read from the kernel for this answer."), Accepted],
                Refusals = Guarded(),
            },
            new("GET", "/v1/plan", "plan", "table", Who.Operators, "What a restore would do now, and why.")
            {
                Answers = [Good<ReportView>("Nothing was changed."), Accepted],
                Refusals = Guarded(507),
            },
            new("POST", "/v1/restore", "restore", "table", Who.Operators, "Puts the baseline back.")
            {
                Description = "Without a body: of all open sessions, newest first.",
                Body = typeof(RestoreBody),
                Answers = [Good<ReportView>("What was done, or would be; its result says how far it came."), Accepted],
                Refusals = Guarded(400, 404, 409, 413, 507),
            },
            new("POST", "/v1/snapshot", "snapshot", "table", Who.Operators, "Takes a baseline without a session.")
            {
                Answers = [Good<TableView>("The baseline."), Accepted],
                Refusals = Guarded(507),
            },
        ];

    private static IEnumerable<ApiOperation> Sessions() =>
        [
            new("GET", "/v1/sessions", "listSessions", "sessions", Who.Operators, "All open sessions, oldest first.")
            {
                Answers = [Good<IReadOnlyList<SessionView>>("As they are now."), Accepted],
                Refusals = Guarded(),
            },
            new("POST", "/v1/sessions", "beginSession", "sessions", Who.Operators, "Takes the baseline.")
            {
                Description = "Call it before the VPN touches anything. Without a body every member has its default.",
                Body = typeof(BeginSessionBody),
                Answers =
                [
                    new(201, "Begun: its baseline is on disk.", Json, typeof(SessionView))
                    {
                        Location = "/v1/sessions/{id}",
                    },
                    Accepted,
                ],
                Refusals = Guarded(400, 409, 413, 507),
            },
            new("GET", "/v1/sessions/{id}", "showSession", "sessions", Who.Operators, "One session.")
            {
                Answers = [Good<SessionView>("With what it changed."), Accepted],
                Refusals = Guarded(404),
            },
            new("DELETE", "/v1/sessions/{id}", "endSession", "sessions", Who.Owner, "The VPN has stopped.")
            {
                Description = "What the session left is removed, and the baseline verified.",
                Answers = [Good<ReportView>("What was done; its result says how far it came."), Accepted],
                Refusals = Guarded(404, 409, 507),
            },
            Sign("up", "upSession", "The VPN's routes are in.") with
            {
                Description = "Without a body, or without routes in it, the guard learns what the VPN changed.",
                Body = typeof(SessionUpBody),
                Refusals = Guarded(400, 404, 409, 413, 507),
            },
            Sign("heartbeat", "heartbeatSession", "The VPN lives: renews its lease."),
            Sign("confirm", "confirmSession", "The machine still works: the session's routes stay."),
        ];

    private static ApiOperation Sign(string name, string id, string summary) =>
        new("POST", $"/v1/sessions/{{id}}/{name}", id, "sessions", Who.Owner, summary)
        {
            Answers = [Good<SessionView>("The session as it is now."), Accepted],
            Refusals = Guarded(400, 404, 409, 507),
        };

    private static IEnumerable<ApiOperation> Later() =>
        [
            new("GET", "/v1/operations/{id}", "operation", "operations", Who.Starter, "The answer that was not ready.")
            {
                Description =
                    "Waits up to a second. When the operation has ended, the answer is the one that the original request "
                    + "would have had: status, headers and body, refusals too. The last 64 operations are kept.",
                Answers =
                [
                    new(200, "It has ended well.", Json, null)
                    {
                        TextOf = "A SessionView, a list of them, a StatusView, a ReportView or a TableView.",
                    },
                    new(201, "It has ended, and began a session.", Json, typeof(SessionView))
                    {
                        Location = "/v1/sessions/{id}",
                    },
                    new(202, "It runs. Ask again.", Json, typeof(OperationView)),
                ],
                Refusals = Guarded(400, 404, 409, 507),
            },
        ];
}
