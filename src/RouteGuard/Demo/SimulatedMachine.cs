using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using Route = RouteGuard.Core.Routes.Route;

namespace RouteGuard.Demo;

/// <summary>A kernel in memory, as far as the demo needs one: routes, two interfaces, processes, and word of each
/// change.</summary>
/// <remarks>
/// The key of an entry is table, destination, TOS and metric, as on Linux. One thread has it; only
/// <see cref="Wake"/> may come from another.
/// </remarks>
internal sealed class SimulatedMachine : IKernelRoutes, IKernelEvents, IMachine
{
    private const int FirstPid = 4711;

    private static readonly InterfaceIndex UplinkIndex = new(2);
    private static readonly InterfaceIndex TunnelIndex = new(3);

    private readonly AutoResetEvent _nudge = new(initialState: false);
    private readonly List<KernelEvent> _told = [];
    private readonly Dictionary<int, ProcessIdentity> _processes = [];
    private readonly HashSet<ProcessIdentity> _watched = [];
    private RouteTable _table;
    private int _lastPid = FirstPid;

    public SimulatedMachine()
    {
        string[] rules =
        [
            "pref 0 lookup local protocol kernel",
            "pref 32766 lookup main protocol kernel",
            "-6 pref 0 lookup local protocol kernel",
            "-6 pref 32766 lookup main protocol kernel",
        ];
        _table = RouteTable.FromDump(
            [],
            rules.Select(RuleText.Parse),
            [Link(UplinkIndex, DemoSteps.Uplink, "", "02:00:00:00:00:02", [.. DemoSteps.UplinkAddresses])]
        );
        Connected("192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10");
        Connected("2001:db8:1::/64 dev phys0 proto kernel metric 256");
    }

    public string BootId => "simulated";

    public bool HasSiblings => true;

    public RouteTable Read() => _table;

    public InterfaceIndex? WayTo(IpAddress destination) =>
        Lookup.Of(_table, destination).Winner is { NextHop.Device: { IsNone: false } device } ? device : null;

    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => new Prepared(steps);

    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps)
    {
        StepOutcome[] outcomes = [.. steps.Steps.Select(Apply)];
        Tell(KernelEvent.TableChanged.Instance);
        return outcomes;
    }

    public void Wait(TimeSpan timeout, List<KernelEvent> into)
    {
        if (_told.Count == 0)
        {
            _nudge.WaitOne(timeout);
        }

        into.AddRange(_told);
        _told.Clear();
    }

    public void Wake() => _nudge.Set();

    public bool TryWatch(ProcessIdentity process)
    {
        var isAlive = _processes.ContainsValue(process);
        if (isAlive)
        {
            _watched.Add(process);
        }

        return isAlive;
    }

    public void Unwatch(ProcessIdentity process) => _watched.Remove(process);

    public ProcessIdentity? TryIdentify(int pid) => _processes.TryGetValue(pid, out var process) ? process : null;

    public uint? TryOwnerOf(int pid) => _processes.ContainsKey(pid) ? 0 : null;

    /// <summary>A guard is done with it; the machine goes on.</summary>
    public void Dispose() { }

    /// <summary>The machine itself is switched off.</summary>
    public void End() => _nudge.Dispose();

    /// <summary>Whoever listened is gone, and hears no more.</summary>
    public void Forget()
    {
        _told.Clear();
        _watched.Clear();
    }

    public int StartProcess()
    {
        var pid = _lastPid++;
        _processes[pid] = new(pid, (ulong)pid);
        return pid;
    }

    public void EndProcess(int pid)
    {
        if (_processes.Remove(pid, out var process) && _watched.Remove(process))
        {
            Tell(new KernelEvent.ProcessExited(process));
        }
    }

    public void AddTunnel()
    {
        var tunnel = Link(TunnelIndex, DemoSteps.Tunnel, "tun", "", DemoSteps.TunnelAddress) with
        {
            IsPointToPoint = true,
        };
        _table = _table.WithLinks([.. _table.Links, tunnel]);
        Connected("10.8.0.0/24 dev tun0 proto kernel src 10.8.0.2");
        Tell(new KernelEvent.LinkChanged(TunnelIndex, DemoSteps.Tunnel, IsUsable: true, IsGone: false));
    }

    public void RemoveTunnel()
    {
        _table = _table
            .WithRoutes(_table.Routes.Where(route => !RouteOwnership.LeavesBy(route, TunnelIndex)))
            .WithLinks([.. _table.Links.Where(link => link.Index != TunnelIndex)]);
        Tell(new KernelEvent.LinkChanged(TunnelIndex, DemoSteps.Tunnel, IsUsable: false, IsGone: true));
    }

    private static NetworkLink Link(
        InterfaceIndex index,
        string name,
        string kind,
        string mac,
        params InterfaceAddress[] addresses
    ) =>
        new()
        {
            Index = index,
            Name = name,
            Kind = kind,
            Mac = mac,
            IsUp = true,
            HasCarrier = true,
            Addresses = new(addresses),
        };

    private void Connected(string line) => Add(RouteText.Parse(line, _table.Names));

    private void Tell(KernelEvent happened) => _told.Add(happened);

    private StepOutcome Apply(PlanStep step) =>
        step switch
        {
            PlanStep.AddRoute add => Add(add.Route),
            PlanStep.ReplaceRoute replace => Replace(replace),
            PlanStep.DeleteRoute delete => Delete(delete.Route),
            _ => new(StepResult.Refused, 0, string.Empty, "a simulated kernel cannot do this"),
        };

    private StepOutcome Add(Route route)
    {
        if (_table.FindLink(route.NextHop.Device) is not { IsUp: true })
        {
            return new(StepResult.Refused, 100, "ENETDOWN");
        }

        if (_table.Routes.Any(other => HasKey(other, route)))
        {
            return new(StepResult.AlreadyDone, 17, "EEXIST");
        }

        _table = _table.WithRoutes([.. _table.Routes, route]);
        return StepOutcome.Applied;
    }

    private StepOutcome Replace(PlanStep.ReplaceRoute step)
    {
        _table = _table.WithRoutes(_table.Routes.Where(route => !HasKey(route, step.Before)));
        return Add(step.After);
    }

    private StepOutcome Delete(Route route)
    {
        var left = _table.Routes.Where(other => !(HasKey(other, route) && other.HasValueOf(route))).ToArray();
        if (left.Length == _table.Routes.Length)
        {
            return new(StepResult.AlreadyDone, 3, "ESRCH");
        }

        _table = _table.WithRoutes(left);
        return StepOutcome.Applied;
    }

    private static bool HasKey(Route one, Route other) =>
        one.Table == other.Table
        && one.Destination == other.Destination
        && one.Tos == other.Tos
        && one.Metric == other.Metric;

    private sealed record Prepared(IReadOnlyList<PlanStep> Steps) : IPreparedSteps;
}
