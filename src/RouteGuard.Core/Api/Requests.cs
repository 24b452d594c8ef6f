namespace RouteGuard.Core.Api;

/// <summary>POST /v1/sessions.</summary>
/// <param name="Label">What the user calls the VPN; at most 64 characters.</param>
/// <param name="OwnerPid">The VPN's process, if one is to be watched.</param>
/// <param name="Tunnel">The tunnel's interface, if its name is known before.</param>
/// <param name="OnDeath"><c>restore</c> (default), <c>hold</c> (fail closed) or <c>keep</c>.</param>
public sealed record BeginSessionBody(string? Label, int? OwnerPid, string? Tunnel, string? OnDeath)
{
    /// <summary><c>reassert</c> (default), <c>report</c> or <c>restore</c>: what to do when somebody moves its
    /// routes.</summary>
    public string? OnDrift { get; init; }

    /// <summary>Without a sign of life for this long the VPN is dead: 5 to 3600; none when left out.</summary>
    public double? LeaseSeconds { get; init; }

    /// <summary>An address that answers an echo request only through the tunnel: without an answer three times, 5 s
    /// apart, the VPN is dead. None is asked when left out.</summary>
    public string? Probe { get; init; }
}

/// <summary>POST /v1/sessions/{id}/up.</summary>
/// <param name="Tunnel">The tunnel's interface, if it is known now.</param>
public sealed record SessionUpBody(string? Tunnel)
{
    /// <summary>The VPN's routes in the words of <c>ip route</c>, at most 10000; learned when left out.</summary>
    public IReadOnlyList<string?>? Routes { get; init; }

    /// <summary>Without a confirmation within this the overlay is rolled back: above 0, at most 3600; none is needed
    /// when left out.</summary>
    public double? ConfirmSeconds { get; init; }
}

/// <summary>POST /v1/restore.</summary>
/// <param name="Session">One session, or all open ones when left out.</param>
/// <param name="DryRun">Only say what would be done.</param>
public sealed record RestoreBody(string? Session, bool DryRun);
