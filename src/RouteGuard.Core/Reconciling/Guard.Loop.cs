using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>The turn: wait, take in what happened, do what is due.</content>
public sealed partial class Guard
{
    public void Load()
    {
        var stored = ports.Store.Load();
        _startFaults.AddRange(stored.Faults);
        foreach (var (session, baseline) in stored.Sessions.Select(found => (found.Session, found.Baseline)))
        {
            if (!string.Equals(session.BootId, ports.Machine.BootId, StringComparison.Ordinal))
            {
                Close(new(session, baseline), "the machine was started anew since; its routes are gone");
                continue;
            }

            var guarded = new GuardedSession(session, baseline) { TunnelWasUsable = !session.TunnelIndex.IsNone };
            Renew(guarded);
            _sessions.Add(guarded);
        }
    }

    public void Start()
    {
        Load();
        _auditedAt = time.GetUtcNow();
        var table = Observe();
        foreach (var guarded in _sessions.ToArray())
        {
            Note(JournalKind.Note, guarded.Session.Id, "taken up again after a restart of the guard");
            if (guarded.Session.Phase == SessionPhase.Restoring)
            {
                Restore([guarded], "an unfinished restore was found");
            }
            else if (guarded.Session.Phase != SessionPhase.Holding && WhyDead(guarded, table) is { } sign)
            {
                Die(guarded, sign);
            }
            else
            {
                guarded.IsWatched = true;
                Announce(guarded, table);
                Arm(guarded, table);
            }
        }
    }

    public void RunOnce(TimeSpan waitMax)
    {
        _events.Clear();
        ports.Events.Wait(WaitFor(waitMax), _events);
        foreach (var happened in _events)
        {
            TakeIn(happened);
        }

        RetryDue();
        LeasesDue();
        ProbesDue();
        AftercareDue();
        if (IsPassDue())
        {
            Pass();
        }

        _paths.Compare();
    }

    private void TakeIn(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.LinkChanged { IsUsable: true } link:
                foreach (var guarded in _sessions.Where(guarded => IsDeclaredTunnelOf(guarded, link)))
                {
                    // It may die before the next look, so its number is taken from the event.
                    guarded.Session = guarded.Session with
                    {
                        TunnelIndex = link.Index,
                    };
                    guarded.TunnelWasUsable = true;
                }

                foreach (var guarded in _sessions.Where(guarded => MayBeTunnelOf(guarded, link)))
                {
                    guarded.Comers.Add(link.Index);
                }

                break;
            case KernelEvent.LinkChanged { IsUsable: false } link:
                foreach (var guarded in _sessions.Where(guarded => guarded.Comers.Remove(link.Index)))
                {
                    guarded.WentAgain = link.Name;
                }

                foreach (var guarded in _sessions.Where(guarded => IsTunnelOf(guarded, link)).ToArray())
                {
                    guarded.IsTunnelGone |= link.IsGone;
                    Die(guarded, link.IsGone ? $"its tunnel {link.Name} is gone" : $"its tunnel {link.Name} went down");
                }

                break;
            case KernelEvent.ProcessExited exited:
                foreach (var guarded in _sessions.Where(guarded => guarded.Session.Owner == exited.Process).ToArray())
                {
                    if (!IsBroken(guarded))
                    {
                        Die(guarded, $"its process {exited.Process.Pid} ended");
                    }
                }

                break;
            case KernelEvent.RouteWritten written:
                Remember(written);
                break;
            case KernelEvent.Lost:
                CountLoss();
                break;
            default:
                break;
        }

