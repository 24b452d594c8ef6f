using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RouteGuard.Configuration;
using RouteGuard.Core.Reconciling;
using RouteGuard.Platform.Native;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace RouteGuard.Daemon;

/// <summary>The daemon: the guard's thread, the API on a Unix socket, logging, the supervisor's
/// notifications.</summary>
internal sealed class DaemonHost(Directories directories, Func<OpenedEngine> openEngine, TimeProvider time)
{
    private readonly uint _ownUid = UserIds.Effective;
    private readonly LoggingLevelSwitch _level = new();
    private volatile Connections? _connections;
    private volatile Reloading? _reloading;

    /// <summary>Who is at the other end; a test says so itself.</summary>
    public Func<ConnectionContext, uint?, Peer> PeerOf { get; init; } = PeerCredentials.Of;

    /// <summary>What is in force.</summary>
    public Settings Settings { get; init; } = Settings.Open(null);

    /// <summary>Where the log goes; null for the error stream.</summary>
    public ILogEventSink? LogSink { get; init; }

    /// <summary>Connections of the socket that are open.</summary>
    public int OpenConnections => _connections?.Count ?? 0;

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="GuardException">It could not be started.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);
        RuntimeDirectory.Prepare(directories);
        _level.MinimumLevel = Settings.Now.LogLevel;
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
        guard.SetPeriods(Settings.Now.Guard);
        var connections = new Connections(Settings, PeerOf, _ownUid);
        _connections = connections;
        await using var app = Build(log, connections, metrics);
        var events = new EventStream(ring, time, Settings, app.Lifetime.ApplicationStopping);
        var endpoints = new Endpoints(guard, events, DaemonMetrics.ScrapeOf(app), Settings, time);
        endpoints.Map(app);

        _reloading = new(Settings, guard, connections, _level, log);

        // Routes first: nobody is answered before what died with the last daemon is put right.
        await guard.StartAsync();
        await using var loopback = await LoopbackHealth.StartAsync(
            Settings,
            endpoints,
            _ownUid,
            directories.Runtime,
            log
        );
        await RuntimeDirectory.BindAsync(() => app.StartAsync(stop));
        RuntimeDirectory.Open(directories);
        log.Information("Guarding; the API is at {Socket}", directories.Socket);
        await app.WaitForShutdownAsync(stop);
        log.Information("Stopped; open sessions stay on disk and are taken up again by the next start");
    }

    /// <summary>Reads the configuration again, as SIGHUP does.</summary>
    /// <returns>False when it is wrong, or the daemon does not run yet; then nothing has changed.</returns>
    public bool Reload() => _reloading?.Run() == true;

    private void HangUp(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Reload();
    }

    private WebApplication Build(Logger log, Connections connections, DaemonMetrics metrics)
    {
        var builder = ApiServer.NewBuilder(directories.Runtime, log);
        builder.Services.AddSystemd();
        metrics.AddTo(builder.Services);
        builder.Services.AddRateLimiter(options => RequestRate.Use(options, Settings, _ownUid));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ApiServer.Bound(kestrel, Limits.ConnectionsMax + Limits.ConnectionsTurnedAwayMax);
            kestrel.ListenUnixSocket(directories.Socket, listen => UsePeerCredentials(listen, connections));
        });
        var app = builder.Build();
        app.UseRateLimiter();
        app.UseStatusCodePages(static refused => Reply.OfStatus(refused.HttpContext).WriteAsync(refused.HttpContext));
        return app;
    }

    private static void UsePeerCredentials(ListenOptions listen, Connections connections)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => connections.ServeAsync(connection, next));
    }

    private Logger NewLog()
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(_level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning);
        return (
            LogSink is { } sink
                ? log.WriteTo.Sink(sink)
                : log.WriteTo.Console(
                    outputTemplate: "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                    standardErrorFromLevel: LogEventLevel.Verbose,
                    formatProvider: System.Globalization.CultureInfo.InvariantCulture
                )
        ).CreateLogger();
    }

    private static void Crash(Logger log, Exception crash)
    {
        log.Fatal(crash, "The guard's thread ended; the supervisor starts the daemon again");
        log.Dispose();
        Environment.Exit(ExitCode.Failed);
    }
}
