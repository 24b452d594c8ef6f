using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>
/// Path metrics: RTA_METRICS with RTAX_* inside (rtnetlink(7); net/ipv4/metrics.c:ip_metrics_convert).
/// </summary>
/// <remarks>
/// A metric that is no 32-bit number (RTAX_CC_ALGO, the name of a congestion control) is kept in the raw attributes as
/// an RTA_METRICS of its own; the writer puts the two together again, since the kernel takes only one.
/// </remarks>
internal static class MetricsCodec
{
    /// <summary>Reads the metrics out of attributes that were gathered, and gathers what is not modelled.</summary>
    /// <param name="gathered">Padded attributes; the last RTA_METRICS counts, as for the kernel.</param>
    /// <param name="rest">Where the other attributes go.</param>
    /// <param name="metrics">The numbers, ascending.</param>
    /// <param name="fault">What is wrong inside RTA_METRICS when the answer is false.</param>
    public static bool TryDecode(
        RawAttributes gathered,
        UnmodelledBytes rest,
        out RouteMetrics metrics,
        out WireFault fault
    )
    {
        fault = default;
        rest.Clear();
        metrics = RouteMetrics.None;
        var attributes = new NetlinkAttributes(gathered.Bytes.AsSpan(), 0);
        while (attributes.TryNext(out var attribute))
        {
            if (attribute.Type != RouteAttribute.Metrics)
            {
                rest.Add(attribute);
            }
            else if (!TryDecode(attribute, rest, out metrics, out fault))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDecode(
        in NetlinkAttribute attribute,
        UnmodelledBytes rest,
        out RouteMetrics metrics,
        out WireFault fault
    )
    {
        // By number, so that a metric that is given twice counts as it was given last.
        Span<uint> values = stackalloc uint[RouteAttribute.MetricMax + 1];
        var present = 0u;
        var lockMask = 0u;
        var others = new UnmodelledBytes();
        metrics = RouteMetrics.None;
        var inside = attribute.Nested;
        while (inside.TryNext(out var metric))
        {
            if (metric.Type == RouteAttribute.MetricLock)
            {
                if (!metric.TryRead("RTAX_LOCK", out lockMask, out fault))
                {
                    return false;
                }
            }
            else if (IsNumber(metric.Type) && metric.TryRead(string.Empty, out uint value, out _))
            {
                values[metric.Type] = value;
                present |= 1u << metric.Type;
            }
            else
            {
                others.Add(metric);
            }
        }

        fault = inside.Fault.IsNone ? default : inside.Fault with { Field = "RTA_METRICS" };
        if (!others.IsEmpty)
        {
            rest.Add(RouteAttribute.Metrics, others.Written);
        }

        metrics = Make(values, present, lockMask);
        return fault.IsNone;
    }

    private static bool IsNumber(ushort type) =>
        type
            is > RouteAttribute.MetricLock
                and <= RouteAttribute.MetricMax
                and not RouteAttribute.MetricCongestionControl;

    private static RouteMetrics Make(ReadOnlySpan<uint> values, uint present, uint lockMask)
    {
        if ((present | lockMask) == 0)
        {
            return RouteMetrics.None;
        }

        var metrics = new List<RouteMetric>(values.Length);
        for (byte number = 2; number < values.Length; number++)
        {
            if ((present >> number & 1) != 0)
            {
                metrics.Add(new(number, values[number]));
            }
        }

        return new(new(metrics), lockMask);
    }

    /// <summary>
    /// Appends RTA_METRICS, ascending, the lock mask last, as ip(8) does; nothing when there are no metrics.
    /// </summary>
    public static void Append(NetlinkWriter writer, RouteMetrics metrics, RawAttributes raw)
    {
        var others = FindOthers(raw);
        if (metrics.IsEmpty && others.IsEmpty)
        {
            return;
        }

        var at = writer.BeginNested(RouteAttribute.Metrics);
        var next = 0;
        var inside = new NetlinkAttributes(others, 0);
        while (inside.TryNext(out var other))
        {
            for (; next < metrics.Values.Count && metrics.Values[next].Number < other.Type; next++)
            {
                writer.Attribute(metrics.Values[next].Number, metrics.Values[next].Value);
            }

            writer.AppendBytes(other.Whole);
        }

        for (; next < metrics.Values.Count; next++)
        {
            writer.Attribute(metrics.Values[next].Number, metrics.Values[next].Value);
        }

        if (metrics.LockMask != 0)
        {
            writer.Attribute(RouteAttribute.MetricLock, metrics.LockMask);
        }

        writer.EndNested(at);
    }

    private static ReadOnlySpan<byte> FindOthers(RawAttributes raw)
    {
        var attributes = new NetlinkAttributes(raw.Bytes.AsSpan(), 0);
        while (attributes.TryNext(out var attribute))
        {
            if (attribute.Type == RouteAttribute.Metrics)
            {
                return attribute.Payload;
            }
        }

        return [];
    }
}
