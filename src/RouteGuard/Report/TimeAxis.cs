using System.Globalization;

namespace RouteGuard.Report;

/// <summary>A stretch of time on a stretch of paper: where a moment is, and which moments are named.</summary>
/// <param name="From">At the left edge.</param>
/// <param name="To">At the right edge.</param>
/// <param name="Left">The left edge.</param>
/// <param name="Right">The right edge.</param>
/// <param name="Zero">Times are told from here; null for the time of day.</param>
internal sealed record TimeAxis(DateTimeOffset From, DateTimeOffset To, double Left, double Right, DateTimeOffset? Zero)
{
    /// <summary>Ticks, whatever the span: a longer one than a year has no finer step than the longest.</summary>
    public const int TicksMax = 16;

    private const double WidthPerTick = 92;

    private static readonly TimeSpan SpanMin = TimeSpan.FromMilliseconds(1);

    private static readonly double[] StepsMilliseconds =
    [
        .. new double[] { 1, 2, 5, 10, 20, 50, 100, 200, 500 },
        .. new double[] { 1, 2, 5, 10, 15, 30 }.Select(seconds => seconds * 1000),
        .. new double[] { 1, 2, 5, 10, 15, 30 }.Select(minutes => minutes * 60_000),
        .. new double[] { 1, 2, 3, 6, 12 }.Select(hours => hours * 3_600_000),
        .. new double[] { 1, 2, 7, 14, 28, 91, 364 }.Select(days => days * 86_400_000),
    ];

    private double SpanMilliseconds => Math.Max((To - From).TotalMilliseconds, SpanMin.TotalMilliseconds);

    /// <summary>Where a moment is; one outside is at the edge.</summary>
    public double At(DateTimeOffset moment) =>
        Left + (Math.Clamp((moment - From).TotalMilliseconds / SpanMilliseconds, 0, 1) * (Right - Left));

    public IReadOnlyList<(double At, string Text)> Ticks()
    {
        var wanted = Math.Max(2, (Right - Left) / WidthPerTick);
        var step = StepsMilliseconds.FirstOrDefault(one => SpanMilliseconds / one <= wanted, StepsMilliseconds[^1]);
        var zero = Zero ?? new DateTimeOffset(From.UtcDateTime.Date, TimeSpan.Zero);
        var first = (long)Math.Ceiling((From - zero).TotalMilliseconds / step);
        List<(double, string)> ticks = [];
        for (var number = first; ticks.Count < TicksMax; number++)
        {
            var moment = zero + TimeSpan.FromMilliseconds(number * step);
            if (moment > To)
            {
                break;
            }

            ticks.Add((At(moment), Zero is null ? Clock(moment, step) : Relative(number * step, step)));
        }

        return ticks;
    }

    private static string Clock(DateTimeOffset moment, double step) =>
        moment.UtcDateTime.ToString(
            step switch
            {
                < 1000 => "HH:mm:ss.fff",
                < 60_000 => "HH:mm:ss",
                < 86_400_000 => "HH:mm",
                _ => "MM-dd",
            },
            CultureInfo.InvariantCulture
        );

    private static string Relative(double milliseconds, double step)
    {
        var sign = milliseconds switch
        {
            < 0 => "\u2212",
            > 0 => "+",
            _ => string.Empty,
        };
        var length = Math.Abs(milliseconds);
        return step < 1000
            ? string.Create(CultureInfo.InvariantCulture, $"{sign}{length:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{length / 1000:0} s");
    }
}
