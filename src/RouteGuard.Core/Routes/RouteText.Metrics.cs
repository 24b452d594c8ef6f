using System.Globalization;
using System.Text;

namespace RouteGuard.Core.Routes;

/// <content>Path metrics: <c>mtu [lock] N</c> and its like, with the units and quirks of ip(8).</content>
public static partial class RouteText
{
    // RTAX_* and RTA_METRICS (linux/rtnetlink.h).
    private const byte RoundTripTime = 4;
    private const byte RoundTripVariation = 5;
    private const byte Features = 12;
    private const byte RetransmitTimeoutMin = 13;
    private const ushort CongestionControl = 16;
    private const ushort MetricsOfRoute = 8;
    private const uint FeatureEcn = 1;

    private static void PrintMetrics(ref TextLine line, RouteMetrics metrics)
    {
        var locks = metrics.LockMask;
        foreach (var metric in metrics.Values)
        {
            locks &= ~(1u << metric.Number);
            var isLocked = (metrics.LockMask >> metric.Number & 1) != 0;
            var name = RouteMetricName.TryNameOf(metric.Number);

            // `rto_min` always locks, as for ip(8), so one that is not locked has only its number.
            if (name is null || (metric.Number == RetransmitTimeoutMin && !isLocked))
            {
                line.Number("rtax", metric.Number);
            }
            else
            {
                line.Word(name);
            }

            if (isLocked)
            {
                line.Word("lock");
            }

            if (metric is { Number: Features, Value: FeatureEcn })
            {
                line.Word("ecn");
            }
            else
            {
                line.Number(metric.Value);
            }
        }

        // A lock may stand without a value: net/ipv4/metrics.c keeps the mask apart.
        if (locks != 0)
        {
            line.Hexadecimal("locks", locks, "x");
        }
    }

    private static string? ReadMetric(ReadOnlySpan<char> word, ref TextWords words, ref Draft draft)
    {
        if (word is "locks")
        {
            draft.LockMask |= words.TryNumberOrHex(out var locks) ? locks : 0;
            return locks == 0 ? "locks needs a mask" : null;
        }

        byte number;
        if (word is "rtax" && words.TryNumber(out var wide) && wide is > 1 and < 32)
        {
            number = (byte)wide;
        }
        else if (word is "congctl")
        {
            return ReadCongestionControl(ref words, ref draft);
        }
        else if (!RouteMetricName.TryParse(word, out number))
        {
            return Problem(word, "is not a word of ip route that is known here");
        }

        var isLocked = words.Take("lock") || word is "rto_min";
        if (!TryMetricValue(number, words.Next(), out var value))
        {
            return Problem(word, "needs a number");
        }

        draft.LockMask |= isLocked ? 1u << number : 0;
        (draft.Metrics ??= []).Add(new(number, value));
        return null;
    }

    // A time with a unit is in milliseconds for rto_min, in 1/8 ms for rtt and in 1/4 ms for rttvar; without one it is
    // taken as it is.
    private static bool TryMetricValue(byte number, ReadOnlySpan<char> word, out uint value)
    {
        if (number == Features && word is "ecn")
        {
            value = FeatureEcn;
            return true;
        }

        var unitAt = word.IndexOfAnyExceptInRange('0', '9');
        if (unitAt < 0 || number is not (RetransmitTimeoutMin or RoundTripTime or RoundTripVariation))
        {
            return uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }

        ulong scale = number switch
        {
            RoundTripTime => 8,
            RoundTripVariation => 4,
            _ => 1,
        };
        scale *= word[unitAt..] switch
        {
            "ms" or "msec" or "msecs" => 1,
            "s" or "sec" or "secs" => 1000,
            _ => 0u,
        };
        var isRead = uint.TryParse(word[..unitAt], NumberStyles.None, CultureInfo.InvariantCulture, out var time);
        var scaled = time * scale;
        value = (uint)scaled;
        return isRead && scale > 0 && scaled <= uint.MaxValue;
    }

    // The name of an algorithm is no number, so it goes with the raw attributes.
    private static string? ReadCongestionControl(ref TextWords words, ref Draft draft)
    {
        draft.LockMask |= words.Take("lock") ? 1u << CongestionControl : 0;
        var name = words.Next();
        if (name.IsEmpty)
        {
            return "congctl needs a name";
        }

        var inside = RawAttributes.None.With(CongestionControl, Encoding.UTF8.GetBytes(name.ToString()));
        draft.Raw = draft.Raw.With(MetricsOfRoute, inside.Bytes.AsSpan());
        return null;
    }
}
