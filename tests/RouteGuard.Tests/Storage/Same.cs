using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;

namespace RouteGuard.Tests.Storage;

/// <summary>Equality of values whose types have none of their own.</summary>
internal static class Same
{
    public static bool As(Baseline x, Baseline y) => Difference(x, y) is null;

    public static bool As(JournalRecord x, JournalRecord y) =>
        x.Lines.SequenceEqual(y.Lines, StringComparer.Ordinal) && x with { Lines = y.Lines } == y;

    /// <summary>The first thing that differs, or null.</summary>
    public static string? Difference(Baseline x, Baseline y) =>
        Difference<object?>(
            [x.TakenAt, x.TakenAt.Offset, x.BootId, x.Resolver],
            [y.TakenAt, y.TakenAt.Offset, y.BootId, y.Resolver]
        )
        ?? Difference(x.Table.Routes, y.Table.Routes)
        ?? Difference(x.Table.Rules, y.Table.Rules)
        ?? Difference(x.Table.Links, y.Table.Links)
        ?? Difference(x.Table.NextHops, y.Table.NextHops);

    private static string? Difference<T>(IReadOnlyList<T> x, IReadOnlyList<T> y) =>
        x.Count != y.Count
            ? $"{x.Count} items, but {y.Count} items"
            : x.Zip(y)
                .Where(pair => !Equals(pair.First, pair.Second))
                .Select(pair => $"{pair.First}, but {pair.Second}")
                .FirstOrDefault();
}
