using System.Diagnostics;
using RouteGuard.Platform.Native;

namespace RouteGuard;

/// <summary>How this program starts itself again: the executable, or the runtime with our assembly.</summary>
internal static class OwnProgram
{
    public static IReadOnlyList<string> Words { get; } =
        string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal)
            ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "routeguard.dll")]
            : [Environment.ProcessPath!];

    /// <summary>What says how to print, and nothing else of an environment that is not ours.</summary>
    private static readonly string[] KeptNames = ["TERM", "NO_COLOR", "COLUMNS", "LANG"];

    /// <summary>Gives a program that we start as root, and that nobody typed, an environment that we know.</summary>
    public static void CleanEnvironment(ProcessStartInfo start)
    {
        if (UserIds.IsEnvironmentOurs)
        {
            return;
        }

        foreach (var name in start.Environment.Keys.Except(KeptNames, StringComparer.Ordinal).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
    }
}
