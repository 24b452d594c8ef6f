using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>GET /v1/events: live, resumed, and bounded.</summary>
public sealed class EventTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(20));

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task A_listener_hears_what_happens_and_resumes_where_it_was()
    {
        await _world.StartAsync();
        string id;
        await using (var stream = await ListenAsync(null))
        {
            await stream.NextAsync();
            await _world.SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"home"}""");
            var begun = await stream.NextAsync();
            Assert.Equal("event: session", begun[1]);
            Assert.Contains("\"text\":\"begun\"", begun[2], StringComparison.Ordinal);
            Assert.Equal("event: verdict", (await stream.NextAsync())[1]);
            id = begun[0]["id: ".Length..];
        }

        // While nobody listens.
        await _world.SendAsync(HttpMethod.Post, "/v1/restore");

        await using var resumed = await ListenAsync(id);
        await resumed.NextAsync();
        Assert.Contains("\"text\":\"guarding\"", (await resumed.NextAsync())[2], StringComparison.Ordinal);
        Assert.Contains("\"text\":\"closed\"", (await resumed.NextAsync())[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-1")]
    [InlineData("nonsense")]
    [InlineData("9223372036854775807")]
    public async Task An_id_of_another_run_is_told_that_events_may_be_missing(string id)
    {
        await _world.StartAsync();
        await using var stream = await ListenAsync(id);
        Assert.Equal("event: lost", (await stream.NextAsync())[1]);
    }

    [Fact]
    public async Task A_stranger_may_not_listen()
    {
        await _world.StartAsync();
        _world.Caller = new(1, 1002, IsInGroup: false);
        Assert.Equal(403, (int)(await _world.SendAsync(HttpMethod.Get, "/v1/events")).Answer.StatusCode);
    }

    [Fact]
    public async Task Listeners_are_bounded_and_one_that_goes_makes_room()
    {
        await _world.StartAsync();
        List<Listener> listeners = [];
        for (var at = 0; at < Limits.StreamsMax; at++)
        {
            Become(at / Limits.StreamsPerUserUsual);
            listeners.Add(await ListenAsync(null));
        }

        Become(Limits.StreamsMax);
        Assert.Equal(409, (int)(await _world.SendAsync(HttpMethod.Get, "/v1/events")).Answer.StatusCode);
        await listeners[0].DisposeAsync();
        const int TriesMax = 500;
        for (var attempt = 0; ; attempt++)
        {
            using var http = _world.NewHttp();
            using var answer = await http.GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead, _end.Token);
            if (answer.IsSuccessStatusCode)
            {
                break;
            }

            Assert.True(attempt < TriesMax, "the place of a listener that went is not given to another");
            await Task.Delay(10);
        }

        foreach (var listener in listeners[1..])
        {
            await listener.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_user_has_a_few_listeners_and_leaves_room_for_another()
    {
        await _world.StartAsync();
        Become(0);
        List<Listener> listeners = [];
        for (var at = 0; at < Limits.StreamsPerUserUsual; at++)
        {
            listeners.Add(await ListenAsync(null));
        }

        var (answer, problem) = await _world.SendAsync(HttpMethod.Get, "/v1/events");
        Assert.Equal(409, (int)answer.StatusCode);
        Assert.Equal("Conflict", problem.GetProperty("title").GetString());
        Become(1);
        await (await ListenAsync(null)).DisposeAsync();
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_daemon_that_stops_does_not_wait_for_its_listeners()
    {
        await _world.StartAsync();
        await using var stream = await ListenAsync(null);
        await _world.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_ring_keeps_the_newest_and_counts_what_was_missed()
    {
        var ring = new EventRing();
        var more = ring.After(0).More;
        for (var at = 1; at <= EventRing.EventsMax + 10; at++)
        {
            ring.Add([Event(at)]);
        }

        Assert.True(more.IsCompleted);
        var all = ring.After(0);
        Assert.Equal((11, 10, EventRing.EventsMax), (all.First, all.Missed, all.Events.Count));
        Assert.Equal("11", all.Events[0].Text);
        var last = ring.After(ring.Last - 1);
        Assert.Equal((ring.Last, 0, 1), (last.First, last.Missed, last.Events.Count));
        var none = ring.After(ring.Last);
        Assert.Equal((ring.Last + 1, 0, 0), (none.First, none.Missed, none.Events.Count));
        Assert.False(none.More.IsCompleted);
    }

    [Fact]
    public void A_turn_with_very_much_drift_is_cut_and_says_so()
    {
        string[] drift = [.. Enumerable.Range(0, 1000).Select(at => $"missing: 10.0.{at}")];
        var status = new GuardStatus(Verdict.Drift, [], drift, [], null, null);

        var events = GuardEvents.Between(null, status, default);

        Assert.Equal(GuardEvents.PerTurnMax, events.Count);
        Assert.Equal("938 more events of this turn are not listed.", events[^1].Text);
        Assert.Empty(GuardEvents.Between(status, status, default));
    }

    // One of the members of the group.
    private void Become(int number) => _world.Caller = new(1, 1000 + (uint)number, IsInGroup: true);

    private static EventView Event(int number) =>
        new(default, "drift", number.ToString(System.Globalization.CultureInfo.InvariantCulture), null);

    private async Task<Listener> ListenAsync(string? lastId)
    {
        var http = _world.NewHttp();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new(http, new(await answer.Content.ReadAsStreamAsync(_end.Token)), _end.Token);
    }

    private sealed class Listener(HttpClient http, StreamReader lines, CancellationToken stop) : IAsyncDisposable
    {
        /// <summary>The lines of the next block.</summary>
        public async Task<string[]> NextAsync()
        {
            List<string> block = [];
            while (await lines.ReadLineAsync(stop) is { Length: > 0 } line)
            {
                block.Add(line);
            }

            return [.. block];
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            http.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
