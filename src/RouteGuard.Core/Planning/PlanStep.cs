using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>One change of one kernel entry, and why. A closed choice.</summary>
public abstract record PlanStep
{
    private PlanStep(string reason) => Reason = reason;

    /// <summary>Completes the sentence "… because it …".</summary>
    public string Reason { get; init; }

    /// <summary>What the step does, in the words of <c>ip</c>.</summary>
    public abstract string Describe(InterfaceNames names);

    /// <summary>Makes an entry; one that has the key already is not touched (EEXIST).</summary>
    /// <param name="Route">The entry.</param>
    /// <param name="IsBeside">Added after entries that share its key (IPv4) or its metric (IPv6): NLM_F_APPEND.</param>
    /// <param name="Reason">Why.</param>
    public sealed record AddRoute(Route Route, bool IsBeside, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"add {RouteText.Print(Route, names)}";
    }

    /// <summary>Turns one entry into another in one system call, so that no packet finds neither.</summary>
    public sealed record ReplaceRoute(Route Before, Route After, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) =>
            $"replace {RouteText.Print(Before, names)} with {RouteText.Print(After, names)}";
    }

    /// <summary>Removes this entry and no other: every attribute is given to the kernel as a condition.</summary>
    public sealed record DeleteRoute(Route Route, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"delete {RouteText.Print(Route, names)}";
    }

    public sealed record AddRule(PolicyRule Rule, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"add rule {Rule}";
    }

    public sealed record DeleteRule(PolicyRule Rule, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"delete rule {Rule}";
    }

    /// <summary>Makes a next-hop object again that routes of the baseline point to.</summary>
    public sealed record AddNextHop(NextHopObject NextHop, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"add next-hop object {NextHop.Id}";
    }

    /// <summary>Takes out of the operating system's settings what a dead VPN left there (macOS).</summary>
    /// <param name="Key">Where it stands.</param>
    /// <param name="Reason">Why.</param>
    public sealed record RemoveOrphan(string Key, string Reason) : PlanStep(Reason)
    {
        public override string Describe(InterfaceNames names) => $"remove {Key}";
    }

    public sealed override string ToString() => Describe(InterfaceNames.Numbers);
}

/// <summary>What became of a step.</summary>
public enum StepResult
{
    Applied,

    /// <summary>The table was so before (EEXIST for an addition, ESRCH or ENOENT for a deletion).</summary>
    AlreadyDone,

    Refused,
}

/// <summary>The kernel's answer to a step.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Errno">0, or the errno of the answer.</param>
/// <param name="ErrnoName">Such as ENETUNREACH; empty when <paramref name="Errno"/> is 0.</param>
/// <param name="KernelMessage">The kernel's own sentence (extended ack), if it gave one.</param>
public sealed record StepOutcome(StepResult Result, int Errno = 0, string ErrnoName = "", string? KernelMessage = null)
{
    public static StepOutcome Applied { get; } = new(StepResult.Applied);

    public override string ToString() =>
        Errno == 0
            ? $"{Result}{(KernelMessage is null ? "" : $": {KernelMessage}")}"
            : $"{Result}: {ErrnoName} ({Errno}){(KernelMessage is null ? "" : $" {KernelMessage}")}";
}
