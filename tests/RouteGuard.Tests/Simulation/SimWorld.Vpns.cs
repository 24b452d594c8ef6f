using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Simulation;

/// <content>What VPN programs do.</content>
internal sealed partial class SimWorld
{
    private void Begin(SimAction.Begin plan)
    {
        if (!MayBegin(plan))
        {
            return;
        }

        // A restore that the kernel refuses hands its baseline on, and what it could not clear up with it.
        _kernel.Refuse = _ => null;

        // What one VPN leaves behind on purpose cannot be told from what another one took.
        plan = _vpns.Count > 0 && plan.OnDeath == DeathPolicy.Keep ? plan with { OnDeath = DeathPolicy.Restore } : plan;
        var vpn = new SimVpn(plan.Vpn, plan, _generation++);
        _machine.Processes[vpn.Process] = 0;
        vpn.IsRunning = true;
        AdoptRivals();
        _vpns.Add(vpn);
        var hasBegun = Ask(guard =>
        {
            var request = new Core.Reconciling.BeginRequest(
                $"vpn {plan.Vpn}",
                vpn.Process.Pid,
                plan.IsDeclared ? vpn.TunnelName : null,
                plan.OnDeath,
                0
            )
            {
                OnDrift = plan.OnDrift,
                Lease = plan.HasLease ? Lease : null,
            };
            vpn.Session = guard.Begin(request).Id;
        });
        if (!hasBegun)
        {
            vpn.IsRunning = false;
            _machine.Kill(vpn.Process);
            return;
        }

        _network.BaselineTaken();
        const int oneIn = 4;
        if (_chance.Next(oneIn) == 0)
        {
            var found = new StateStore(_disk.AfterPowerCut(_chance)).Load();
            Require(
                found.Sessions.Any(stored => stored.Session.Id == vpn.Session),
                "a session that was begun is not on disk"
            );
        }
    }

    private bool MayBegin(SimAction.Begin plan)
    {
        var hasKeep = _vpns.Exists(vpn => vpn.Plan.OnDeath == DeathPolicy.Keep);
        var isHalfDead = _vpns.Exists(vpn => vpn is { HasTunnel: false, Done.Count: > 0 });
        var isContested = _hadRival && _vpns.Exists(vpn => vpn.HasTunnel);
        var isHanging = _vpns.Exists(vpn => vpn is { IsRunning: true, IsHanging: true, Plan.HasLease: true });
        return _guard is not null
            && !_guard.Sessions.Any(session => session.Phase is not (SessionPhase.Up or SessionPhase.Begun))
            && !hasKeep
            && !isHalfDead
            && !isContested
            && !isHanging
            && Find(plan.Vpn) is not ({ IsRunning: true } or { HasTunnel: true });
    }

    private void Configure(SimVpn vpn, SimAction.Configure how)
    {
        // Of two that change the table within the same moment nobody can tell whose a change is.
        if (_vpns.Exists(other => other != vpn && other is { HadTunnel: true, Phase: SessionPhase.Begun }))
        {
            Run(TimeSpan.FromSeconds(3));
        }

        var phase = _guard?.Sessions.FirstOrDefault(session => session.Id == vpn.Session)?.Phase;
        var isAgain = vpn.Done.Count > 0 || _vpns.Exists(other => other != vpn && other.HasTunnel && vpn.HadTunnel);
        if (vpn.HasTunnel || isAgain || phase != SessionPhase.Begun)
        {
            return;
        }

        vpn.NewTunnel();
        vpn.IsHalf = how.StepsMax != int.MaxValue;
        _kernel.AddLink(vpn.Link);
        _kernel.DoForOthers(new PlanStep.AddRoute(vpn.Connected, false, "kernel"));
        Tell(new KernelEvent.LinkChanged(vpn.Tunnel, vpn.TunnelName, IsUsable: true, IsGone: false));
        foreach (var step in vpn.Steps(_kernel.Table, _network.Default.NextHop, WayOut()).Take(how.StepsMax))
        {
            if (how.GapMs > 0)
            {
                Run(TimeSpan.FromMilliseconds(how.GapMs));
            }

            if (!vpn.HasTunnel || !vpn.IsRunning || _pendingPower)
            {
                return;
            }

            var before = step is PlanStep.ReplaceRoute replace ? Place(replace.After) : null;
            vpn.Done.Add((step, before));
            Others(step);
        }
    }

