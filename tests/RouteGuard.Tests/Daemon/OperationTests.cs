using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>A question that takes long: withdrawn while it waits, an operation once it is begun.</summary>
public sealed class OperationTests : IAsyncDisposable
{
    private static readonly Peer Stranger = new(1, 1002, IsInGroup: false);

    private readonly DaemonWorld _world = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _goesOn = new();

    public OperationTests() => _world.Time = _time;

    public async ValueTask DisposeAsync()
    {
        _goesOn.Set();
        await _world.DisposeAsync();
        _goesOn.Dispose();
    }

    [Fact]
    public async Task What_is_not_begun_in_time_is_never_begun()
    {
        var restores = 0;
        _world.BeforeRestore = () => restores++;
        await _world.StartAsync();
        var busy = _world.HappensAsync(_goesOn.Wait);

        var (answer, problem) = await InTimeAsync(_world.SendAsync(HttpMethod.Post, "/v1/restore"));

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal("Busy", problem.GetProperty("title").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        _goesOn.Set();
        await busy;
        Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Get, "/v1/status")).Answer.StatusCode);
        Assert.Equal(0, restores);
    }

    [Fact]
    public async Task A_caller_who_goes_away_takes_his_question_with_him()
    {
        await _world.StartAsync();

        // The world's own client keeps its connection.
        var own = _world.Host!.OpenConnections;
        var path = await BeginAsOwnerAsync();
        var busy = _world.HappensAsync(_goesOn.Wait);
        var impatient = Enumerable
            .Range(0, Limits.QuestionsPerOtherMax)
            .Select(_ => new RawConnection(_world.Directories.Socket))
            .ToArray();
        foreach (var one in impatient)
        {
            one.Send($"DELETE {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        // One more is refused as soon as all of them wait for the guard.
        await EventuallyAsync(() => IsRefusedAtOnceAsync($"DELETE {path}"));
        foreach (var one in impatient)
        {
            one.Dispose();
        }

        await EventuallyAsync(() => Task.FromResult(_world.Host!.OpenConnections == own));
        _goesOn.Set();
        await busy;
        _world.Caller = null;
        Assert.Equal(1, (await _world.SendAsync(HttpMethod.Get, "/v1/sessions")).Body.GetArrayLength());
    }

    [Fact]
    public async Task What_is_begun_goes_on_and_is_fetched_as_it_would_have_been_answered()
    {
        _world.BeforeRestore = _goesOn.Wait;
        await _world.StartAsync();
        var (accepted, running) = await InTimeAsync(_world.SendAsync(HttpMethod.Post, "/v1/restore"));

        Assert.Equal(202, (int)accepted.StatusCode);
        Assert.Equal("running", running.GetProperty("state").GetString());
        var location = accepted.Headers.Location!.OriginalString;
        Assert.Equal($"/v1/operations/{running.GetProperty("operation").GetString()}", location);

        var (still, body) = await InTimeAsync(_world.SendAsync(HttpMethod.Get, location));
        Assert.Equal(202, (int)still.StatusCode);
        Assert.Equal(running.GetRawText(), body.GetRawText());
        Assert.Equal(location, still.Headers.Location!.OriginalString);

        _goesOn.Set();
        var (done, report) = await FetchAsync(location);
        Assert.Equal(200, (int)done.StatusCode);
        Assert.Equal("nothingToDo", report.GetProperty("result").GetString());
        Assert.Null(done.Headers.Location);
        Assert.Equal(200, (int)(await FetchAsync(location)).Answer.StatusCode);
    }

    [Fact]
    public async Task A_refusal_that_comes_late_is_fetched_as_a_refusal()
    {
        _world.BeforeRestore = _goesOn.Wait;
        await _world.StartAsync();
        var (accepted, _) = await InTimeAsync(
            _world.SendAsync(HttpMethod.Post, "/v1/restore", """{"session":"s20260101-000000-00000000"}""")
        );
        Assert.Equal(202, (int)accepted.StatusCode);
        _goesOn.Set();

        var (refused, problem) = await FetchAsync(accepted.Headers.Location!.OriginalString);

        Assert.Equal(404, (int)refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("Cannot find session", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, false, 200)]
    [InlineData(1001, true, 200)]
    [InlineData(1001, false, 200)]
    [InlineData(1002, true, 200)]
    [InlineData(1002, false, 403)]
    public async Task An_operation_is_for_who_asked_and_for_the_privileged(uint uid, bool isInGroup, int status)
    {
        _world.BeforeRestore = _goesOn.Wait;
        await _world.StartAsync();
        _world.Caller = new(1, 1001, IsInGroup: true);
        var (accepted, _) = await InTimeAsync(_world.SendAsync(HttpMethod.Post, "/v1/restore"));
        _goesOn.Set();
        var location = accepted.Headers.Location!.OriginalString;
        Assert.Equal(200, (int)(await FetchAsync(location)).Answer.StatusCode);

        _world.Caller = new(2, uid, isInGroup);
        Assert.Equal(status, (int)(await _world.SendAsync(HttpMethod.Get, location)).Answer.StatusCode);
    }

    [Fact]
    public async Task An_unknown_operation_is_not_found_by_anybody()
    {
        await _world.StartAsync();
        foreach (var peer in new[] { null, Stranger })
        {
            _world.Caller = peer;
            var (answer, problem) = await _world.SendAsync(HttpMethod.Get, "/v1/operations/op-0");
            Assert.Equal(404, (int)answer.StatusCode);
            Assert.StartsWith(
                "Cannot find operation op-0",
                problem.GetProperty("detail").GetString()!,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task A_user_who_has_but_a_session_leaves_room_in_the_queue()
    {
        await _world.StartAsync();
        var path = $"{await BeginAsOwnerAsync()}/confirm";
        var busy = _world.HappensAsync(_goesOn.Wait);
        var waiting = Enumerable
            .Range(0, Limits.QuestionsPerOtherMax)
            .Select(_ => _world.SendAsync(HttpMethod.Post, path))
            .ToArray();
        await EventuallyAsync(() => IsRefusedAtOnceAsync($"POST {path}"));
        var (refused, problem) = await _world.SendAsync(HttpMethod.Post, path);
        Assert.Equal(503, (int)refused.StatusCode);
        Assert.Equal("Busy", problem.GetProperty("title").GetString());

        _goesOn.Set();
        await busy;
        Assert.Contains(200, (await Task.WhenAll(waiting)).Select(one => (int)one.Answer.StatusCode));

        Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Post, path)).Answer.StatusCode);
    }

    [Fact]
    public async Task A_session_that_was_just_begun_is_its_users_at_once()
    {
        await _world.StartAsync();

        // What a turn changed is slow to be published: an answer that did not wait for that would be too early.
        _world.Alter = status =>
        {
            Thread.Sleep(50);
            return status;
        };
        var path = await BeginAsOwnerAsync();
        Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Delete, path)).Answer.StatusCode);
    }

    [Fact]
    public void The_last_operations_are_kept_by_number_and_by_size()
    {
        var byNumber = new Operations(countMax: 3, bytesMax: 1000);
        var all = Enumerable.Range(0, 4).Select(_ => byNumber.Keep(1, ReplyOf(10))).ToArray();
        Assert.Null(byNumber.Find(all[0].Id));
        Assert.Equal(all[1..], all[1..].Select(one => byNumber.Find(one.Id)));

        var bySize = new Operations(countMax: 64, bytesMax: 1000);
        var small = bySize.Keep(1, ReplyOf(10));
        var late = new TaskCompletionSource<Reply>();
        var large = bySize.Keep(1, late.Task);
        Assert.NotNull(bySize.Find(small.Id));
        late.SetResult(new(200, "text/plain", new byte[2000]));
        Assert.NotNull(bySize.Find(large.Id));
        Assert.Null(bySize.Find(small.Id));
        Assert.NotEqual(small.Id, large.Id);
    }

    // A user who was in the group when he began his session, and is no more.
    private async Task<string> BeginAsOwnerAsync()
    {
        _world.Caller = new(1, 1001, IsInGroup: true);
        var (_, session) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"mine"}""");
        _world.Caller = new(1, 1001, IsInGroup: false);
        return $"/v1/sessions/{session.GetProperty("id").GetString()}";
    }

    // What is not refused would wait for the guard; then it goes away again.
    private async Task<bool> IsRefusedAtOnceAsync(string request)
    {
        using var connection = new RawConnection(_world.Directories.Socket);
        connection.Send($"{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var line = connection.ReadLineAsync();
        await Task.WhenAny(line, Task.Delay(300));
        return line.IsCompleted && (await line).StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        const int LooksMax = 400;
        for (var look = 0; !await holds(); look++)
        {
            Assert.True(look < LooksMax, "it never came so");
            await Task.Delay(10);
        }
    }

    private static Task<Reply> ReplyOf(int bytes) => Task.FromResult(new Reply(200, "text/plain", new byte[bytes]));

    private Task<(HttpResponseMessage Answer, JsonElement Body)> FetchAsync(string location) =>
        InTimeAsync(_world.SendAsync(HttpMethod.Get, location));

    // Lets the daemon's time pass until it has answered.
    private async Task<(HttpResponseMessage Answer, JsonElement Body)> InTimeAsync(
        Task<(HttpResponseMessage Answer, JsonElement Body)> asked
    )
    {
        const int LooksMax = 500;
        await Task.WhenAny(asked, Task.Delay(200));
        for (var look = 0; look < LooksMax && !asked.IsCompleted; look++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(asked, Task.Delay(20));
        }

        Assert.True(asked.IsCompleted, "there is no answer, whatever time passes");
        return await asked;
    }
}
