using RouteGuard.Daemon;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Configuration;

/// <summary>The configuration file of the daemon.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="MustBeThere">It was named by somebody: that it is missing is a mistake.</param>
internal sealed record ConfigurationFile(string Path, bool MustBeThere)
{
    /// <summary>Where it is when nobody says.</summary>
    public static string UsualPath =>
        OperatingSystem.IsMacOS()
            ? "/Library/Application Support/RouteGuard/config.json"
            : "/etc/routeguard/routeguard.json";

    /// <summary>Reads it now.</summary>
    /// <returns>What it says; the usual when there is none and none needs to be.</returns>
    /// <exception cref="ConfigurationException">It is wrong, or not to be believed.</exception>
    public DaemonConfiguration Read() =>
        TrustedFile.Read(Path, Limits.ConfigurationBytesMax) switch
        {
            TrustedReading.Content content => ConfigurationReader.TryRead(content.Bytes, out var read, out var problem)
                ? read
                : throw Refused(problem),
            TrustedReading.Refused refused => throw Refused(refused.Problem),
            _ => MustBeThere ? throw Refused("there is no such file. Name another one.") : DaemonConfiguration.Usual,
        };

    private ConfigurationException Refused(string why) => new($"Cannot use the configuration {Path}: {why}");
}

/// <summary>A configuration file that is not followed; the message has the form Cannot X: Y. Do Z.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
