using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <content>Rivals, foreign routes, other networks, refusals.</content>
internal sealed partial class SimWorld
{
    private readonly List<Rival> _rivals = [];
    private readonly List<Route> _rivalRoutes = [];
    private bool _hadRival;

    private void Disturb(SimAction action)
    {
        switch (action)
        {
            case SimAction.Foreign foreign:
                AddForeign(foreign);
                break;
            case SimAction.ForeignGoes when _network.RemoveForeign() is { } route:
                _watch.Foreign.Remove(route);
                Others(new PlanStep.DeleteRoute(route, "foreign"));
                break;
            case SimAction.Rival rival when Find(rival.Vpn) is { } vpn:
                AddRival(vpn, rival);
                break;
            case SimAction.LoseEvents:
                _machine.LoseEvents();
                break;
            case SimAction.RepeatEvents:
                _machine.RepeatEvents();
                break;
            case SimAction.Refuse refuse:
                var left = refuse.Steps;
                _kernel.Refuse = _ => left-- > 0 ? new(StepResult.Refused, 5, refuse.Errno) : null;
                break;
            case SimAction.DiskRefuses or SimAction.DiskFull { IsFull: true } when _ports?.CallsLeft is not null:
                // What the disk has refused, a restart cannot know.
                break;
            case SimAction.KernelRefuses refuses when _ports is not null && HasAtMostOneComing():
                _ports.RefusedLeft = refuses.Calls;
                break;
            case SimAction.DiskRefuses refuses:
                _disk.RefuseAt = (_disk.Operations + 1)..(_disk.Operations + 1 + refuses.Operations);
                break;
            case SimAction.DiskFull full:
                _disk.FullFrom = full.IsFull ? 0 : int.MaxValue;
                break;
            case SimAction.Roam roam when MayRoam():
                _kernel.Refuse = _ => null;
                Roam(roam.Manner);

                // A gateway that came and went between two looks was never there for us.
                Run(TimeSpan.FromSeconds(1));
                break;
            default:
                break;
        }
    }

    private bool AreAllUp() => _guard is not null && !_guard.Sessions.Any(session => session.Phase != SessionPhase.Up);

    // While two come up, a kernel that shows nothing leaves nobody who could tell whose a change is.
    private bool HasAtMostOneComing() =>
        _guard is null || _guard.Sessions.Count(session => session.Phase == SessionPhase.Begun) <= 1;

    private bool IsDiskGood() =>
        !_watch.DiskRefused && _disk.FullFrom == int.MaxValue && _disk.RefuseAt.End.Value <= _disk.Operations;

    // What a VPN left on purpose, and what a rival was allowed to keep, does not move along.
    // Nor does the default of a machine whose VPN stopped after taking it away: DHCP gives another, and that is truth.
    private bool MayRoam() =>
        AreAllUp()
        && !_hadRival
        && !_vpns.Exists(vpn =>
            vpn.Plan.OnDeath == DeathPolicy.Keep || vpn is { IsHalf: true, HasTunnel: true, Plan.Kind: VpnKind.Forum }
        );

    // While a session comes up, what is made by hand is taken for the VPN's: nobody could tell. A guard whose disk did
    // not take that the session was up knows no better after a restart.
    private void AddForeign(SimAction.Foreign foreign)
    {
        if (_network.AddForeign(foreign.Number, foreign.IsHandMade && AreAllUp() && IsDiskGood()) is { } route)
        {
            _watch.Foreign.Add(route);
            Others(new PlanStep.AddRoute(route, false, "foreign"));
        }
    }

