using RouteGuard.Client;
using RouteGuard.Core.Api;

namespace RouteGuard.Tests.Client;

/// <summary>Requests that the daemon could not answer within its second.</summary>
public sealed class OperationTests
{
    private const string Report =
        """{"result":"restored","at":"2026-11-23T12:00:00Z","tookMilliseconds":1,"cause":"x","sessions":[],"steps":[],"stepsTotal":0,"leftAlone":[],"problems":[]}""";

    private static readonly ClientBounds Bounds = new()
    {
        AnswerMax = TimeSpan.FromSeconds(5),
        FollowEvery = TimeSpan.FromMilliseconds(1),
        FollowsMax = 20,
    };

    private int _step;

    [Fact]
    public async Task An_operation_is_followed_to_its_end_and_its_progress_told()
    {
        await using var server = new HostileServer(async visit =>
        {
            var step = Interlocked.Increment(ref _step);
            await visit.WriteAsync(step < 4 ? Running("/v1/operations/restore-1", step) : Json(200, Report));
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var progress = new Steps();
        Assert.Equal("restored", (await client.RestoreAsync(new(null, false), progress)).Result);
        Assert.Equal([1, 2, 3], progress.Done);
        Assert.Equal(
            ["POST /v1/restore HTTP/1.1", .. Enumerable.Repeat("GET /v1/operations/restore-1 HTTP/1.1", 3)],
            server.Requests
        );
    }

    [Fact]
    public async Task An_operation_that_ends_in_a_refusal_is_refused()
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(
                visit.Line.StartsWith("POST", StringComparison.Ordinal)
                    ? Running("/v1/operations/7", 1)
                    : "HTTP/1.1 507 X\r\nContent-Length: 0\r\n\r\n"
            );
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => client.SnapshotAsync());
        Assert.Equal((RefusalKind.Failed, 507), (refused.Kind, refused.Status));
    }

    [Fact]
    public async Task An_operation_without_an_end_is_left()
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Running("/v1/operations/7", 1));
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => client.StatusAsync());
        Assert.Equal(
            "Cannot wait for the daemon any longer: /v1/operations/7 still runs after 20 questions.",
            refused.Message
        );
        Assert.Equal(21, server.Requests.Count);

        using var hurried = new RouteGuardClient(
            server.SocketPath,
            Bounds with
            {
                AnswerMax = TimeSpan.FromSeconds(0.3),
                FollowEvery = TimeSpan.FromSeconds(0.1),
            },
            TimeProvider.System
        );
        refused = await Assert.ThrowsAsync<RouteGuardException>(() => hurried.StatusAsync());
        Assert.StartsWith("Cannot reach the daemon: no answer within", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://192.0.2.1/v1/operations/7")]
    [InlineData("//192.0.2.1/v1/operations/7")]
    [InlineData("/v1/restore")]
    [InlineData("/v1/operations/")]
    [InlineData("/v1/operations/../restore")]
    [InlineData("/v1/operations/7?x")]
    [InlineData("/v1/operations/7/8")]
    public async Task Nothing_but_an_operation_is_followed(string? location)
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(Running(location, 1));
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<RouteGuardException>(() => client.PlanAsync());
        Assert.StartsWith("Cannot follow the daemon", refused.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_operation_may_be_asked_for_by_its_id()
    {
        await using var server = new HostileServer(async visit =>
        {
            await visit.WriteAsync(
                Interlocked.Increment(ref _step) switch
                {
                    1 => Running(null, 1),
                    2 => Json(200, Report),
                    3 => Json(200, "{"),
                    _ => Json(202, "{}"),
                }
            );
            return true;
        });
        using var client = new RouteGuardClient(server.SocketPath, Bounds, TimeProvider.System);
        var running = Assert.IsType<OperationAnswer.Running>(await client.OperationAsync("7"));
        Assert.Equal(new("7", "running", new(1, 9, 1)), running.Operation);
        var ended = Assert.IsType<OperationAnswer.Ended>(await client.OperationAsync("7"));
        Assert.Equal("restored", ended.Body.GetProperty("result").GetString());
        await Assert.ThrowsAsync<RouteGuardException>(() => client.OperationAsync("7"));
        await Assert.ThrowsAsync<RouteGuardException>(() => client.OperationAsync("7"));
    }

    private static string Running(string? location, int done) =>
        Json(
            202,
            $$$"""{"operation":"7","state":"running","progress":{"stepsDone":{{{done}}},"stepsTotal":9,"pass":1}}""",
            location is null ? string.Empty : $"Location: {location}\r\n"
        );

    private static string Json(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";

    private sealed class Steps : IProgress<OperationView>
    {
        public List<int> Done { get; } = [];

        public void Report(OperationView value) => Done.Add(value.Progress!.StepsDone);
    }
}
