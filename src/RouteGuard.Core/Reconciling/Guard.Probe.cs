using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <content>A VPN that runs, with its tunnel up, and carries nothing: asked by a probe, if the session named
/// one.</content>
public sealed partial class Guard
{
    private void ProbesDue()
    {
        if (ports.Probes is not { } probes)
        {
            return;
        }

        // At most one question of a session is open, so no more answers can wait than there were sessions.
        while (probes.TryTake(out var answer))
        {
            if (_sessions.Find(guarded => guarded.Session.Id == answer.Session) is { IsProbeOpen: true } asked)
            {
                asked.IsProbeOpen = false;
                Count(asked, answer.IsAlive);
            }
        }

        var now = time.GetUtcNow();
        foreach (var guarded in _sessions.Where(guarded => ProbeTimeOf(guarded) <= now).ToArray())
        {
            if (guarded.IsProbeOpen)
            {
                Count(guarded, isAlive: false);
            }

            guarded.ProbeAt = now + _options.ProbeEvery;
            if (guarded.Session is { Phase: SessionPhase.Up, Probe: { } address })
            {
                guarded.IsProbeOpen = true;
                probes.Ask(guarded.Session.Id, address, _options.ProbeTimeout);
            }
        }
    }

    // The first question when the routes are in.
    private DateTimeOffset? ProbeTimeOf(GuardedSession guarded) =>
        guarded.Session is { Phase: SessionPhase.Up, Probe: not null } && ports.Probes is not null
            ? guarded.ProbeAt ?? DateTimeOffset.MinValue
            : null;

    // A machine whose own link is down cannot blame the VPN.
    private void Count(GuardedSession guarded, bool isAlive)
    {
        if (guarded.Session.Phase != SessionPhase.Up || isAlive || !IsUplinkUp(guarded))
        {
            guarded.ProbeMisses = 0;
            return;
        }

        if (++guarded.ProbeMisses >= _options.ProbeMissesMax)
        {
            guarded.ProbeMisses = 0;
            guarded.ProbeAt = null;
            Die(guarded, $"{guarded.Session.Probe} gave no answer {_options.ProbeMissesMax} times");
        }
    }

    private bool IsUplinkUp(GuardedSession guarded) =>
        _observed is { } table
        && Defaults(guarded.Baseline.Table)
            .Select(route => guarded.Baseline.Table.FindLink(route.NextHop.Device)?.Name)
            .OfType<string>()
            .Any(name => table.FindLink(name) is { IsUsable: true });
}
