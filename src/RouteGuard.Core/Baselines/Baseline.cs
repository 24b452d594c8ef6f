using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Baselines;

/// <summary>The machine without the VPN: its table, its resolver settings, and what proves the network they were valid
/// on.</summary>
public sealed record Baseline
{
    /// <summary>Raised when a reader of an older version would misunderstand a file of this one.</summary>
    public const int SchemaVersion = 1;

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Tells one boot from the next: volatile routes do not outlive it.</summary>
    public required string BootId { get; init; }

    public required RouteTable Table { get; init; }

    /// <summary>What the operating system itself said of its networks.</summary>
    public LiveTruth Truth { get; init; } = LiveTruth.None;

    /// <summary>Null where the platform gave none.</summary>
    public ResolverSettings? Resolver { get; init; }
}

/// <summary>The resolver's configuration file, whole.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="LinkTarget">Where a symbolic link points; null for a plain file. A linked file has an owner and is only
/// reported.</param>
/// <param name="Content">The bytes as Latin-1 text, so that any file survives.</param>
public sealed record ResolverSettings(string Path, string? LinkTarget, string Content)
{
    public const int ContentBytesMax = 64 * 1024;
}
