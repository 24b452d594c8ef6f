using System.Globalization;

namespace RouteGuard.Rendering;

/// <summary>Moments, spans of time and counts as people read them.</summary>
internal static class Spoken
{
    private const string MomentFormat = "yyyy-MM-dd HH:mm:ss.fff";

    /// <summary>In UTC, so that it sorts and can be compared with a log.</summary>
    public static string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString(MomentFormat, CultureInfo.InvariantCulture);

    /// <summary>1 step, 2 steps.</summary>
    public static string Count(long count, string what) =>
        count == 1 ? $"1 {what}" : string.Create(CultureInfo.InvariantCulture, $"{count} {what}s");

    public static string Ago(TimeSpan age) => $"{Of(age)} ago";

    public static string Of(TimeSpan age) =>
        age switch
        {
            { TotalSeconds: < 1 } => "under 1 s",
            { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s"),
            { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min"),
            { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days"),
        };
}
