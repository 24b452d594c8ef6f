using RouteGuard.Platform.Native;

namespace RouteGuard;

/// <summary>Where the daemon keeps its state and its socket.</summary>
/// <param name="State">Sessions, baselines, journal; 0700.</param>
/// <param name="Runtime">The socket; 0755.</param>
internal sealed record Directories(string State, string Runtime)
{
    public string Socket => Path.Combine(Runtime, "routeguard.sock");

    /// <summary>An option wins over the environment, and that over the system's own places.</summary>
    /// <remarks>
    /// The environment is asked only where it can be nobody else's: not by root, to whom it may have come through sudo
    /// or su, and not by a program that its file gave rights.
    /// </remarks>
    public static Directories Resolve(string? state, string? runtime) =>
        new(
            Path.GetFullPath(state ?? FromEnvironment("ROUTEGUARD_STATE_DIR") ?? DefaultState),
            Path.GetFullPath(runtime ?? FromEnvironment("ROUTEGUARD_RUNTIME_DIR") ?? DefaultRuntime)
        );

    private static string DefaultState =>
        OperatingSystem.IsMacOS() ? "/Library/Application Support/RouteGuard/state" : "/var/lib/routeguard";

    private static string DefaultRuntime => OperatingSystem.IsMacOS() ? "/var/run/routeguard" : "/run/routeguard";

    private static string? FromEnvironment(string name) =>
        !UserIds.IsEnvironmentOurs ? null
        : Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value
        : null;
}
