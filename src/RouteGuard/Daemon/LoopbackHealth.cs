using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RouteGuard.Configuration;

namespace RouteGuard.Daemon;

/// <summary>Health over TCP on the loopback addresses, for what can speak no Unix socket. Nothing else is to be had
/// there.</summary>
/// <remarks>
/// A server of its own, so that its connections are counted apart. Whoever asks has no credentials, and gets what any
/// local user may know. A web page whose name was bound to 127.0.0.1 is refused by the Host header, and no answer lets
/// a page of another origin read it. That the port cannot be had does not keep the daemon from guarding: any local user
/// could take it first.
/// </remarks>
internal sealed class LoopbackHealth : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackHealth(WebApplication app) => _app = app;

    /// <summary>Listens, where the configuration says so.</summary>
    /// <returns>Null when it does not, or cannot; the log says so.</returns>
    public static async Task<LoopbackHealth?> StartAsync(
        Settings settings,
        Endpoints endpoints,
        uint ownUid,
        string contentRoot,
        Serilog.ILogger log
    )
    {
        if (settings.Now.LoopbackPort is not { } port)
        {
            return null;
        }

        var app = Build(settings, endpoints, ownUid, contentRoot, port, log);
        try
        {
            await app.StartAsync();
            log.Information("Health is answered on the loopback port {Port} too", port);
            return new(app);
        }
        catch (IOException refused)
        {
            await app.DisposeAsync();
            log.Error(
                "Cannot answer health on the loopback port {Port}: {Why} Guarding goes on; set health.loopbackPort to a free one.",
                port,
                refused.Message
            );
            return null;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Whether a Host header names this machine's loopback and this port.</summary>
    public static bool IsLoopback(string? host, int port)
    {
        const int HttpPort = 80; // which clients leave out
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port}");
        string[] names = ["localhost", "127.0.0.1", "[::1]"];
        return names.Any(name =>
            string.Equals(host, name + suffix, StringComparison.OrdinalIgnoreCase)
            || (port == HttpPort && string.Equals(host, name, StringComparison.OrdinalIgnoreCase))
        );
    }

    private static WebApplication Build(
        Settings settings,
        Endpoints endpoints,
        uint ownUid,
        string contentRoot,
        int port,
        Serilog.ILogger log
    )
    {
        var builder = ApiServer.NewBuilder(contentRoot, log);
        builder.Services.AddRateLimiter(options => RequestRate.Use(options, settings, ownUid));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ApiServer.Bound(kestrel, Limits.LoopbackConnectionsMax);
            kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.UseRateLimiter();
        app.Run(context => AnswerAsync(context, endpoints, port));
        return app;
    }

    private static Task AnswerAsync(HttpContext context, Endpoints endpoints, int port)
    {
        var request = context.Request;
        if (!IsLoopback(request.Headers.Host.ToString(), port))
        {
            return Reply
                .Problem(
                    StatusCodes.Status421MisdirectedRequest,
                    "MisdirectedRequest",
                    $"Cannot answer: the Host header does not name the loopback. Ask http://127.0.0.1:{port}/health."
                )
                .WriteAsync(context);
        }

        return HttpMethods.IsGet(request.Method) && request.Path.Value is ("/health" or "/healthz")
            ? endpoints.AnswerHealthAsync(context, isAlone: request.Path.Value == "/healthz")
            : Reply
                .Problem(
                    StatusCodes.Status404NotFound,
                    "NotFound",
                    "Cannot answer: here are GET /health and GET /healthz alone. Ask the rest on the Unix socket."
                )
                .WriteAsync(context);
    }
}