        if (_sessions.Count > 0)
        {
            _lastHintAt = time.GetUtcNow();
            _firstHintAt ??= _lastHintAt;
        }
    }

    private void CountLoss()
    {
        _meter = _meter with { EventsLost = _meter.EventsLost + 1 };
        _hasLostEvents = true;
    }

    private static bool IsDeclaredTunnelOf(GuardedSession guarded, KernelEvent.LinkChanged link) =>
        guarded.Session.Phase == SessionPhase.Begun
        && guarded.Session.TunnelIndex.IsNone
        && string.Equals(guarded.Session.Tunnel, link.Name, StringComparison.Ordinal);

    private static bool MayBeTunnelOf(GuardedSession guarded, KernelEvent.LinkChanged link) =>
        guarded.Session is { Phase: SessionPhase.Begun, Tunnel: null }
        && guarded.Comers.Count < GuardedSession.ComersMax
        && guarded.Baseline.Table.FindLink(link.Name) is null;

    private static bool IsTunnelOf(GuardedSession guarded, KernelEvent.LinkChanged link) =>
        guarded.TunnelWasUsable && guarded.Session.TunnelIndex == link.Index && !IsBroken(guarded);

    private TimeSpan WaitFor(TimeSpan waitMax)
    {
        var now = time.GetUtcNow();
        var due = now + waitMax;
        foreach (var at in PassTimes().Concat(OtherTimes()))
        {
            due = at < due ? at : due;
        }

        return due > now ? due - now : TimeSpan.Zero;
    }

    // When the table is to be read.
    private IEnumerable<DateTimeOffset> PassTimes()
    {
        if (_sessions.Count == 0)
        {
            yield break;
        }

        var lastPass = _lastPassAt ?? DateTimeOffset.MinValue;
        yield return (_auditedAt ?? DateTimeOffset.MinValue) + _options.AuditEvery;
        if (_firstHintAt is { } first && _lastHintAt is { } last)
        {
            yield return Earlier(last + _options.CoalesceFor, first + _options.CoalesceMax);

            // The first change in a while to what is up is answered at once, a burst when it is over.
            if (IsAnsweredAtOnce(last, lastPass))
            {
                yield return last;
            }
        }

        if (_quietPassAt is { } quiet)
        {
            yield return quiet;
        }

        if (_missingSince is { } missing && lastPass < missing + _options.BaselineGrace)
        {
            yield return missing + _options.BaselineGrace;
        }

        foreach (var guarded in _sessions)
        {
            if (guarded.Session.Phase == SessionPhase.Begun && guarded.ChangedAt is { } changed)
            {
                yield return changed + _options.UpAfterQuiet;
            }
        }
    }

    private bool IsAnsweredAtOnce(DateTimeOffset hint, DateTimeOffset lastPass) =>
        hint > lastPass + _options.CoalesceFor
        && _sessions.Exists(guarded => guarded.Session.Phase == SessionPhase.Up)
        && _budget.Contests(time.GetUtcNow()).Count == 0;

    // When something else is to be done.
    private IEnumerable<DateTimeOffset> OtherTimes()
    {
        foreach (var guarded in _sessions)
        {
            foreach (
                var at in new[] { guarded.RetryAt, DeadlineOf(guarded), ProbeTimeOf(guarded) }.OfType<DateTimeOffset>()
            )
            {
                yield return at;
            }
        }

        if (_aftercare?.NextAt is { } recheck)
        {
            yield return recheck;
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private bool IsPassDue()
    {
        var now = time.GetUtcNow();
        return PassTimes().Any(at => at <= now);
    }

    // The look: learns what sessions did, notices what events did not tell, puts back what was moved, prepares for the
    // worst.
    private void Pass()
    {
        // Consumed before the look: a change during the look must wake us again.
        _auditedAt = time.GetUtcNow();
        var isQuiet = TakeHints();
        if (TryObserve() is not { } table)
        {
            // Observe has made it the verdict; the next pass tries again.
            _lastPassAt = time.GetUtcNow();
            return;
        }

        foreach (var guarded in _sessions.Where(guarded => !IsBroken(guarded)).ToArray())
        {
            if (WhyDead(guarded, table) is { } sign)
            {
                Die(guarded, sign);
                if (TryObserve() is not { } after)
                {
                    return;
                }

                table = after;
            }
        }

        foreach (var guarded in _sessions)
        {
            if (IsBroken(guarded))
            {
                LearnHeld(guarded, table);
            }
            else
            {
                Learn(guarded, table);
            }
        }

        // What happened before the look may be told only now: whose change it was, or that a tunnel is gone.
        ports.Events.Wait(TimeSpan.Zero, _late);
        foreach (var written in _late.OfType<KernelEvent.RouteWritten>())
        {
            Remember(written);
        }

        if (!_late.Exists(happened => happened is KernelEvent.LinkChanged { IsUsable: false }))
        {
            Uphold(table, isQuiet);
        }

        // When all is learned and put back: what one session's death needs depends on what the others have.
        foreach (var guarded in _sessions.Where(guarded => !IsBroken(guarded)))
        {
            Arm(guarded, _observed ?? table);
        }

        TakeInLate();
        SaveWhatWasRefused();
    }

    /// <returns>True when nothing came for a while; false when a change is answered at once.</returns>
    private bool TakeHints()
    {
        var now = time.GetUtcNow();
        var isQuiet =
            _lastHintAt is not { } last
            || now >= last + _options.CoalesceFor
            || _firstHintAt is not { } first
            || now >= first + _options.CoalesceMax;
        _firstHintAt = null;
        _lastHintAt = null;
        _quietPassAt = isQuiet ? null : now + _options.CoalesceFor;
        return isQuiet;
    }

    private RouteTable? TryObserve()
    {
        try
        {
            return Observe();
        }
        catch (GuardException)
        {
            return null;
        }
    }

    // What no event told, or was told while nobody listened.
    private string? WhyDead(GuardedSession guarded, RouteTable table)
    {
        var session = guarded.Session;
        if (session.Owner is { } owner && !ports.Events.TryWatch(owner))
        {
            return $"its process {owner.Pid} is gone";
        }

        if (!guarded.TunnelWasUsable)
        {
            return WhyCameAndWent(guarded, table);
        }

        var tunnel = table.FindLink(session.TunnelIndex);
        guarded.IsTunnelGone |= tunnel is null;
        return tunnel is null ? $"its tunnel {session.Tunnel ?? session.TunnelIndex.ToString()} is gone"
            : tunnel.IsUsable ? null
            : $"its tunnel {tunnel.Name} is down";
    }

    // A tunnel that nobody named may come and go between two looks. A link that did, and a way out that the machine or
    // another session had and has no more, are enough to tell.
    private string? WhyCameAndWent(GuardedSession guarded, RouteTable table)
    {
        if (guarded.WentAgain is not { } name || guarded.Session.Phase != SessionPhase.Begun)
        {
            return null;
        }

        guarded.WentAgain = null;
        return
            Array.Exists(Families, family => HasWayOut(guarded.Baseline.Table, family) && !HasWayOut(table, family))
            || MissingOfOthers(guarded, table).Any()
            ? $"its tunnel {name} came and went"
            : null;
    }
}
