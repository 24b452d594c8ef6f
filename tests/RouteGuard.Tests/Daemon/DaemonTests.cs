using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Tests.Daemon;

public sealed class DaemonTests : IAsyncDisposable
{
    private readonly DaemonWorld _world = new();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_session_goes_from_begin_to_end_over_the_socket()
    {
        await _world.StartAsync();
        var (begun, session) = await SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"home","ownerPid":4711}""");
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        var id = session.GetProperty("id").GetString();
        Assert.Equal($"/v1/sessions/{id}", begun.Headers.Location?.OriginalString);
        Assert.Equal("begun", session.GetProperty("phase").GetString());

        Assert.Equal(
            "up",
            (await SendAsync(HttpMethod.Post, $"/v1/sessions/{id}/up")).Body.GetProperty("phase").GetString()
        );
        Assert.Equal(1, (await SendAsync(HttpMethod.Get, "/v1/sessions")).Body.GetArrayLength());
        Assert.Equal("guarding", (await SendAsync(HttpMethod.Get, "/health")).Body.GetProperty("verdict").GetString());

        var (_, report) = await SendAsync(HttpMethod.Delete, $"/v1/sessions/{id}");
        Assert.Equal("nothingToDo", report.GetProperty("result").GetString());
        Assert.Equal(0, (await SendAsync(HttpMethod.Get, "/v1/sessions")).Body.GetArrayLength());
    }

    [Theory]
    [InlineData("GET", "/v1/sessions/nobody", null, 404)]
    [InlineData("DELETE", "/v1/sessions/nobody", null, 404)]
    [InlineData("GET", "/v1/sessions/..%2f..%2fetc", null, 404)]
    [InlineData("GET", "/v1/nothing", null, 404)]
    [InlineData("PUT", "/v1/sessions", "{}", 405)]
    [InlineData("POST", "/health", null, 405)]
    [InlineData("POST", "/v1/sessions", "{", 400)]
    [InlineData("POST", "/v1/sessions", """{"ownerPid":"many"}""", 400)]
    [InlineData("POST", "/v1/sessions", """{"ownerPid":99999999999999}""", 400)]
    [InlineData("POST", "/v1/sessions", """{"ownerPid":1}""", 400)]
    [InlineData("POST", "/v1/sessions", """{"onDeath":"explode"}""", 400)]
    [InlineData("POST", "/v1/sessions", """{"tunnel":"../../etc"}""", 400)]
    [InlineData("POST", "/v1/sessions", """{"label":"bell \u0007"}""", 400)]
    [InlineData("POST", "/v1/restore", """{"session":"NO"}""", 404)]
    public async Task A_refusal_is_a_problem_with_a_sentence(string method, string path, string? body, int status)
    {
        await _world.StartAsync();
        var (answer, problem) = await SendAsync(new(method), path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("Cannot ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(_world.Guarded.Kernel.Sent);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_and_the_daemon_lives()
    {
        await _world.StartAsync();
        var (answer, _) = await SendAsync(
            HttpMethod.Post,
            "/v1/sessions",
            $$"""{"label":"{{new string('x', 100_000)}}"}"""
        );
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Fact]
    public async Task A_full_disk_is_507_and_begins_nothing()
    {
        await _world.StartAsync();
        _world.Guarded.Machine.DiskProblem = "Cannot store the session: no space left on device (ENOSPC).";
        var (answer, problem) = await SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"home"}""");
        Assert.Equal(507, (int)answer.StatusCode);
        Assert.Contains("no space left", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await SendAsync(HttpMethod.Get, "/v1/sessions")).Body.GetArrayLength());
    }

    [Fact]
    public async Task The_socket_lets_everybody_connect_and_the_directory_lets_nobody_write()
    {
        await _world.StartAsync();
        Assert.Equal("666", Convert.ToString((int)File.GetUnixFileMode(_world.Directories.Socket), 8));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(_world.Directories.Runtime), 8));
    }

    [Fact]
    public async Task A_second_daemon_is_refused_and_the_first_lives()
    {
        await _world.StartAsync();
        var refused = await Assert.ThrowsAsync<GuardException>(() => _world.NewHost().RunAsync(default));
        Assert.StartsWith("Cannot start the daemon: another one answers on", refused.Message, StringComparison.Ordinal);
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Fact]
    public async Task The_socket_of_a_dead_daemon_is_removed()
    {
        Directory.CreateDirectory(_world.Directories.Runtime);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_world.Directories.Socket));
            File.Move(_world.Directories.Socket, $"{_world.Directories.Socket}.kept");
        }

        File.Move($"{_world.Directories.Socket}.kept", _world.Directories.Socket);
        await _world.StartAsync();
        Assert.True(await _world.Client.IsThereAsync(default));
    }

    [Theory]
    [InlineData("a link", "symbolic link")]
    [InlineData("open to others", "others may write")]
    public async Task A_runtime_directory_that_is_not_ours_alone_is_refused(string how, string why)
    {
        var runtime = _world.Directories.Runtime;
        if (how == "a link")
        {
            Directory.CreateSymbolicLink(runtime, Directory.CreateDirectory($"{runtime}.elsewhere").FullName);
        }
        else
        {
            File.SetUnixFileMode(Directory.CreateDirectory(runtime).FullName, (UnixFileMode)0x1ff);
        }

        var refused = await Assert.ThrowsAsync<GuardException>(_world.StartAsync);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_503_while_something_is_wrong()
    {
        await _world.StartAsync();
        _world.Guarded.Machine.DiskProblem = "Cannot append to the journal: no space left on device (ENOSPC).";
        _world.Guarded.Kernel.Delete("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100");
        await SendAsync(HttpMethod.Get, "/v1/status");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);

        _world.Guarded.Machine.DiskProblem = null;
        var (_, session) = await SendAsync(HttpMethod.Post, "/v1/sessions", """{"label":"x"}""");
        _world.Guarded.Machine.DiskProblem = "Cannot append to the journal: no space left on device (ENOSPC).";
        await SendAsync(HttpMethod.Post, $"/v1/sessions/{session.GetProperty("id").GetString()}/up");
        await Task.Delay(50);
        var (answer, health) = await SendAsync(HttpMethod.Get, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("degraded", health.GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task The_command_line_asks_the_daemon()
    {
        await _world.StartAsync();
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "begin", "--label", "cli", "--pid", "4711"));
        var id = _world.Out.ToString().Trim();
        Assert.Equal(ExitCode.Done, await _world.RunAsync("status", "--json"));
        var status = JsonSerializer.Deserialize(_world.Out.ToString(), ApiJson.Default.StatusView);
        Assert.Equal(id, Assert.Single(status!.Sessions).Id);
        Assert.Equal(ExitCode.Done, await _world.RunAsync("session", "end", id));
        Assert.Contains("Nothing to do", _world.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await _world.RunAsync("session", "show", "nobody"));
        Assert.StartsWith("Cannot find session nobody", _world.Error.ToString(), StringComparison.Ordinal);
    }

    private Task<(HttpResponseMessage Answer, JsonElement Body)> SendAsync(
        HttpMethod method,
        string path,
        string? body = null
    ) => _world.SendAsync(method, path, body);
}
