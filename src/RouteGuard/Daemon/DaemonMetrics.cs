using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using RouteGuard.Core.Api;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Daemon;

/// <summary>The guard's counts as instruments of OpenTelemetry, which prints them for Prometheus.</summary>
/// <remarks>All are read from the status of the last turn, so a scrape costs the guard's thread nothing. Only the
/// durations of restores are told as they end, since a histogram has to see each.</remarks>
internal sealed class DaemonMetrics : IDisposable
{
    public const string RestoreSeconds = "routeguard.restore.duration";

    /// <summary>From under a millisecond (one system call was armed) to a table of a hundred thousand routes, and to
    /// restores that were tried again.</summary>
    private static readonly double[] RestoreBounds =
    [
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
    ];

    private readonly Meter _meter;
    private readonly Histogram<double> _restores;
    private long _restoresTold;
    private volatile GuardMeter _last = new();

    /// <param name="journalBytes">How long the journal is.</param>
    /// <param name="loopLag">How long a question waits for the loop.</param>
    public DaemonMetrics(Func<long> journalBytes, Func<TimeSpan> loopLag)
    {
        // Several daemons in one process (tests) must not count for each other, and a name is all that tells them.
        Name = $"RouteGuard.{Guid.NewGuid():n}";
        _meter = new(Name, View.Version);
        _meter.CreateObservableCounter(
            "routeguard.drift",
            () => Drifts(_last),
            description: "Differences that somebody else made."
        );
        Count("routeguard.reassert", () => _last.Reasserts, "Steps that put a live session's routes back.");
        Count("routeguard.passes", () => _last.Passes, "Full reads of the table.");
        Count("routeguard.events.lost", () => _last.EventsLost, "Times that the kernel dropped events.");
        Count("routeguard.resyncs", () => _last.Resyncs, "Full reads that lost events made necessary.");
        _meter.CreateObservableCounter(
            "routeguard.leak",
            () => _last.Leaked.TotalSeconds,
            "s",
            "For how long a default was missing or wrong, both families together."
        );
        Gauge("routeguard.contested", () => _last.Contested.TotalSeconds, "s", "For how long something was contested.");
        Gauge("routeguard.journal", () => journalBytes(), "By", "Length of the journal with its kept parts.");
        Gauge("routeguard.loop.lag", () => loopLag().TotalSeconds, "s", "How long a question waits for the loop.");
        _restores = _meter.CreateHistogram(
            RestoreSeconds,
            "s",
            "From the sign of death, or the request, to the verified table.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = RestoreBounds }
        );
    }

    /// <summary>Of the meter: what a provider listens to.</summary>
    public string Name { get; }

    /// <summary>What the guard counted as of this turn. On the guard's thread.</summary>
    public void Tell(GuardStatus now)
    {
        _last = now.Meter;
        var news = (int)Math.Min(now.Meter.Restores - _restoresTold, now.Meter.RestoreTimes.Count);
        foreach (var took in now.Meter.RestoreTimes.TakeLast(news))
        {
            _restores.Record(took.TotalSeconds);
        }

        _restoresTold = now.Meter.Restores;
    }

    /// <summary>Adds what <see cref="ScrapeOf"/> needs.</summary>
    public void AddTo(IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter(Name)
                    .AddPrometheusExporter(exporter =>
                    {
                        exporter.ScopeInfoEnabled = false;
                        exporter.TargetInfoEnabled = false;
                    })
            );

    /// <summary>Writes all metrics in the form that the caller's Accept header asks for.</summary>
    public static RequestDelegate ScrapeOf(IApplicationBuilder app)
    {
        var scrape = app.New();
        scrape.UseOpenTelemetryPrometheusScrapingEndpoint(static _ => true);
        return scrape.Build();
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, Func<long> value, string description) =>
        _meter.CreateObservableCounter(name, value, description: description);

    private void Gauge(string name, Func<double> value, string unit, string description) =>
        _meter.CreateObservableGauge(name, value, unit, description);

    private static IEnumerable<Measurement<long>> Drifts(GuardMeter meter) =>
        meter.DriftCounts.Select(one => new Measurement<long>(
            one.Count,
            new("family", one.Family is { } family ? View.Word(family) : "any"),
            new("class", View.Word(one.Kind)),
            new("actor", one.Actor)
        ));
}
