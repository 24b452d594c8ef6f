using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>An ordered list of steps from the observed table to the wanted one; empty when nothing is wrong.</summary>
/// <param name="Steps">In the order in which they are to be done.</param>
/// <param name="LeftAlone">What is not as wanted and will not be written, with the reason.</param>
public sealed record Plan(EquatableList<PlanStep> Steps, EquatableList<LeftAlone> LeftAlone)
{
    public static Plan Nothing { get; } = new(new([]), new([]));

    public bool IsEmpty => Steps.Count == 0;

    /// <summary>One step a line.</summary>
    public string Describe(InterfaceNames names) => string.Join('\n', Steps.Select(step => step.Describe(names)));

    public override string ToString() => Describe(InterfaceNames.Numbers);
}

/// <summary>Something that the plan does not touch, and why.</summary>
/// <param name="What">The entry in the words of <c>ip</c>.</param>
/// <param name="Why">A sentence.</param>
/// <param name="IsLoss">True when the baseline wanted it: the restore is then only partly done.</param>
public sealed record LeftAlone(string What, string Why, bool IsLoss)
{
    /// <summary>Of the entry; null for what has none.</summary>
    public IpFamily? Family { get; init; }
}
