using RouteGuard.Core.Api;
using Spectre.Console.Rendering;

namespace RouteGuard.Rendering;

/// <summary>How each family leaves, in a sentence and in a line each.</summary>
internal static class FamilyText
{
    private static readonly string[] Head = ["FAMILY", "BY", "OWNER", "COVERS", "SERVER", "BASELINE", "RESTORABLE"];

    /// <summary>The verdict in a sentence: <c>guarding: all traffic of IPv4 leaves by tun0</c>.</summary>
    public static Phrase Headline(string verdict, IReadOnlyList<FamilyView> families)
    {
        Func<string, Phrase> paint = verdict switch
        {
            "ok" or "guarding" => Paint.Green,
            "restoring" or "drift" => Paint.Yellow,
            _ => Paint.Red,
        };

        // Families that leave in the same way share a clause.
        var clauses = families
            .GroupBy(Way, family => NameOf(family.Family))
            .Select(way => Clause(way.Key.By, way.Key.HasAll, [.. way]));
        var sentence = string.Join("; ", verdict == "ok" ? clauses.Prepend("no VPN is guarded") : clauses);
        return paint(verdict) + (sentence.Length == 0 ? Phrase.Empty : Paint.Bold($": {sentence}"));
    }

    /// <summary>A line a family.</summary>
    public static IRenderable Print(IReadOnlyList<FamilyView> families) =>
        new Listing(Head, [.. families.Select(RowOf)]);

    /// <summary>What is wrong with a family beside what the whole status says.</summary>
    /// <param name="family">One of the status.</param>
    /// <param name="drift">What the whole status says of drift: a loss that it names is not named twice.</param>
    public static IEnumerable<Row> Wrong(FamilyView family, IReadOnlyList<string> drift)
    {
        var name = NameOf(family.Family);
        if (
            family.Coverage is { Lost: { } lost, Tunnel: var tunnel }
            && !drift.Any(one => one.EndsWith($": {lost}", StringComparison.Ordinal))
        )
        {
            yield return new(Paint.Red("lost"), $"{name}: {lost} does not leave by {tunnel} any more");
        }

        foreach (var bypass in family.Coverage?.Bypasses ?? [])
        {
            yield return new(Paint.Yellow("bypass"), $"{name}: {bypass}");
        }

        if (family.ServerPath is { IsOutsideTunnel: false } server)
        {
            yield return new(
                Paint.Red("server"),
                server.Device is { } device
                    ? $"{name}: {server.Server} is reached by {device}: the tunnel would carry itself"
                    : $"{name}: {server.Server} cannot be reached"
            );
        }

        if (family is { IsRestorable: false, WhyNot: { } why })
        {
            yield return new(Paint.Red("no way back"), $"{name}: {why}");
        }
    }

    private static string NameOf(string family) =>
        family switch
        {
            "ipv4" => "IPv4",
            "ipv6" => "IPv6",
            _ => family,
        };

    // Null when nothing leaves.
    private static string? By(DefaultPathView path) =>
        path.Owner == "none" ? null : path.Device ?? "several interfaces";

    private static (string? By, bool HasAll) Way(FamilyView family) =>
        (
            By(family.DefaultPath),
            family is { DefaultPath.IsWhole: true, Coverage: { IsFull: true, IsComplete: true } full }
                && full.Tunnel == family.DefaultPath.Device
        );

    private static string Clause(string? by, bool hasAll, string[] names)
    {
        var who = string.Join(" and ", names);
        return by is null ? $"no way out for {who}"
            : hasAll ? $"all traffic of {who} leaves by {by}"
            : $"{who} {(names.Length == 1 ? "leaves" : "leave")} by {by}";
    }

    private static Row RowOf(FamilyView family)
    {
        var path = family.DefaultPath;
        return new(
            Paint.Bold(NameOf(family.Family)),
            By(path) ?? Paint.Red("nothing"),
            Owner(path),
            family.Coverage is not { } coverage ? "-"
                : !coverage.IsComplete ? Paint.Red("not all")
                : Paint.Green(coverage.IsFull ? "all" : "its part"),
            family.ServerPath is not { } server ? "-"
                : server.IsOutsideTunnel ? $"by {server.Device}"
                : Paint.Red(server.Device is { } inside ? $"inside {inside}" : "unreachable"),
            family.Baseline is not { } baseline ? "-"
                : baseline.IsOfThisNetwork ? Spoken.Of(TimeSpan.FromSeconds(baseline.AgeSeconds))
                : Paint.Yellow("another network"),
            family.IsRestorable is not { } isRestorable ? "-"
                : isRestorable ? Paint.Green("yes")
                : Paint.Red("no")
        );
    }

    private static Phrase Owner(DefaultPathView path) =>
        path.Owner switch
        {
            "session" => Paint.Cyan("session"),
            "baseline" => Paint.Green("baseline"),
            "foreign" => Paint.Yellow("foreign"),
            "none" => "-",
            _ => path.Owner,
        };
}