    // A VPN moves the way out that the machine has, never what another VPN made of it.
    private Route? WayOut() =>
        _kernel.Table.Find(_network.Default) is { } there && there.HasValueOf(_network.Default) ? there : null;

    private Route? Place(Route like) =>
        _kernel.Table.Routes.FirstOrDefault(route => RouteOrder.ComparePlace(route, like) == 0);

    private void Stop(SimVpn vpn, StopManner manner)
    {
        if (manner == StopManner.EndFirst)
        {
            End(vpn);
        }

        vpn.IsEnding = true;
        foreach (var (step, before) in Enumerable.Reverse(vpn.Done).ToArray())
        {
            Undo(step, before, isSloppy: manner == StopManner.Sloppy && vpn.Plan.OnDeath != DeathPolicy.Keep);
        }

        vpn.Done.Clear();
        if (manner == StopManner.EndLast)
        {
            End(vpn);
        }

        LinkGoes(vpn);
        ProcessGoes(vpn);
    }

    private void End(SimVpn vpn)
    {
        vpn.IsEnding = true;
        Ask(guard => guard.End(vpn.Session));
    }

    private void Undo(PlanStep step, Route? before, bool isSloppy)
    {
        switch (step)
        {
            case PlanStep.ReplaceRoute replace:
                _kernel.DoForOthers(new PlanStep.DeleteRoute(replace.After, "vpn"));
                GiveBack(before, isSloppy: false);
                break;
            case PlanStep.DeleteRoute delete:
                GiveBack(delete.Route, isSloppy);
                break;
            case PlanStep.AddRule rule:
                _kernel.DoForOthers(new PlanStep.DeleteRule(rule.Rule, "vpn"));
                break;
            default:
                break;
        }

        Tell(KernelEvent.TableChanged.Instance);
    }

    private void GiveBack(Route? route, bool isSloppy)
    {
        if (route is null || !_network.Routes.Any(own => own.IsSameAs(route)))
        {
            return;
        }

        var back = isSloppy ? route with { Metric = 0, Attributes = RouteAttributes.Default } : route;
        _kernel.DoForOthers(new PlanStep.AddRoute(back, false, "vpn"));
    }

    private void Kill(SimVpn vpn, KillManner manner)
    {
        switch (manner)
        {
            case KillManner.TunnelThenProcess:
                LinkGoes(vpn);
                ProcessGoes(vpn);
                break;
            case KillManner.ProcessThenTunnel:
                ProcessGoes(vpn);
                LinkGoes(vpn);
                break;
            case KillManner.TunnelOnly:
                LinkGoes(vpn);

                // Nobody makes another one in less.
                Run(TimeSpan.FromMilliseconds(50));
                break;
            default:
                ProcessGoes(vpn);
                break;
        }
    }

    private void LinkGoes(SimVpn vpn)
    {
        if (vpn.HasTunnel)
        {
            vpn.HasTunnel = false;
            _kernel.RemoveLink(vpn.TunnelName);
            Tell(new KernelEvent.LinkChanged(vpn.Tunnel, vpn.TunnelName, IsUsable: false, IsGone: true));
            Tell(KernelEvent.TableChanged.Instance);
        }
    }

    private void ProcessGoes(SimVpn vpn)
    {
        if (vpn.IsRunning)
        {
            vpn.IsRunning = false;
            _machine.Kill(vpn.Process);
        }
    }

    // Whatever it was that the guard decided to clear up: was there a reason?
    private void Saved(Session session)
    {
        var vpn = _vpns.Find(one => one.Session == session.Id);
        if (vpn is null)
        {
            return;
        }

        var isNews = vpn.Phase != session.Phase;
        vpn.Phase = session.Phase;
        if (isNews && vpn.Phase == SessionPhase.Begun)
        {
            _network.BaselineTaken();
        }

        if (!isNews || session.Phase is not (SessionPhase.Restoring or SessionPhase.Holding))
        {
            return;
        }

        var isDead = !vpn.IsRunning || !vpn.HasTunnel;
        var isLate = vpn is { IsHanging: true, Plan.HasLease: true };
        Require(
            isDead || isLate || vpn.IsEnding || vpn.MayBeGivenUp || _isOver,
            $"the session of a VPN that lives was taken for dead ({session.Phase})"
        );
        vpn.MayBeGivenUp = false;
        if (session.Phase == SessionPhase.Restoring)
        {
            vpn.Done.Clear();
        }
    }
}
