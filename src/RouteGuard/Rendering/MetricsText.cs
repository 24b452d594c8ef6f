using System.Globalization;
using System.Text;
using RouteGuard.Core.Reconciling;

namespace RouteGuard.Rendering;

/// <summary>The meter as Prometheus text (exposition format 0.0.4).</summary>
internal static class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Print(GuardMeter meter)
    {
        var text = new StringBuilder();
        Add(text, "drift_total", "Differences that somebody else made.", meter.Drifts);
        Add(text, "reassert_total", "Steps that put a live session's routes back.", meter.Reasserts);
        Add(text, "passes_total", "Full reads of the table.", meter.Passes);
        Add(text, "events_lost_total", "Times that the kernel dropped events.", meter.EventsLost);
        Add(
            text,
            "leak_seconds_total",
            "For how long a default was missing or wrong, both families together.",
            meter.Leaked.TotalSeconds
        );
        Add(text, "contested_seconds", "For how long something was contested.", meter.Contested.TotalSeconds);
        Add(text, "restores_total", "Restores.", meter.Restores);
        return text.ToString();
    }

    // Each only grows while the daemon runs, so each is a counter.
    private static void Add(StringBuilder text, string name, string help, double value) =>
        text.Append(
            CultureInfo.InvariantCulture,
            $"# HELP routeguard_{name} {help}\n# TYPE routeguard_{name} counter\nrouteguard_{name} {value:0.###}\n"
        );
}
