using RouteGuard.Core.Api;
using RouteGuard.Rendering;

namespace RouteGuard.Story;

/// <summary><c>blame --json</c></summary>
/// <param name="Prefix">Asked for.</param>
/// <param name="Now">Its entries now, and whose each is.</param>
/// <param name="Events">What the journal says of it, oldest first.</param>
/// <param name="Faults">What could not be read.</param>
internal sealed record BlameView(
    string Prefix,
    IReadOnlyList<OwnedRouteView> Now,
    IReadOnlyList<HistoryRecordView> Events,
    IReadOnlyList<string> Faults
);

/// <summary>One line of <c>watch --json</c>.</summary>
/// <param name="At">When it was seen.</param>
/// <param name="Change">added, removed, changed, ruleAdded, ruleRemoved, linkUp, linkDown, linkGone or lost.</param>
/// <param name="What">The route, rule or interface.</param>
/// <param name="Before">For a change: the route as it was.</param>
/// <param name="Writer">Who wrote it, if anybody says.</param>
internal sealed record WatchView(DateTimeOffset At, string Change, string What, string? Before, string? Writer);
