using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>Steps with the requests that they take, written ahead.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Requests">Of each step, what it adds and what it removes.</param>
internal sealed record DarwinSteps(IReadOnlyList<PlanStep> Steps, IReadOnlyList<StepRequests> Requests) : IPreparedSteps
{
    public static DarwinSteps Encode(IReadOnlyList<PlanStep> steps)
    {
        var writer = new RouteRequests();
        return new(steps, [.. steps.Select(step => StepRequests.Of(step, writer))]);
    }
}

/// <summary>The requests of one step.</summary>
/// <param name="Add">RTM_ADD, or empty.</param>
/// <param name="Delete">RTM_DELETE, or empty.</param>
/// <param name="Undo">RTM_ADD of what is deleted, for when the addition is refused or the wrong entry went.</param>
/// <param name="WhyNot">Why the step cannot be said on macOS; null when it can.</param>
internal sealed record StepRequests(byte[] Add, byte[] Delete, byte[] Undo, string? WhyNot)
{
    public static StepRequests Of(PlanStep step, RouteRequests writer) =>
        step switch
        {
            PlanStep.AddRoute add => Of(add.Route, null, writer),
            PlanStep.DeleteRoute delete => Of(null, delete.Route, writer),
            PlanStep.ReplaceRoute replace => Of(replace.After, replace.Before, writer),
            PlanStep.AddRule or PlanStep.DeleteRule => new([], [], [], "macOS has no policy rules"),
            PlanStep.AddNextHop => new([], [], [], "macOS has no next-hop objects"),
            _ => throw new ArgumentException($"There is no request for {step}.", nameof(step)),
        };

    private static StepRequests Of(Route? added, Route? removed, RouteRequests writer)
    {
        string? why = null;
        byte[] add = [];
        byte[] delete = [];
        byte[] undo = [];
        if (added is not null && writer.TryAdd(added, 0, out var request, out why))
        {
            add = request.ToArray();
        }

        if (why is null && removed is not null && writer.TryDelete(removed, 0, out request, out why))
        {
            delete = request.ToArray();
        }

        if (why is null && removed is not null && writer.TryAdd(removed, 0, out request, out _))
        {
            undo = request.ToArray();
        }

        return new(add, delete, undo, why);
    }
}
