namespace RouteGuard.Core.Routes;

/// <summary>Path metrics of a route: MTU, advertised MSS and so on, by their RTAX number.</summary>
/// <param name="Values">Pairs of RTAX number (2 to 31) and value, ascending by number; 32-bit values only.</param>
/// <param name="LockMask">RTAX_LOCK: bit N set means that metric N may not be changed by path MTU discovery.</param>
/// <remarks>Source: linux/rtnetlink.h RTAX_*; a metric of another width stays in the route's raw attributes.</remarks>
public sealed record RouteMetrics(EquatableList<RouteMetric> Values, uint LockMask)
{
    public static RouteMetrics None { get; } = new(new EquatableList<RouteMetric>([]), 0);

    public bool IsEmpty => Values.Count == 0 && LockMask == 0;
}

/// <summary>One path metric.</summary>
public readonly record struct RouteMetric(byte Number, uint Value);
