using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RouteGuard.Core.Api;

namespace RouteGuard.Tests.OpenApi;

/// <summary>The OpenAPI document, made of <see cref="ApiOperations"/> and the contract's records.</summary>
internal static class ApiDocument
{
    /// <summary>Raised when a client that keeps to the document would notice.</summary>
    private const string Version = "1.0.0";

    private const string About =
        "HTTP/1.1 over the daemon's Unix socket. Who asks is what the kernel says of the other end of the socket, and no "
        + "header; x-access of an operation says who may. The operators are root, the user that the daemon runs as, and the "
        + "members of the group routeguard (on macOS admin).\n\n"
        + "Errors are problem details (RFC 9457), and their detail is a sentence for people. A request that takes longer "
        + "than a second is answered by 202 and a Location. Requests that break the limits of HTTP itself (a request line of "
        + "more than 8 KiB, headers of more than 16 KiB, a body that comes too slowly) get a status without a body, and the "
        + "connection ends.\n\n"
        + "Members that have nothing to say are left out; null is never written. New members may appear: a reader passes "
        + "over those that it does not know. Routes and rules are text in the words of ip route and ip rule.";

    /// <summary>Everybody may meet this one.</summary>
    private const int TooManyRequests = 429;

    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly (int Status, string Name, string Text)[] Refusals =
    [
        (400, "Invalid", "The request cannot be read, or a value is out of its range."),
        (403, "NotPermitted", "It is for others; see x-access."),
        (404, "NotFound", "There is no such thing, or not any more."),
        (409, "Conflict", "It does not fit to what is there now."),
        (413, "TooLarge", "The body has more than 64 KiB; for up, more than 1 MiB."),
        (TooManyRequests, "TooManyRequests", "This user asks too often. Wait as long as Retry-After says."),
        (502, "Kernel", "The kernel refused."),
        (503, "Busy", "The guard has no time now, and nothing was begun. Wait as long as Retry-After says."),
        (507, "Storage", "The disk refused, and nothing was begun."),
    ];

