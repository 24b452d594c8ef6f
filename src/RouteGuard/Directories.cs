using RouteGuard.Platform.Native;

namespace RouteGuard;

/// <summary>Where the daemon keeps its state and its socket.</summary>
/// <param name="State">Sessions, baselines, journal; 0700.</param>
/// <param name="Runtime">The socket; 0755.</param>
internal sealed record Directories(string State, string Runtime)
{
    public string Socket => Path.Combine(Runtime, "routeguard.sock");

    /// <summary>An option wins over the environment, and that over the system's own places.</summary>
    /// <remarks>Where real and effective user differ (a setuid copy), the environment is somebody else's and is not
    /// asked.</remarks>
    public static Directories Resolve(string? state, string? runtime) =>
        new(
            Path.GetFullPath(state ?? FromEnvironment("ROUTEGUARD_STATE_DIR") ?? DefaultState),
            Path.GetFullPath(runtime ?? FromEnvironment("ROUTEGUARD_RUNTIME_DIR") ?? DefaultRuntime)
        );

    private static string DefaultState =>
        OperatingSystem.IsMacOS() ? "/Library/Application Support/RouteGuard/state" : "/var/lib/routeguard";

    private static string DefaultRuntime => OperatingSystem.IsMacOS() ? "/var/run/routeguard" : "/run/routeguard";

    private static string? FromEnvironment(string name) =>
        UserIds.IsSetUserId ? null
        : Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value
        : null;
}
