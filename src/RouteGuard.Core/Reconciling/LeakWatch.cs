using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Reconciling;

/// <summary>Measures for how long a family's way out was missing or wrong.</summary>
/// <remarks>
/// It begins with the event that told of it, as far as one did, and ends with the look that found it right: so it is
/// longer than the truth rather than shorter.
/// </remarks>
internal sealed class LeakWatch(TimeProvider time)
{
    private readonly Dictionary<IpFamily, (DateTimeOffset Since, string What)> _open = [];

    public TimeSpan Total { get; private set; }

    /// <summary>Takes in what a look found.</summary>
    /// <param name="family">Of the way out.</param>
    /// <param name="what">What is wrong with it; null when nothing is.</param>
    /// <param name="since">When the first sign of it came.</param>
    /// <returns>What was wrong and for how long, when it is right again; else null.</returns>
    public (string What, TimeSpan Lasted)? Look(IpFamily family, string? what, DateTimeOffset since)
    {
        if (what is not null)
        {
            _open.TryAdd(family, (since, what));
            return null;
        }

        if (!_open.Remove(family, out var window))
        {
            return null;
        }

        var lasted = time.GetUtcNow() - window.Since;
        Total += lasted;
        return (window.What, lasted);
    }
}
