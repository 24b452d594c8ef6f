using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <summary>The guard died here: kill -9 between two machine instructions.</summary>
internal sealed class GuardDiedException : Exception;

/// <summary>Something that must never happen, happened.</summary>
internal sealed class ViolationException(string message) : Exception(message);

/// <summary>What stands between a guard and its ports: each call may be its last, and each step is looked at.</summary>
internal sealed class SimPorts(
    MemoryKernel kernel,
    FakeMachine machine,
    IStateStore store,
    IJournal journal,
    SimWatch watch
) : IKernelRoutes, IKernelEvents, IMachine, IStateStore, IJournal
{
    private readonly HashSet<string> _announced = new(StringComparer.Ordinal);
    private bool _hasRead;
    private bool _hasLoaded;

    /// <summary>Port calls that are left to live; null lives for ever.</summary>
    public int? CallsLeft { get; set; }

    /// <summary>Calls that the kernel refuses outright.</summary>
    public int RefusedLeft { get; set; }

    public bool HasSiblings => true;

    public string BootId => machine.BootId;

    public RouteTable Read()
    {
        Live();
        Refuse("read the table");
        _hasRead = true;
        return kernel.Read();
    }

    public InterfaceIndex? WayTo(IpAddress destination)
    {
        Live();
        Refuse("ask for the way");
        return kernel.WayTo(destination);
    }

    public IPreparedSteps Prepare(IReadOnlyList<PlanStep> steps) => kernel.Prepare(steps);

    public IReadOnlyList<StepOutcome> Apply(IPreparedSteps steps)
    {
        Require(_hasRead && _hasLoaded, "a step was sent before the first look");
        Refuse("send steps");
        List<StepOutcome> outcomes = [];
        watch.BeforePlan(kernel.Table);
        foreach (var step in steps.Steps)
        {
            Live();
            RequireAnnounced(step);
            watch.BeforeStep(step);
            outcomes.AddRange(kernel.Apply(kernel.Prepare([step])));
            watch.AfterStep(step, outcomes[^1], kernel.Table);
        }

        watch.AfterPlan(kernel.Table);
        if (watch.HasEcho)
        {
            machine.Tell(KernelEvent.TableChanged.Instance);
        }

        Live();
        return outcomes;
    }

    public void Wait(TimeSpan timeout, List<KernelEvent> into)
    {
        Live();
        machine.Wait(timeout, into);
    }

    public bool TryWatch(ProcessIdentity process) => machine.TryWatch(process);

    public void Unwatch(ProcessIdentity process) => machine.Unwatch(process);

    public void Wake() => machine.Wake();

    public ProcessIdentity? TryIdentify(int pid) => machine.TryIdentify(pid);

    public uint? TryOwnerOf(int pid) => machine.TryOwnerOf(pid);

    public StoredState Load()
    {
        _hasLoaded = true;
        var found = store.Load();
        Require(found.Faults.Count == 0, $"a file cannot be read: {string.Join(' ', found.Faults)}");
        return found;
    }

    public void Create(Session session, Baseline baseline) => Keep(() => store.Create(session, baseline));

    public void Save(Session session)
    {
        Keep(() =>
        {
            watch.Saved(session);
            store.Save(session);
        });
    }

    public void Move(Session session, Baseline baseline)
    {
        Keep(() =>
        {
            watch.Saved(session);
            store.Move(session, baseline);
        });
    }

    public void Close(Session session) => Keep(() => store.Close(session));

    public long Append(JournalRecord record)
    {
        Live();
        try
        {
            var number = journal.Append(record);
            if (record.Kind is JournalKind.Armed or JournalKind.Intent)
            {
                _announced.UnionWith(record.Lines);
            }

            return number;
        }
        catch (StateStoreException)
        {
            watch.DiskRefused = true;
            throw;
        }
    }

    public JournalTail ReadTail(int recordsMax) => journal.ReadTail(recordsMax);

    public void Dispose() { }

    private void Keep(Action write)
    {
        Live();
        write();
        Live();
    }

    private void Refuse(string operation)
    {
        if (RefusedLeft > 0)
        {
            RefusedLeft--;
            throw new KernelRoutesException(operation, 1, "EPERM", "Try again.");
        }
    }

    private void Live()
    {
        if (CallsLeft is not { } left)
        {
            return;
        }

        if (left <= 0)
        {
            throw new GuardDiedException();
        }

        CallsLeft = left - 1;
    }

    // A disk that refuses must not stop a restore, so there the rule has its exception.
    private void RequireAnnounced(PlanStep step)
    {
        if (watch.DiskRefused)
        {
            return;
        }

        var names = kernel.Table.Names;
        var route = step switch
        {
            PlanStep.AddRoute add => add.Route,
            PlanStep.ReplaceRoute replace => replace.After,
            _ => null,
        };
        if (route is not null && !route.NextHop.Device.IsNone && kernel.Table.FindLink(route.NextHop.Device) is null)
        {
            // It was announced under the name of an interface that is gone; the kernel refuses it.
            return;
        }

        Require(
            _announced.Contains($"{step.Describe(names)} because it {step.Reason}")
                || (route is not null && _announced.Contains(RouteText.Print(route, names))),
            $"the journal does not know of: {step.Describe(names)}"
        );
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ViolationException(problem);
        }
    }
}