    /// <summary>The whole document, as it is checked in.</summary>
    public static string Print(out IReadOnlyList<string> undocumented)
    {
        var schemas = new ApiSchemas();
        var paths = new JsonObject();
        foreach (var operation in ApiOperations.All)
        {
            if (paths[operation.Path] is not JsonObject path)
            {
                paths[operation.Path] = path = [];
            }

            path[operation.Method.ToLowerInvariant()] = Operation(operation, schemas);
        }

        var problem = schemas.OfAnswer(typeof(ProblemView));
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "RouteGuard",
                ["version"] = Version,
                ["description"] = About,
            },
            ["servers"] = new JsonArray(
                new JsonObject
                {
                    ["url"] = "http://localhost",
                    ["description"] =
                        "The Unix socket /run/routeguard/routeguard.sock, on macOS /var/run/routeguard/routeguard.sock",
                }
            ),
            ["tags"] = Tags(),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["parameters"] = Parameters(),
                ["headers"] = Headers(),
                ["responses"] = new JsonObject(
                    Refusals.Select(refusal => KeyValuePair.Create(refusal.Name, Refusal(refusal, problem)))
                ),
                ["schemas"] = schemas.Components,
            },
        };
        undocumented = schemas.Undocumented;
        return document.ToJsonString(Layout) + "\n";
    }

    private static JsonObject Operation(ApiOperation operation, ApiSchemas schemas)
    {
        var made = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["tags"] = new JsonArray(operation.Tag),
            ["summary"] = operation.Summary,
        };
        if (operation.Description is { } description)
        {
            made["description"] = description;
        }

        made["x-access"] = operation.Access;
        string[] parameters =
        [
            .. operation.Path.Contains("{id}", StringComparison.Ordinal) ? new[] { $"{operation.Tag}Id" } : [],
            .. operation.Headers,
        ];
        if (parameters.Length > 0)
        {
            made["parameters"] = new JsonArray([.. parameters.Select(name => Reference("parameters", name))]);
        }

        if (operation.Body is { } body)
        {
            made["requestBody"] = new JsonObject
            {
                ["required"] = false,
                ["content"] = Content("application/json", schemas.OfRequest(body)),
            };
        }

        var answers = operation
            .Answers.Select(answer => (answer.Status, Body: (JsonNode)Answer(answer, schemas)))
            .Concat(
                operation
                    .Refusals.Append(TooManyRequests)
                    .Select(status => (Status: status, Body: (JsonNode)Reference("responses", NameOf(status))))
            )
            .OrderBy(answer => answer.Status)
            .Select(answer =>
                KeyValuePair.Create(answer.Status.ToString(CultureInfo.InvariantCulture), (JsonNode?)answer.Body)
            );
        made["responses"] = new JsonObject(answers);
        return made;
    }

    private static string NameOf(int status) => Refusals.Single(refusal => refusal.Status == status).Name;

    private static JsonObject Answer(ApiAnswer answer, ApiSchemas schemas)
    {
        var made = new JsonObject { ["description"] = answer.Text };
        if (answer.Location is { } location)
        {
            made["headers"] = new JsonObject
            {
                ["Location"] = new JsonObject
                {
                    ["description"] = location,
                    ["required"] = true,
                    ["schema"] = new JsonObject { ["type"] = "string" },
                },
            };
        }

        var schema = answer.Body is { } body
            ? schemas.OfAnswer(body)
            : new JsonObject { ["description"] = answer.TextOf };
        if (answer.Body is null && answer.MediaType != "application/json")
        {
            schema["type"] = "string";
        }

        made["content"] = Content(answer.MediaType, schema);
        if (answer.EventData is { } data)
        {
            made["x-event-data"] = schemas.OfAnswer(data);
        }

        return made;
    }

    private static JsonNode? Refusal((int Status, string Name, string Text) refusal, JsonNode problem)
    {
        var made = new JsonObject { ["description"] = refusal.Text };
        if (refusal.Status is TooManyRequests or 503)
        {
            made["headers"] = new JsonObject { ["Retry-After"] = Reference("headers", "retryAfter") };
        }

        made["content"] = Content("application/problem+json", problem.DeepClone());
        return made;
    }

    private static JsonObject Parameters() =>
        new()
        {
            ["sessionsId"] = IdParameter("What beginning the session answered.", "^[a-z][a-z0-9-]{0,63}$"),
            ["operationsId"] = IdParameter("The last part of the Location of a 202.", "^[A-Za-z0-9_-]{1,64}$"),
            ["lastEventId"] = new JsonObject
            {
                ["name"] = "Last-Event-ID",
                ["in"] = "header",
                ["description"] = "The id of the last event that is known. Without it events come from now on.",
                ["schema"] = new JsonObject { ["type"] = "string" },
            },
        };

    private static JsonObject IdParameter(string description, string pattern) =>
        new()
        {
            ["name"] = "id",
            ["in"] = "path",
            ["required"] = true,
            ["description"] = description,
            ["schema"] = new JsonObject { ["type"] = "string", ["pattern"] = pattern },
        };

    private static JsonObject Headers() =>
        new()
        {
            ["retryAfter"] = new JsonObject
            {
                ["description"] = "Seconds to wait before the next try.",
                ["schema"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
            },
        };

    private static JsonArray Tags() =>
        new(
            Tag("health", "How things are. Cheap, and for everybody on the machine."),
            Tag("table", "Routes, plans, restores and what happens."),
            Tag("sessions", "A VPN's run, from its begin to its end."),
            Tag("operations", "Requests that take longer than a second.")
        );

    private static JsonObject Tag(string name, string description) =>
        new() { ["name"] = name, ["description"] = description };

    private static JsonObject Content(string mediaType, JsonNode schema) =>
        new() { [mediaType] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };
}
