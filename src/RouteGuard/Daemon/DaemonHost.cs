using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RouteGuard.Core.Reconciling;
using Serilog;
using Serilog.Events;

namespace RouteGuard.Daemon;

/// <summary>The daemon: the guard's thread, the API on a Unix socket, logging, the supervisor's
/// notifications.</summary>
internal sealed class DaemonHost(Directories directories, Func<OpenedEngine> openEngine, TimeProvider time)
{
    private const int BodyBytesMax = 64 * 1024;
    private const int HeaderBytesMax = 16 * 1024;
    private const int HeadersMax = 50;
    private const int ConnectionsMax = 64;
    private static readonly TimeSpan HeaderWaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);

    /// <summary>Who is at the other end; a test says so itself.</summary>
    public Func<ConnectionContext, uint?, Peer> PeerOf { get; init; } = PeerCredentials.Of;

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="GuardException">It could not be started.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        RuntimeDirectory.Prepare(directories);
        await using var log = NewLog();
        var news = new GuardNews(log);
        var ring = new EventRing();
        var opened = openEngine();
        var lag = new LoopLag(time);
        using var metrics = new DaemonMetrics(opened.JournalBytes, () => lag.Now);
        using var guard = new GuardThread(
            opened,
            lag,
            time,
            (before, now) =>
            {
                news.Tell(before, now);
                metrics.Tell(now);
                ring.Add(GuardEvents.Between(before, now, time.GetUtcNow()));
            },
            crash => Crash(log, crash)
        );
        await using var app = Build(log, guard, ring, metrics);

        // Routes first: nobody is answered before what died with the last daemon is put right.
        await guard.StartAsync();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        await RuntimeDirectory.BindAsync(() => app.StartAsync(stop));
        RuntimeDirectory.Open(directories);
        log.Information("Guarding; the API is at {Socket}", directories.Socket);
        await app.WaitForShutdownAsync(stop);
        log.Information("Stopped; open sessions stay on disk and are taken up again by the next start");
    }

    private WebApplication Build(Serilog.Core.Logger log, GuardThread guard, EventRing ring, DaemonMetrics metrics)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = directories.Runtime }
        );
        builder.Configuration.Sources.Clear();
        builder.Services.AddSystemd();
        builder.Services.AddSerilog(log);
        metrics.AddTo(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
            kestrel.Limits.MaxRequestHeaderCount = HeadersMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = HeaderWaitMax;
            kestrel.Limits.KeepAliveTimeout = IdleMax;
            kestrel.ListenUnixSocket(directories.Socket, listen => UsePeerCredentials(listen));
        });
        var app = builder.Build();
        var events = new EventStream(ring, time, app.Lifetime.ApplicationStopping);
        new Endpoints(guard, events, DaemonMetrics.ScrapeOf(app), time).Map(app);
        return app;
    }

    private void UsePeerCredentials(ListenOptions listen)
    {
        var group = PeerCredentials.FindGroup();
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next =>
            connection =>
            {
                connection.Features.Set(PeerOf(connection, group));
                return next(connection);
            }
        );
    }

    private static Serilog.Core.Logger NewLog() =>
        new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Console(
                outputTemplate: "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                standardErrorFromLevel: LogEventLevel.Verbose,
                formatProvider: System.Globalization.CultureInfo.InvariantCulture
            )
            .CreateLogger();

    private static void Crash(Serilog.Core.Logger log, Exception crash)
    {
        log.Fatal(crash, "The guard's thread ended; the supervisor starts the daemon again");
        log.Dispose();
        Environment.Exit(ExitCode.Failed);
    }
}
