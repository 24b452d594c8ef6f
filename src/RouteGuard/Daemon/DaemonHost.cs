using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using Serilog;
using Serilog.Events;

namespace RouteGuard.Daemon;

/// <summary>The daemon: the guard's thread, the API on a Unix socket, logging, the supervisor's
/// notifications.</summary>
internal sealed class DaemonHost(
    Directories directories,
    Func<(IGuardEngine Engine, IKernelEvents Events)> openEngine,
    TimeProvider time
)
{
    private const int BodyBytesMax = 64 * 1024;
    private const int HeaderBytesMax = 16 * 1024;
    private const int HeadersMax = 50;
    private const int ConnectionsMax = 64;
    private static readonly TimeSpan HeaderWaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="GuardException">It could not be started.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        RuntimeDirectory.Prepare(directories);
        await using var log = NewLog();
        var (engine, events) = openEngine();
        using var guard = new GuardThread(engine, events, time, new GuardNews(log).Tell, crash => Crash(log, crash));
        await using var app = Build(log, guard);

        // Routes first: nobody is answered before what died with the last daemon is put right.
        await guard.StartAsync();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        await RuntimeDirectory.BindAsync(() => app.StartAsync(stop));
        RuntimeDirectory.Open(directories);
        log.Information("Guarding; the API is at {Socket}", directories.Socket);
        await app.WaitForShutdownAsync(stop);
        log.Information("Stopped; open sessions stay on disk and are taken up again by the next start");
    }

    private WebApplication Build(Serilog.Core.Logger log, GuardThread guard)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = directories.Runtime }
        );
        builder.Configuration.Sources.Clear();
        builder.Services.AddSystemd();
        builder.Services.AddSerilog(log);
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
        new Endpoints(guard, time).Map(app);
        return app;
    }

    private static void UsePeerCredentials(ListenOptions listen)
    {
        var group = PeerCredentials.FindGroup();
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next =>
            connection =>
            {
                connection.Features.Set(PeerCredentials.Of(connection, group));
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
