using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Tests.Daemon;

namespace RouteGuard.Tests.OpenApi;

/// <summary>What a running daemon answers is what the document says: status, media type, and every member.</summary>
public sealed class AnswerTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();
    private readonly JsonNode _document = JsonNode.Parse(ApiDocument.Print(out _))!;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Every_good_answer_is_as_described()
    {
        await _world.StartAsync();
        foreach (var path in new[] { "/healthz", "/health", "/metrics", "/openapi/v1.json", "/v1/routes" })
        {
            await AskAsync("GET", path, path);
        }

        await AskAsync("GET", "/v1/events", "/v1/events");
        const string Begin = """{"label":"home","ownerPid":4711,"tunnel":"tun0","leaseSeconds":600}""";
        var id = (await AskAsync("POST", "/v1/sessions", "/v1/sessions", Begin)).GetProperty("id").GetString();
        await _world.HappensAsync(_world.Guarded.FourSteps);
        await AskAsync("POST", "/v1/sessions/{id}/up", $"/v1/sessions/{id}/up", """{"confirmSeconds":60}""");
        await AskAsync("POST", "/v1/sessions/{id}/heartbeat", $"/v1/sessions/{id}/heartbeat");
        await AskAsync("POST", "/v1/sessions/{id}/confirm", $"/v1/sessions/{id}/confirm");
        await AskAsync("GET", "/v1/sessions", "/v1/sessions");
        await AskAsync("GET", "/v1/sessions/{id}", $"/v1/sessions/{id}");
        await AskAsync("GET", "/v1/plan", "/v1/plan");
        await AskAsync("GET", "/health", "/health");
        var plan = await AskAsync("POST", "/v1/restore", "/v1/restore", """{"dryRun":true}""");
        Assert.NotEqual(0, plan.GetProperty("steps").GetArrayLength());
        await AskAsync("POST", "/v1/restore", "/v1/restore");
        Assert.True((await AskAsync("GET", "/v1/status", "/v1/status")).TryGetProperty("lastRestore", out _));
        await AskAsync("POST", "/v1/snapshot", "/v1/snapshot");
        id = (await AskAsync("POST", "/v1/sessions", "/v1/sessions", "{}")).GetProperty("id").GetString();
        await AskAsync("DELETE", "/v1/sessions/{id}", $"/v1/sessions/{id}");

        var described = ApiOperations
            .All.Where(operation => operation.Tag != "operations")
            .SelectMany(operation =>
                operation
                    .Answers.Where(answer => answer.Status is 200 or 201)
                    .Select(answer => $"{operation.Method} {operation.Path} {answer.Status}")
            );
        Assert.Equal(described.Order(StringComparer.Ordinal), _seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("POST", "/v1/sessions", "/v1/sessions", "{", 400)]
    [InlineData("POST", "/v1/sessions", "/v1/sessions", """{"ownerPid":4711,"leaseSeconds":1}""", 400)]
    [InlineData("POST", "/v1/restore", "/v1/restore", """{"session":"nobody"}""", 404)]
    [InlineData("GET", "/v1/sessions/{id}", "/v1/sessions/nobody", null, 404)]
    [InlineData("DELETE", "/v1/sessions/{id}", "/v1/sessions/nobody", null, 404)]
    [InlineData("POST", "/v1/sessions/{id}/up", "/v1/sessions/nobody/up", null, 404)]
    [InlineData("POST", "/v1/sessions/{id}/heartbeat", "/v1/sessions/nobody/heartbeat", null, 404)]
    [InlineData("POST", "/v1/sessions/{id}/confirm", "/v1/sessions/nobody/confirm", null, 404)]
    public async Task Refusals_are_as_described(string method, string template, string path, string? body, int status)
    {
        await _world.StartAsync();
        await AskAsync(method, template, path, body);
        Assert.Equal([$"{method} {template} {status}"], _seen);
    }

    [Fact]
    public async Task Refusals_of_strangers_are_as_described()
    {
        await _world.StartAsync();
        _world.Caller = new(1, 1002, IsInGroup: false);
        foreach (var operation in ApiOperations.All.Where(operation => operation.Tag != "operations"))
        {
            var path = operation.Path.Replace("{id}", "some", StringComparison.Ordinal);
            await AskAsync(operation.Method, operation.Path, path);
        }

        Assert.Equal(
            ApiOperations.All.Count(operation => operation.Refusals.Contains(403)) - 1,
            _seen.Count(seen => seen.EndsWith(" 403", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Bad_health_and_a_full_disk_are_as_described()
    {
        _world.Alter = status => status with { Verdict = Verdict.Degraded, Problems = ["The guard says so."] };
        await _world.StartAsync();
        _world.Guarded.Machine.DiskProblem = "Cannot store the session: no space left on device (ENOSPC).";
        await AskAsync("GET", "/health", "/health");
        await AskAsync("POST", "/v1/sessions", "/v1/sessions", "{}");
        await AskAsync("POST", "/v1/sessions", "/v1/sessions", $$"""{"label":"{{new string('x', 100_000)}}"}""");
        Assert.Equal(
            ["GET /health 503", "POST /v1/sessions 413", "POST /v1/sessions 507"],
            _seen.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task An_event_is_as_described()
    {
        await _world.StartAsync();
        using var http = _world.NewHttp();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
        request.Headers.Add("Last-Event-ID", "of-another-run");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        const int LinesMax = 10;
        for (var line = 0; line < LinesMax; line++)
        {
            if (await lines.ReadLineAsync() is { } text && text.StartsWith("data: ", StringComparison.Ordinal))
            {
                Check(Response("GET", "/v1/events", 200)["x-event-data"]!, text["data: ".Length..]);
                return;
            }
        }

        Assert.Fail("there was no event");
    }

    [Fact]
    public void What_an_operation_tells_is_as_described()
    {
        var response = Response("GET", "/v1/operations/{id}", 202);
        foreach (var progress in new[] { null, new OperationProgressView(3, 7, 1) })
        {
            var running = new OperationView("restore-1", "running", progress);
            Check(
                SchemaOf(response, "application/json"),
                JsonSerializer.Serialize(running, ApiJson.Default.OperationView)
            );
        }
    }

    [Theory]
    [InlineData("""{"alive":true}""")]
    [InlineData("""{"alive":true,"lastTurnAgeSeconds":"young"}""")]
    [InlineData("""{"alive":true,"lastTurnAgeSeconds":1,"mood":"good"}""")]
    [InlineData("""{"alive":null,"lastTurnAgeSeconds":1}""")]
    public void An_answer_that_is_not_as_described_would_be_seen(string body) =>
        Assert.NotEmpty(Faults(SchemaOf(Response("GET", "/healthz", 200), "application/json"), body));

    private async Task<JsonElement> AskAsync(string method, string template, string path, string? body = null)
    {
        using var http = _world.NewHttp();
        using var request = new HttpRequestMessage(new(method), path)
        {
            Content = body is null ? null : new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
        };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var status = (int)answer.StatusCode;
        _seen.Add($"{method} {template} {status}");
        var response = Response(method, template, status);
        foreach (var header in response["headers"] as JsonObject ?? [])
        {
            Assert.True(header.Value!["required"] is null || answer.Headers.Contains(header.Key), header.Key);
        }

        var mediaType = answer.Content.Headers.ContentType!.MediaType!;
        var schema = SchemaOf(response, mediaType);
        if (!mediaType.EndsWith("json", StringComparison.Ordinal))
        {
            return default;
        }

        var text = await answer.Content.ReadAsStringAsync();
        Check(schema, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private JsonNode Response(string method, string template, int status)
    {
        var operation = _document["paths"]![template]![method.ToLowerInvariant()]!;
        var response = operation["responses"]![status.ToString(CultureInfo.InvariantCulture)];
        Assert.True(response is not null, $"{method} {template} answers {status}, and the document does not say so");
        return response["$ref"]?.GetValue<string>() is { } reference
            ? _document["components"]!["responses"]![reference[(reference.LastIndexOf('/') + 1)..]]!
            : response;
    }

    private static JsonNode SchemaOf(JsonNode response, string mediaType)
    {
        var schema = response["content"]![mediaType]?["schema"];
        Assert.True(schema is not null, $"the document does not tell of {mediaType}");
        return schema;
    }

    private void Check(JsonNode schema, string body)
    {
        var faults = Faults(schema, body);
        Assert.True(faults.Count == 0, $"{string.Join('\n', faults)}\nin {body}");
    }

    // Stricter than the document: a member that it does not tell of is a fault here.
    private List<string> Faults(JsonNode schema, string body)
    {
        var records = _document["components"]!["schemas"]!.DeepClone().AsObject();
        foreach (var record in records)
        {
            record.Value!["additionalProperties"] = false;
        }

        var whole = new JsonObject { ["$defs"] = records, ["allOf"] = new JsonArray(schema.DeepClone()) };
        var text = whole.ToJsonString().Replace(ApiSchemas.Prefix, "#/$defs/", StringComparison.Ordinal);
        var result = JsonSchema
            .FromText(text)
            .Evaluate(
                JsonDocument.Parse(body).RootElement,
                new EvaluationOptions { OutputFormat = OutputFormat.List, RequireFormatValidation = true }
            );
        return result.IsValid
            ? []
            :
            [
                .. result.Details!.SelectMany(detail =>
                    (detail.Errors ?? new Dictionary<string, string>()).Select(error =>
                        $"{detail.InstanceLocation}: {error.Value}"
                    )
                ),
            ];
    }
}
