namespace RouteGuard.Core.Api;

/// <summary>POST /v1/sessions.</summary>
/// <param name="Label">What the user calls the VPN; at most 64 characters.</param>
/// <param name="OwnerPid">The VPN's process, if one is to be watched.</param>
/// <param name="Tunnel">The tunnel's interface, if its name is known before.</param>
/// <param name="OnDeath"><c>restore</c> (default) or <c>keep</c>.</param>
public sealed record BeginSessionBody(string? Label, int? OwnerPid, string? Tunnel, string? OnDeath);

/// <summary>POST /v1/sessions/{id}/up.</summary>
public sealed record SessionUpBody(string? Tunnel);

/// <summary>POST /v1/restore.</summary>
/// <param name="Session">One session, or all open ones when left out.</param>
/// <param name="DryRun">Only say what would be done.</param>
public sealed record RestoreBody(string? Session, bool DryRun);
