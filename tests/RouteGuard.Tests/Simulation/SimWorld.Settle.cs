using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Storage;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <content>The end: trouble stops, time passes, and the table is what it should be.</content>
internal sealed partial class SimWorld
{
    // The lease, the grace and the longest pause between two tries are shorter.
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(60);

    private bool _isOver;

    private void Settle()
    {
        EndTrouble();
        if (_guard is null)
        {
            StartGuard();
        }

        Run(_hadRival ? RewriteBudget.TruceMax + SettleTime : SettleTime);
        Require(_guard is not null, "the guard is not there though nothing stops it");
        if (_guard!.Sessions.Any(session => session.Phase == SessionPhase.Holding))
        {
            RequireHold();
        }
        else
        {
            RequireTable("after the trouble");
            RequireNothingMoreToDo();
        }

        _isOver = true;
        Ask(guard => guard.Restore(null, isDryRun: false));
        foreach (var vpn in _vpns.Where(vpn => vpn.Plan.OnDeath != DeathPolicy.Keep))
        {
            vpn.Done.Clear();
        }

        RequireTable("after the last restore");
        RequireNothingMoreToDo();
        RequireReadable();
    }

    private void EndTrouble()
    {
        _kernel.Refuse = _ => null;
        _disk.RefuseAt = ..0;
        _disk.FullFrom = int.MaxValue;
        _disk.CutAt = 0;
        _rivals.Clear();
        if (_ports is not null)
        {
            _ports.CallsLeft = null;
            _ports.RefusedLeft = 0;
        }
    }

    private void RequireHold()
    {
        foreach (var link in _network.Links)
        {
            foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
            {
                var leaves = Coverage.Of(_kernel.Table, link.Index, family).Addresses;
                foreach (
                    var half in family == IpFamily.V4 ? new[] { "0.0.0.1", "128.0.0.1" } : ["2001:db8::1", "8000::1"]
                )
                {
                    Require(
                        !leaves.Contains(IpAddress.Parse(half)),
                        $"{half} leaves by {link.Name} though the session holds\n{Tables.Lines(_kernel.Table)}"
                    );
                }
            }
        }
    }

    private void RequireTable(string when)
    {
        var left = RivalRoutesLeft().ToArray();
        var observed = _kernel.Table.WithRoutes(_kernel.Table.Routes.Except(left));
        var expected = Expected();
        var isSame =
            observed.Routes.Length == expected.Routes.Length
            && observed.Rules.Length == expected.Rules.Length
            && !expected.Rules.Except(observed.Rules).Any();
        for (var at = 0; isSame && at < observed.Routes.Length; at++)
        {
            isSame = observed.Routes[at].IsSameAs(expected.Routes[at]);
        }

        if (isSame)
        {
            return;
        }

        var (has, wants) = (Tables.Lines(observed).Split('\n'), Tables.Lines(expected).Split('\n'));
        var difference = wants
            .Except(has)
            .Select(line => $"- {line}")
            .Concat(has.Except(wants).Select(line => $"+ {line}"));
        Require(false, $"{when} the table is not as it should be\n{string.Join('\n', difference)}");
    }

    // The machine's own routes, and on top what living VPNs did, in the order in which they did it.
    private RouteTable Expected()
    {
        var kernel = new MemoryKernel();
        kernel.Become(RouteTable.FromDump(_network.Routes, _network.Rules, _network.Links));
        foreach (var vpn in _vpns)
        {
            kernel.AddLink(vpn.Link);
            kernel.DoForOthers(new PlanStep.AddRoute(vpn.Connected, false, "kernel"));
            foreach (var (step, _) in vpn.Done)
            {
                kernel.DoForOthers(step is PlanStep.ReplaceRoute made ? made with { After = Today(made.After) } : step);
            }

            if (!vpn.HasTunnel)
            {
                kernel.RemoveLink(vpn.TunnelName);
            }
        }

        return kernel.Table;
    }

    // A route by the gateway that the machine had goes by the one that it has.
    private Route Today(Route route) =>
        route.NextHop is NextHop.Via via
        && via.Device == Tables.Phys0
        && !_network.Routes.Any(own => own.Destination.IsDefault && own.NextHop == via)
            ? route with
            {
                NextHop = _network.Default.NextHop,
            }
            : route;

    private void RequireNothingMoreToDo()
    {
        var steps = _watch.Steps;
        Run(TimeSpan.FromSeconds(20));
        Require(_watch.Steps == steps, "a table that is as it should be was written again");
    }

    /// <summary>The last words of the journal, and what was sent to the kernel last.</summary>
    public string Story()
    {
        const int lastMax = 20;
        using var journal = new JournalFile(_disk, JournalPartBytes);
        var told = journal
            .ReadTail(lastMax)
            .Records.Select(record =>
                $"  {record.At:mm:ss.fff} {record.Session} {record.Kind} {record.Text}: {string.Join("; ", record.Lines)}"
            );
        return $"journal:\n{string.Join('\n', told)}\nsent:\n  {string.Join("\n  ", _kernel.Sent.TakeLast(lastMax))}";
    }

    private void RequireReadable()
    {
        _guard = null;
        Require(new StateStore(_disk).Load().Faults.Count == 0, "a file of the state directory cannot be read");

        // Opening it cuts off what a crash tore.
        new JournalFile(_disk, JournalPartBytes).Dispose();
        using var journal = new JournalFile(_disk, JournalPartBytes);
        var faults = journal.OpenFaults.Concat(journal.ReadTail(int.MaxValue).Faults).ToArray();
        Require(faults.Length == 0, $"the journal is damaged: {string.Join(' ', faults)}");
    }
}
