using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;
using RouteGuard.Tests.Fakes;
using RouteGuard.Tests.Storage;

namespace RouteGuard.Tests.Simulation;

/// <summary>A machine with a kernel, a disk, VPNs, a real guard over a real store, and everything that can go
/// wrong.</summary>
internal sealed partial class SimWorld
{
    private const int TurnsMax = 5_000;
    private const int JournalPartBytes = 16 * 1024;

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly SimScript _script;
    private readonly Random _chance;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryKernel _kernel = new();
    private readonly FakeMachine _machine = new();
    private readonly SimWatch _watch;
    private readonly SimNetwork _network;
    private readonly List<SimVpn> _vpns = [];
    private MemoryDisk _disk = new();
    private Guard? _guard;
    private SimPorts? _ports;
    private int _boots = 1;
    private int _generation;

    public SimWorld(SimScript script)
    {
        _script = script;
        _chance = new(script.Seed);
        _watch = new(_time) { HasEcho = script.HasEcho, Saved = Saved };
        _network = new(script);
        _machine.OnWait = wait => _time.Advance(wait);
        _kernel.Become(_network.Boot());
        StartGuard();
    }

    public void Run()
    {
        foreach (var action in _script.Actions)
        {
            Do(action);
            if (_pendingPower)
            {
                Boot();
            }
        }

        Settle();
    }

    private void Do(SimAction action)
    {
        switch (action)
        {
            case SimAction.Begin begin:
                Begin(begin);
                break;
            case SimAction.Configure configure when Find(configure.Vpn) is { IsRunning: true } vpn:
                Configure(vpn, configure);
                break;
            case SimAction.SayUp up when Find(up.Vpn) is { IsRunning: true, HasTunnel: true } vpn:
                Ask(guard => guard.Up(vpn.Session, new(null)));
                break;
            case SimAction.Wait wait:
                Run(TimeSpan.FromMilliseconds(wait.Ms));
                break;
            case SimAction.Stop stop when Find(stop.Vpn) is { IsRunning: true } vpn:
                LetHalvesSettle(vpn);
                Stop(vpn, stop.Manner);
                break;
            case SimAction.Kill kill when Find(kill.Vpn) is { } vpn:
                LetHalvesSettle(vpn);
                Kill(vpn, kill.Manner);
                break;
            case SimAction.Hang hang when Find(hang.Vpn) is { } vpn:
                LetHalvesSettle(vpn);
                vpn.IsHanging = true;
                Run(Lease);
                break;
            case SimAction.GuardDies when !IsDiskGood():
                // What the disk has refused, a restart cannot know.
                break;
            case SimAction.GuardDies { PortCalls: 0 }:
                _guard = null;
                break;
            case SimAction.GuardDies dies when _ports is not null:
                _ports.CallsLeft = dies.PortCalls;
                break;
            case SimAction.GuardStarts when _guard is null:
                StartGuard();
                break;
            case SimAction.PowerGoes { DiskOperations: 0 }:
                Boot();
                break;
            case SimAction.PowerGoes power:
                _disk.CutAt = _disk.Operations + power.DiskOperations;
                break;
            default:
                Disturb(action);
                break;
        }
    }

    // A VPN that stopped between taking the default away and its next step, with another one that dies now: whether the
    // machine should have a default then is a matter of taste.
    private void LetHalvesSettle(SimVpn vpn)
    {
        if (
            _vpns.Exists(other => other != vpn && other is { IsHalf: true, HasTunnel: true, Phase: SessionPhase.Begun })
        )
        {
            Run(TimeSpan.FromSeconds(3));
        }
    }

    private SimVpn? Find(int number) => _vpns.FindLast(vpn => vpn.Number == number);

    private void StartGuard()
    {
        _machine.Forget();
        _watch.NewGuard();
        Guarded(() =>
        {
            _ports = new(_kernel, _machine, new StateStore(_disk), new JournalFile(_disk, JournalPartBytes), _watch);
            _guard = new(
                new(_ports, _ports, _ports, _ports, _ports, _machine, NoLiveTruth.Instance),
                new(),
                _time,
                new Random(_generation + (_boots * 1000))
            );
            _guard.Start();
        });
    }

    // The machine goes on while the guard is down.
    private void Run(TimeSpan span)
    {
        var end = _time.GetUtcNow() + span;
        for (var turn = 0; _time.GetUtcNow() < end; turn++)
        {
            Require(turn < TurnsMax, "the guard spins");
            var until = _time.GetUtcNow() + HeartbeatEvery;
            until = until < end ? until : end;
            if (_guard is null)
            {
                _time.Advance(until - _time.GetUtcNow());
                continue;
            }

            Guarded(() => _guard.RunOnce(until - _time.GetUtcNow()));
            RivalsAct();
            HeartsBeat();
        }
    }

    private void HeartsBeat()
    {
        foreach (var vpn in _vpns.Where(vpn => vpn is { IsRunning: true, IsHanging: false, Plan.HasLease: true }))
        {
            Ask(guard => guard.Heartbeat(vpn.Session));
        }
    }

    /// <returns>True when the guard did it and lived.</returns>
    private bool Ask(Action<Guard> question)
    {
        var isDone = false;
        if (_guard is { } guard)
        {
            Guarded(() =>
            {
                try
                {
                    question(guard);
                    isDone = true;
                }
                catch (GuardException)
                {
                    // It says no; whoever asked has to live with it.
                }
            });
        }

        return isDone;
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (GuardDiedException)
        {
            _guard = null;
            _disk.CutAt = 0;
        }
        catch (PowerCutException)
        {
            _guard = null;
            _pendingPower = true;
        }
    }

    private bool _pendingPower;

    private void Boot()
    {
        _pendingPower = false;
        _guard = null;
        _disk = _disk.AfterPowerCut(_chance);
        _machine.BootId = $"boot-{++_boots}";
        _machine.Processes.Clear();
        _watch.Foreign.Clear();
        _rivals.Clear();
        _rivalRoutes.Clear();
        foreach (var vpn in _vpns)
        {
            (vpn.IsRunning, vpn.HasTunnel) = (false, false);
            vpn.Done.Clear();
        }

        _kernel.Refuse = _ => null;
        _kernel.Become(_network.Boot());
        var steps = _watch.Steps;
        StartGuard();
        Require(_pendingPower || _watch.Steps == steps, "routes of an earlier boot were written");
    }

    private void Tell(KernelEvent happened) => _machine.Tell(happened);

    private void Others(PlanStep step)
    {
        _kernel.DoForOthers(step);
        Tell(KernelEvent.TableChanged.Instance);
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ViolationException(problem);
        }
    }
}
