using RouteGuard.Core.Api;

namespace RouteGuard.Client;

/// <summary>One event, and where it stands in the stream.</summary>
/// <param name="Id">Give it to <see cref="RouteGuardClient.EventsAsync"/> to hear what came after it; null when it
/// has none that could be given.</param>
/// <param name="Happened">What happened.</param>
public sealed record HeardEvent(string? Id, EventView Happened);
