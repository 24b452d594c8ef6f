using RouteGuard.Configuration;
using RouteGuard.Daemon;
using Serilog.Events;

namespace RouteGuard.Tests.Daemon;

/// <summary>The configuration is read again while the daemon runs: at once, whole, or not at all.</summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routeguard-config-");

    private string File => Path.Combine(_folder.FullName, "routeguard.json");

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_can_change_while_running_changes_at_once()
    {
        await StartAsync("{}");
        Assert.Equal("restore", await OnDeathOfANewSessionAsync());

        Write(
            """
            {"sessions":{"onDeath":"keep"},"log":{"level":"error"},"limits":{"connectionsPerUser":1},
             "guard":{"auditSeconds":7,"upAfterQuietSeconds":3,"baselineGraceSeconds":1}}
            """
        );
        Assert.True(_world.Host!.Reload());

        Assert.Equal("keep", await OnDeathOfANewSessionAsync());
        Assert.Equal(LogEventLevel.Error, _world.Settings.Now.LogLevel);
        Assert.Equal(
            new(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)),
            _world.Periods.Last()
        );
        _world.Caller = new(1, 1002, IsInGroup: false);
        using var first = new RawConnection(_world.Directories.Socket);
        first.Send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("HTTP/1.1 200 OK", await first.ReadLineAsync());
        using var second = new RawConnection(_world.Directories.Socket);
        Assert.Equal("", await second.ReadLineAsync());

        var lines = _world.Log.Lines.Count;
        Assert.True(_world.Host.Reload());
        Assert.Equal(lines, _world.Log.Lines.Count);
    }

    [Fact]
    public async Task A_new_rate_holds_from_the_next_request_on()
    {
        await StartAsync("""{"limits":{"requestsPerSecond":1}}""");
        _world.Caller = new(1, 1002, IsInGroup: false);
        var statuses = new List<int>();
        for (var at = 0; at < 5; at++)
        {
            statuses.Add((int)(await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
        }

        Assert.Contains(429, statuses);
        Write("""{"limits":{"requestsPerSecond":1000}}""");
        Assert.True(_world.Host!.Reload());
        Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
    }

    [Fact]
    public async Task A_wrong_file_changes_nothing_and_is_told()
    {
        await StartAsync("""{"sessions":{"onDeath":"keep"}}""");
        Write("""{"sessions":{"onDeath":"hold"},"limits":{"streamsPerUser":17}}""");

        Assert.False(_world.Host!.Reload());

        Assert.Equal("keep", await OnDeathOfANewSessionAsync());
        Assert.Contains(
            $"Error: Cannot use the configuration {File}: limits.streamsPerUser is 17, and may be a whole number from 1 to 16. What was in force stays so",
            _world.Log.Lines
        );
    }

    [Fact]
    public async Task A_file_that_was_taken_away_is_wrong_when_it_was_named_and_the_usual_when_it_was_not()
    {
        await StartAsync("""{"sessions":{"onDeath":"keep"}}""");
        System.IO.File.Delete(File);
        Assert.False(_world.Host!.Reload());
        Assert.Equal("keep", await OnDeathOfANewSessionAsync());

        var usual = new Settings(new(File, MustBeThere: false), new() { Group = "other" });
        usual.Reload();
        Assert.Equal(DaemonConfiguration.Usual, usual.Now);
    }

    [Fact]
    public async Task Another_loopback_port_takes_a_restart_and_the_log_says_so()
    {
        await StartAsync("{}");
        Write("""{"health":{"loopbackPort":7743}}""");
        Assert.True(_world.Host!.Reload());
        Assert.Contains("Warning: health.loopbackPort has changed: it takes a restart of the daemon", _world.Log.Lines);
    }

    [Fact]
    public async Task Who_is_no_longer_in_the_group_is_cut_and_comes_back_as_a_stranger()
    {
        await StartAsync("{}");
        _world.Caller = new(1, 1001, IsInGroup: true);
        using var member = new RawConnection(_world.Directories.Socket);
        member.Send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("HTTP/1.1 200 OK", await member.ReadLineAsync());

        _world.Caller = new(1, 1001, IsInGroup: false);
        Assert.True(_world.Host!.Reload());

        await member.ReadToEndAsync();
        Assert.Equal(403, (int)(await _world.SendAsync(HttpMethod.Get, "/v1/status")).Answer.StatusCode);
    }

    [Fact]
    public void A_group_is_found_by_its_configured_name_and_line()
    {
        var groups = Path.Combine(_folder.FullName, "group");
        System.IO.File.WriteAllText(
            groups,
            "root:x:0:\nvpn:x:4242:alice,bob\nvpn-admins:x:5000:\nbroken:x:-1:\nnone\n"
        );
        Assert.Equal(4242u, PeerCredentials.FindGroup("vpn", groups));
        Assert.Equal(5000u, PeerCredentials.FindGroup("vpn-admins", groups));
        Assert.Null(PeerCredentials.FindGroup("broken", groups));
        Assert.Null(PeerCredentials.FindGroup("none", groups));
        Assert.Null(PeerCredentials.FindGroup("alice", groups));
        Assert.Null(PeerCredentials.FindGroup("vpn", Path.Combine(_folder.FullName, "absent")));
    }

    private async Task StartAsync(string configuration)
    {
        Write(configuration);
        _world.Settings = Settings.Open(new(File, MustBeThere: true));
        await _world.StartAsync();
    }

    private void Write(string configuration)
    {
        System.IO.File.WriteAllText(File, configuration);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task<string?> OnDeathOfANewSessionAsync()
    {
        var caller = _world.Caller;
        _world.Caller = null;
        var (_, session) = await _world.SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"x"}""");
        await _world.SendAsync(HttpMethod.Delete, $"/v1/sessions/{session.GetProperty("id").GetString()}");
        _world.Caller = caller;
        return session.GetProperty("onDeath").GetString();
    }
}
