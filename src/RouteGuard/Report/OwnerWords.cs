using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;

namespace RouteGuard.Report;

/// <summary>How the owners of a default path are called and drawn.</summary>
internal static class OwnerWords
{
    public static string ClassOf(PathOwner owner) =>
        owner switch
        {
            PathOwner.Baseline => "baseline",
            PathOwner.Session => "session",
            PathOwner.Foreign => "foreign",
            PathOwner.Beside => "beside",
            PathOwner.Held => "held",
            PathOwner.Refused => "refused",
            PathOwner.None => "none",
            PathOwner.Mixed => "mixed",
            _ => "unknown",
        };

    public static string NameOf(PathOwner owner) =>
        owner switch
        {
            PathOwner.Baseline => "the machine's own",
            PathOwner.Session => "a session's tunnel",
            PathOwner.Beside => "a session's, past its tunnel",
            PathOwner.Foreign => "foreign",
            PathOwner.Held => "held: unreachable on purpose",
            PathOwner.Refused => "refused",
            PathOwner.None => "no default",
            PathOwner.Mixed => "by two ways",
            _ => "not known",
        };

    /// <summary>What stands in a span, the longest text that may fit first.</summary>
    public static IEnumerable<string> Labels(PathSpan span) =>
        span.Mark.Owner switch
        {
            PathOwner.Baseline => [$"{span.Mark.Device} (the machine's own)", span.Mark.Device],
            PathOwner.Session => [$"{span.Mark.Device} (tunnel)", span.Mark.Device],
            PathOwner.Beside => [$"{span.Mark.Device} (past the tunnel)", span.Mark.Device],
            PathOwner.Foreign => [$"{span.Mark.Device} (foreign)", "foreign"],
            PathOwner.Held => ["held: unreachable", "held"],
            PathOwner.Refused => ["refused"],
            PathOwner.None => ["no default", "none"],
            PathOwner.Mixed => ["by two ways", "two"],
            _ => [$"not known: {span.WhyNot}", "not known"],
        };

    public static string NameOf(IpFamily family) => family == IpFamily.V4 ? "IPv4" : "IPv6";

    /// <summary>Of a record that is an event of a story.</summary>
    public static string NameOf(JournalKind kind) =>
        kind switch
        {
            JournalKind.SessionBegun => "begun",
            JournalKind.SessionUp => "up",
            JournalKind.Death => "death",
            JournalKind.Outcome => "steps done",
            JournalKind.Intent => "steps planned",
            JournalKind.Armed => "prepared",
            JournalKind.Drift => "drift",
            JournalKind.BaselineMoved => "moved",
            JournalKind.SessionClosed => "closed",
            JournalKind.LeakWindow => "leak",
            _ => "note",
        };

    /// <summary>A letter in the drawing, so that colour is not alone.</summary>
    public static string ClassOf(JournalKind kind) =>
        kind switch
        {
            JournalKind.Death => "bad",
            JournalKind.Drift or JournalKind.BaselineMoved => "warn",
            JournalKind.Outcome or JournalKind.SessionUp => "good",
            _ => "soft",
        };
}