    private void AddRival(SimVpn vpn, SimAction.Rival plan)
    {
        // What one session only reports, another one's restore may put back.
        var isReported = vpn.Plan.OnDrift == DriftPolicy.Report && _guard?.Sessions.Count > 1;
        var routes = vpn.Done.Select(done => done.Step).OfType<PlanStep.ReplaceRoute>().ToArray();
        if (
            routes.Length == 0
            || isReported
            || vpn.Plan.OnDeath == DeathPolicy.Keep
            || !AreAllUp()
            || !_guard!.Sessions.Any(session => session.Id == vpn.Session)
        )
        {
            return;
        }

        var target = routes[plan.Route % routes.Length].After;
        if (target.Family == IpFamily.V6)
        {
            return;
        }

        var rivals = plan.Deletes ? null : target with { NextHop = SimNetwork.Phys1Gateway(66) };
        _hadRival = true;
        _rivals.Add(new(vpn, target, rivals, vpn.Plan.OnDrift == DriftPolicy.Reassert ? plan.Times : 1));
        RivalsAct();
    }

    private void RivalsAct()
    {
        foreach (var rival in _rivals.ToArray())
        {
            var isThere = _kernel.Table.Find(rival.Target)?.HasValueOf(rival.Target) == true;
            if (
                rival.TimesLeft <= 0
                || !rival.Vpn.Done.Exists(done => done.Step is PlanStep.ReplaceRoute one && one.After == rival.Target)
            )
            {
                _rivals.Remove(rival);
            }
            else if (isThere && AreAllUp())
            {
                rival.TimesLeft--;
                rival.Vpn.MayBeGivenUp = rival.Vpn.Plan.OnDrift == DriftPolicy.Restore;
                PlanStep step = rival.Instead is null
                    ? new PlanStep.DeleteRoute(rival.Target, "rival")
                    : new PlanStep.ReplaceRoute(rival.Target, rival.Instead, "rival");
                if (rival.Vpn.Plan.OnDrift == DriftPolicy.Report)
                {
                    rival.Vpn.Done.Add((step, null));
                }

                if (rival.Instead is not null)
                {
                    _rivalRoutes.Add(rival.Instead);
                }

                Others(step);
            }
        }
    }

    // What a rival left where nobody wants anything is the machine's from now on.
    private void AdoptRivals()
    {
        foreach (var route in RivalRoutesLeft().ToArray())
        {
            _network.Keep(route);
        }
    }

    private IEnumerable<Route> RivalRoutesLeft() =>
        _kernel.Table.Routes.Where(route =>
            _rivalRoutes.Exists(rival => rival.IsSameAs(route))
            && !_network.Routes.Any(own => RouteOrder.ComparePlace(own, route) == 0)
            && !_vpns.Exists(vpn =>
                vpn.Done.Exists(done =>
                    done.Step is PlanStep.ReplaceRoute made && RouteOrder.ComparePlace(made.After, route) == 0
                )
            )
        );

    private void Roam(RoamManner manner)
    {
        switch (manner)
        {
            case RoamManner.Gateway when _network.HasDhcp:
                _network.ChangeGateway();
                Others(new PlanStep.ReplaceRoute(_network.Default, _network.Default, "dhcp"));
                break;
            case RoamManner.Network when _network.MayComeElsewhere:
                _network.ComeElsewhere();
                ComeElsewhere();
                break;
            case RoamManner.Uplink when _network.AddUplink() is { } uplink:
                Others(new PlanStep.AddRoute(uplink, false, "dhcp"));
                break;
            default:
                break;
        }
    }

    private void ComeElsewhere()
    {
        foreach (
            var route in _kernel.Table.Routes.Where(route =>
                route.Family == IpFamily.V4 && RouteOwnership.LeavesBy(route, Tables.Phys0)
            )
        )
        {
            _kernel.DoForOthers(new PlanStep.DeleteRoute(route, "kernel"));
        }

        _kernel.ChangeLink("phys0", _ => _network.Links[0]);
        foreach (
            var route in _network.Routes.Where(route =>
                route.Family == IpFamily.V4 && RouteOwnership.LeavesBy(route, Tables.Phys0)
            )
        )
        {
            _kernel.DoForOthers(new PlanStep.AddRoute(route, false, "dhcp"));
        }

        Tell(KernelEvent.TableChanged.Instance);
    }

    private sealed class Rival(SimVpn vpn, Route target, Route? instead, int times)
    {
        public SimVpn Vpn => vpn;

        public Route Target => target;

        public Route? Instead => instead;

        public int TimesLeft { get; set; } = times;
    }
}
