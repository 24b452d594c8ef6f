using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>Remembers how each family's default path changed, until a record of the journal takes it along.</summary>
/// <remarks>
/// A look only keeps the table: the comparison waits until the turn is over or a record is written, so that nothing is
/// added between a drift and the system call that answers it.
/// </remarks>
internal sealed class PathWatch
{
    /// <summary>Tables that wait to be compared; a further look compares the oldest first.</summary>
    public const int TablesMax = 4;

    /// <summary>A longer table is not searched; its path is not known.</summary>
    public const int RoutesMax = 50_000;

    private readonly Queue<(RouteTable Table, DateTimeOffset At, bool IsAfterGap)> _tables = [];
    private readonly List<SeenPath> _seen = [];
    private readonly Dictionary<IpFamily, SeenPath> _last = [];
    private bool _wasWatching;

    /// <summary>Takes in what a look found.</summary>
    /// <param name="table">The whole table.</param>
    /// <param name="at">When it was read.</param>
    /// <param name="isWatching">A session is open, so that every change is looked at.</param>
    public void Keep(RouteTable table, DateTimeOffset at, bool isWatching)
    {
        if (_tables.Count == TablesMax)
        {
            Compare(_tables.Dequeue());
        }

        _tables.Enqueue((table, at, !isWatching || !_wasWatching));
        _wasWatching = isWatching;
    }

    /// <summary>Compares what was kept. A table is let go by it.</summary>
    public void Compare()
    {
        while (_tables.TryDequeue(out var kept))
        {
            Compare(kept);
        }
    }

    /// <summary>Changes that no record has told yet, oldest first.</summary>
    public IReadOnlyList<SeenPath> Seen()
    {
        Compare();
        return _seen;
    }

    /// <summary>A record of a session has told them.</summary>
    public void Forget()
    {
        _seen.Clear();
        _wasWatching = true;
    }

    private void Compare((RouteTable Table, DateTimeOffset At, bool IsAfterGap) kept)
    {
        foreach (var (family, one, other) in FamilyCheck.Parts)
        {
            var path = SeenPath.Of(kept.Table, kept.At, family, one, other, kept.IsAfterGap);
            if (!kept.IsAfterGap && _last.TryGetValue(family, out var before) && before.LeadsAs(path))
            {
                continue;
            }

            Add(path);
            _last[family] = path;
        }
    }

    private void Add(SeenPath path)
    {
        if (path.IsAfterGap)
        {
            // What nobody wrote down before a gap says nothing of the time after it.
            _seen.RemoveAll(seen => seen.Family == path.Family);
        }

        // What finds no room is a gap, and the newest is behind it.
        if (_seen.Count == JournalRecord.PathsMax)
        {
            _seen.RemoveAt(JournalRecord.PathsMax - 1);
            path = path with { IsAfterGap = true };
        }

        _seen.Add(path);
    }
}

/// <summary>How packets of a family left at one look: by one way, by two, or not at all.</summary>
/// <param name="One">The answer for one part of the addresses; null when its table is too long to be asked.</param>
/// <param name="Other">The answer for another part.</param>
internal sealed record SeenPath(
    DateTimeOffset At,
    IpFamily Family,
    Lookup? One,
    Lookup? Other,
    InterfaceNames Names,
    bool IsAfterGap
)
{
    private const string RefusedByRule = "a policy rule refuses it";

    public static SeenPath Of(
        RouteTable table,
        DateTimeOffset at,
        IpFamily family,
        IpAddress one,
        IpAddress other,
        bool isAfterGap
    )
    {
        var isAsked = table.Routes.Length <= PathWatch.RoutesMax;
        return new(
            at,
            family,
            isAsked ? Lookup.Of(table, one) : null,
            isAsked ? Lookup.Of(table, other) : null,
            table.Names,
            isAfterGap
        );
    }

    /// <summary>True when packets leave as in the other look.</summary>
    public bool LeadsAs(SeenPath other) => IsSame(One, other.One) && IsSame(Other, other.Other);

    /// <summary>For the journal, with whose it is.</summary>
    public PathMark Tell(IReadOnlyList<StoredSession> open)
    {
        if (One is null || Other is null)
        {
            return new(At, Family, PathOwner.Unknown, null, string.Empty, string.Empty, IsAfterGap);
        }

        var (owner, session) = OwnerOf(One, open);
        var (ownerOther, sessionOther) = OwnerOf(Other, open);
        var (device, deviceOther) = (DeviceOf(One), DeviceOf(Other));
        var isOne = owner == ownerOther && session == sessionOther && device == deviceOther;
        var routes = new[] { RouteOf(One), RouteOf(Other) }.Where(text => text.Length > 0).Distinct();
        return new(
            At,
            Family,
            isOne ? owner : PathOwner.Mixed,
            isOne ? session?.Value : null,
            isOne ? device : string.Empty,
            string.Join("; ", routes),
            IsAfterGap
        );
    }

    private static bool IsSame(Lookup? one, Lookup? other) =>
        one is null || other is null
            ? one is null && other is null
            : one.IsRefusedByRule == other.IsRefusedByRule
                && (
                    one.Winner is null || other.Winner is null
                        ? one.Winner is null && other.Winner is null
                        : one.Winner.IsSameAs(other.Winner)
                );

    private static (PathOwner Owner, SessionId? Session) OwnerOf(Lookup found, IReadOnlyList<StoredSession> open)
    {
        if (found.Winner is not { } route)
        {
            return (found.IsRefusedByRule ? PathOwner.Refused : PathOwner.None, null);
        }

        // What was there before the VPN is the machine's own, though a session's end may have put it back.
        if (open.Any(one => one.Baseline.Table.Find(route)?.HasValueOf(route) == true))
        {
            return (PathOwner.Baseline, null);
        }

        // A tunnel that comes up is its session's before its routes are learned.
        var tunnel = open.LastOrDefault(one => RouteOwnership.LeavesBy(route, one.Session.TunnelIndex));
        var owner = RouteOwner.Of(route, open);
        var leadsNowhere =
            route.NextHop is NextHop.Unreachable or NextHop.Blackhole or NextHop.Prohibit or NextHop.Throw;
        return tunnel is not null ? (PathOwner.Session, tunnel.Session.Id)
            : owner.Kind == OwnerKind.Session
                ? (
                    leadsNowhere ? PathOwner.Held
                    : open.Any(one => one.Session.Id == owner.Session && one.Session.TunnelIndex.IsNone)
                        ? PathOwner.Session
                    : PathOwner.Beside,
                    owner.Session
                )
            : leadsNowhere ? (PathOwner.Refused, null)
            : owner.Kind == OwnerKind.Foreign ? (PathOwner.Foreign, null)
            : (PathOwner.Baseline, null);
    }

    private string DeviceOf(Lookup found) =>
        found.Winner?.NextHop.Device is { IsNone: false } device ? Names.NameOf(device) : string.Empty;

    private string RouteOf(Lookup found) =>
        found.Winner is { } route ? RouteText.Print(route, Names)
        : found.IsRefusedByRule ? RefusedByRule
        : string.Empty;
}
