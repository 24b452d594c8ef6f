using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Ports;

/// <summary>What the operating system itself says the machine's routes should be now.</summary>
/// <remarks>Used by the thread that owns the routes. A refusal is a sentence, never an exception.</remarks>
public interface ILiveTruth
{
    /// <summary>Reads it whole. <see cref="LiveTruth.Problem"/> says when it cannot be had.</summary>
    LiveTruth Read();

    /// <summary>Removes what a dead program left in the operating system's settings.</summary>
    /// <returns>Null, or the reason why it was not done.</returns>
    string? RemoveOrphan(string key);

    /// <summary>Asks the operating system to write the routes of a service again.</summary>
    /// <returns>Null, or the reason why it was not done.</returns>
    string? Reapply(TruthService service);

    /// <summary>Asks the operating system to find out the settings of an interface anew (DHCP, router
    /// solicitation).</summary>
    /// <returns>Null, or the reason why it was not done.</returns>
    string? Refresh(string interfaceName);
}

/// <summary>The operating system's view at one moment.</summary>
public sealed record LiveTruth
{
    /// <summary>Nobody to ask: the baseline alone decides.</summary>
    public static LiveTruth None { get; } = new() { Problem = "this system keeps no settings that say it" };

    /// <summary>Why it could not be had; null when it was.</summary>
    public string? Problem { get; init; }

    /// <summary>The identifier of the service that owns the default, per family; null when the system has none.</summary>
    public string? PrimaryV4 { get; init; }

    public string? PrimaryV6 { get; init; }

    /// <summary>Every service that has addresses, one entry a family, in the system's order of preference.</summary>
    public IReadOnlyList<TruthService> Services { get; init; } = [];

    public bool IsKnown => Problem is null;
}

/// <summary>What the system says of one network service and one family.</summary>
public sealed record TruthService
{
    /// <summary>The service's identifier.</summary>
    public required string Id { get; init; }

    /// <summary>Where the system keeps it, for <see cref="ILiveTruth.RemoveOrphan"/>.</summary>
    public required string Key { get; init; }

    public required IpFamily Family { get; init; }

    public required string InterfaceName { get; init; }

    /// <summary>The router of its default; null for a service without one.</summary>
    public IpAddress? Router { get; init; }

    public EquatableList<InterfaceAddress> Addresses { get; init; } = new([]);

    /// <summary>What tells this network from another, if the system could find it out.</summary>
    public string? NetworkSignature { get; init; }

    /// <summary>True when the system's own settings name the service; false for one that a program made up.</summary>
    public bool IsConfigured { get; init; }
}
