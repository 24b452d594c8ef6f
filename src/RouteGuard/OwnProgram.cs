namespace RouteGuard;

/// <summary>How this program starts itself again: the executable, or the runtime with our assembly.</summary>
internal static class OwnProgram
{
    public static IReadOnlyList<string> Words { get; } =
        string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal)
            ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "routeguard.dll")]
            : [Environment.ProcessPath!];
}
