using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;

namespace RouteGuard.Daemon;

/// <summary>What the server of the socket and that of the loopback have in common: nothing from the environment, and
/// the bounds of HTTP.</summary>
internal static class ApiServer
{
    /// <summary>A builder that reads no environment, no arguments and no files: ASPNETCORE_URLS could open a
    /// port.</summary>
    public static WebApplicationBuilder NewBuilder(string contentRoot, Serilog.ILogger log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = contentRoot });
        builder.Services.AddSerilog(log);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        return builder;
    }

    public static void Bound(KestrelServerOptions kestrel, int connectionsMax)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = Limits.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = Limits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = Limits.HeadersMax;
        limits.MaxRequestBodySize = Limits.BodyBytesMax;
        limits.MaxRequestBufferSize = Limits.ReadAheadBytesMax;
        limits.MaxConcurrentConnections = connectionsMax;
        limits.RequestHeadersTimeout = Limits.HeaderWaitMax;
        limits.KeepAliveTimeout = Limits.IdleMax;
        limits.MinRequestBodyDataRate = new(Limits.BytesPerSecondMin, Limits.SlowMax);
        limits.MinResponseDataRate = new(Limits.BytesPerSecondMin, Limits.SlowMax);
    }
}
