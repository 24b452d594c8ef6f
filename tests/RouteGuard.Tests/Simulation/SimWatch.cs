using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Simulation;

/// <summary>Looks at every step of the guard and says what it must never do.</summary>
internal sealed class SimWatch(TimeProvider time)
{
    // Five in a minute; a truce of 60 s follows the next five, one of 120 s the five after.
    private static readonly (TimeSpan Within, int Max)[] RewritesMax =
    [
        (TimeSpan.FromSeconds(60), RewriteBudget.RewritesPerWindowMax),
        (TimeSpan.FromSeconds(119), 2 * RewriteBudget.RewritesPerWindowMax),
        (TimeSpan.FromSeconds(239), 3 * RewriteBudget.RewritesPerWindowMax),
    ];

    private readonly Dictionary<RouteKey, List<DateTimeOffset>> _rewrites = [];
    private bool _hadWayOut;
    private int _stepsWithout;
    private int _stepsWithoutMax;

    public bool HasEcho { get; init; }

    /// <summary>Routes that nobody but their makers may touch.</summary>
    public HashSet<Route> Foreign { get; } = [];

    public bool DiskRefused { get; set; }

    /// <summary>Told of every session that is stored, whether the disk takes it or not.</summary>
    public Action<Session> Saved { get; set; } = _ => { };

    public int Steps { get; private set; }

    public void NewGuard() => _rewrites.Clear();

    public void BeforePlan(RouteTable table)
    {
        _hadWayOut = HasWayOut(table);
        _stepsWithout = 0;
        _stepsWithoutMax = 0;
    }

    public void BeforeStep(PlanStep step)
    {
        Steps++;
        var touched = step switch
        {
            PlanStep.DeleteRoute delete => delete.Route,
            PlanStep.ReplaceRoute replace => replace.Before,
            _ => null,
        };
        if (touched is null)
        {
            return;
        }

        Require(!RouteOwnership.IsKernelOwned(touched), $"the kernel's own entry was touched: {step}");
        Require(
            !Foreign.Contains(touched with { Ordinal = 0 }),
            $"a foreign route was touched: {step} because it {step.Reason}"
        );
    }

    public void AfterStep(PlanStep step, StepOutcome outcome, RouteTable table)
    {
        _stepsWithout = HasWayOut(table) ? 0 : _stepsWithout + 1;
        _stepsWithoutMax = int.Max(_stepsWithoutMax, _stepsWithout);
        var route = step switch
        {
            PlanStep.AddRoute add => add.Route,
            PlanStep.ReplaceRoute replace => replace.After,
            _ => null,
        };
        if (
            route is null
            || outcome.Result != StepResult.Applied
            || !step.Reason.Contains("live session", StringComparison.Ordinal)
        )
        {
            return;
        }

        var key = RouteKey.Of(route);
        if (!_rewrites.TryGetValue(key, out var at))
        {
            _rewrites[key] = at = [];
        }

        var now = time.GetUtcNow();
        at.Add(now);
        foreach (var (within, max) in RewritesMax)
        {
            var count = at.Count(one => now - one < within);
            Require(count <= max, $"no truce: {count} rewrites of {route.Destination} within {within.TotalSeconds} s");
        }
    }

    public void AfterPlan(RouteTable table) =>
        Require(
            !_hadWayOut || !HasWayOut(table) || _stepsWithoutMax <= 1,
            $"there was no default for {_stepsWithoutMax} steps"
        );

    private static bool HasWayOut(RouteTable table) =>
        table.Routes.Any(route =>
            route is { Family: IpFamily.V4, Table: Route.TableMain, Destination.Length: <= 1 }
            && route.NextHop is NextHop.Via or NextHop.OnLink
        );

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ViolationException(problem);
        }
    }
}
