using System.Net;
using System.Net.Sockets;
using System.Text;
using RouteGuard.Configuration;
using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>Health over TCP: only health, only by a loopback name, for no page of another origin.</summary>
public sealed class LoopbackTests : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly DaemonWorld _world = new();
    private readonly int _port = FreePort();

    public LoopbackTests() => _world.Settings = new(null, new() { LoopbackPort = _port });

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/healthz", 200)]
    [InlineData("GET", "/health?x=1", 200)]
    [InlineData("GET", "/health/", 404)]
    [InlineData("GET", "/HEALTH", 404)]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/metrics", 404)]
    [InlineData("GET", "/openapi/v1.json", 404)]
    [InlineData("GET", "/v1/status", 404)]
    [InlineData("GET", "/v1/events", 404)]
    [InlineData("GET", "/v1/sessions", 404)]
    [InlineData("POST", "/v1/restore", 404)]
    [InlineData("POST", "/health", 404)]
    [InlineData("HEAD", "/health", 404)]
    [InlineData("DELETE", "/health", 404)]
    [InlineData("OPTIONS", "/health", 404)]
    public async Task Only_health_is_answered(string method, string path, int status)
    {
        await _world.StartAsync();
        var answer = await AskAsync(method, path, $"127.0.0.1:{_port}");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\r\nAllow:", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            status == 200 ? "\r\nContent-Type: application/json\r\n" : "\r\nContent-Type: application/problem+json\r\n",
            answer,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("localhost:PORT", 200)]
    [InlineData("LOCALHOST:PORT", 200)]
    [InlineData("127.0.0.1:PORT", 200)]
    [InlineData("[::1]:PORT", 200)]
    [InlineData("localhost", 421)]
    [InlineData("127.0.0.1", 421)]
    [InlineData("localhost:1", 421)]
    [InlineData("localhost.:PORT", 421)]
    [InlineData("evil.example:PORT", 421)]
    [InlineData("localhost.evil.example:PORT", 421)]
    [InlineData("127.0.0.1.evil.example:PORT", 421)]
    [InlineData("127.0.0.2:PORT", 421)]
    [InlineData("0.0.0.0:PORT", 421)]
    [InlineData("2130706433:PORT", 421)]
    [InlineData("[::]:PORT", 400)] // Kestrel takes it for no name at all
    [InlineData("[::ffff:127.0.0.1]:PORT", 421)]
    [InlineData("192.0.2.1:PORT", 421)]
    public async Task Only_a_loopback_name_with_the_port_is_answered(string host, int status)
    {
        await _world.StartAsync();
        var answer = await AskAsync(
            "GET",
            "/health",
            host.Replace(
                "PORT",
                _port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            )
        );
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        if (status == 421)
        {
            Assert.Contains("\"title\": \"MisdirectedRequest\"", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("verdict", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("localhost", 80, true)]
    [InlineData("localhost:80", 80, true)]
    [InlineData("localhost", 7743, false)]
    [InlineData("", 80, false)]
    [InlineData(null, 80, false)]
    public void A_client_leaves_out_the_port_of_HTTP_alone(string? host, int port, bool isLoopback) =>
        Assert.Equal(isLoopback, LoopbackHealth.IsLoopback(host, port));

    [Fact]
    public async Task Nothing_listens_unless_it_is_configured()
    {
        _world.Settings = Settings.Open(null);
        await _world.StartAsync();
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, _port));
    }

    [Fact]
    public async Task Only_the_loopback_addresses_listen()
    {
        await _world.StartAsync();
        var listeners = System
            .Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties()
            .GetActiveTcpListeners()
            .Where(listener => listener.Port == _port)
            .ToArray();
        Assert.NotEmpty(listeners);
        Assert.All(listeners, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{listener}"));
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_does_not_keep_the_daemon_from_guarding()
    {
        var taken = new TcpListener(IPAddress.Loopback, _port);
        taken.Start();
        try
        {
            await _world.StartAsync();
            Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
            Assert.Contains(
                _world.Log.Lines,
                line =>
                    line.StartsWith(
                        $"Error: Cannot answer health on the loopback port {_port}",
                        StringComparison.Ordinal
                    )
            );
        }
        finally
        {
            taken.Dispose();
        }
    }

    [Fact]
    public async Task Its_connections_are_bounded_and_are_none_of_the_sockets()
    {
        await _world.StartAsync();
        List<TcpClient> open = [];
        try
        {
            for (var at = 0; at < Limits.LoopbackConnectionsMax; at++)
            {
                var client = new TcpClient();
                open.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, _port);
                Assert.StartsWith("HTTP/1.1 200 ", await SendAsync(client, Request("GET", "/healthz", keep: true)));
            }

            Assert.Equal("", await AskAsync("GET", "/health", $"localhost:{_port}"));
            Assert.Equal(200, (int)(await _world.SendAsync(HttpMethod.Get, "/health")).Answer.StatusCode);
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private string Request(string method, string path, bool keep, string? host = null) =>
        $"{method} {path} HTTP/1.1\r\nHost: {host ?? $"localhost:{_port}"}\r\nOrigin: http://evil.example\r\n"
        + $"Access-Control-Request-Method: GET\r\nConnection: {(keep ? "keep-alive" : "close")}\r\n\r\n";

    private async Task<string> AskAsync(string method, string path, string host)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        return await SendAsync(client, Request(method, path, keep: false, host), isWhole: true);
    }

    private static async Task<string> SendAsync(TcpClient client, string request, bool isWhole = false)
    {
        using var end = new CancellationTokenSource(WaitMax);
        var text = new StringBuilder();
        var bytes = new byte[4096];
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), end.Token);
            do
            {
                var length = await stream.ReadAsync(bytes, end.Token);
                if (length == 0)
                {
                    break;
                }

                text.Append(Encoding.UTF8.GetString(bytes, 0, length));
            } while (isWhole);
        }
        catch (IOException)
        {
            // Cut.
        }

        return text.ToString();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
