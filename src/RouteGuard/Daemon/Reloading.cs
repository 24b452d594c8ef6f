using RouteGuard.Configuration;
using Serilog.Core;

namespace RouteGuard.Daemon;

/// <summary>Reads the configuration again (SIGHUP) and puts it in force at once.</summary>
/// <remarks>Limits and session defaults are asked for with every request, and need nothing here.</remarks>
internal sealed class Reloading(
    Settings settings,
    GuardThread guard,
    Connections connections,
    LoggingLevelSwitch level,
    Serilog.ILogger log
)
{
    private readonly Lock _gate = new();

    /// <returns>False when the file is wrong; then nothing has changed.</returns>
    public bool Run()
    {
        lock (_gate)
        {
            var before = settings.Now;
            try
            {
                settings.Reload();
            }
            catch (ConfigurationException wrong)
            {
                log.Error("{Wrong} What was in force stays so", wrong.Message);
                return false;
            }

            var now = settings.Now;
            level.MinimumLevel = now.LogLevel;
            guard.SetPeriods(now.Guard);
            connections.Regroup();
            log.Information("The configuration was read again: {File}", settings.File?.Path ?? "there is none");
            if (now.LoopbackPort != before.LoopbackPort)
            {
                log.Warning("health.loopbackPort has changed: it takes a restart of the daemon");
            }

            return true;
        }
    }
}
