using System.Globalization;

namespace RouteGuard.Benchmarks;

/// <summary>The times of one side.</summary>
internal sealed class Figures(string name)
{
    private readonly List<TimeSpan> _times = [];

    public string Name { get; } = name;

    public int Count => _times.Count;

    public void Add(TimeSpan time) => _times.Add(time);

    /// <summary>Nearest rank.</summary>
    /// <param name="percent">1 to 100; 50 is the median.</param>
    public TimeSpan Percentile(int percent)
    {
        var sorted = _times.Order().ToArray();
        var rank = ((sorted.Length * percent) + 99) / 100;
        return sorted[Math.Max(rank, 1) - 1];
    }

    public static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    public static string Ratio(TimeSpan one, TimeSpan other) =>
        (one / other).ToString("F2", CultureInfo.InvariantCulture) + " ×";

    private static string RatioToFirst(IReadOnlyList<Figures> sides, Figures side, int percent) =>
        Ratio(side.Percentile(percent), sides[0].Percentile(percent));

    /// <summary>A table in which each side's percentiles stand beside its ratio to the first side's.</summary>
    public static void Print(string title, IReadOnlyList<Figures> sides, params int[] percents)
    {
        Console.WriteLine();
        Console.WriteLine($"## {title} ({sides[0].Count} runs a side, taken in turns)");
        Console.WriteLine();
        var heads = percents.Select(percent => $"p{percent} ms | to {sides[0].Name}");
        Console.WriteLine($"| | {string.Join(" | ", heads)} |");
        Console.WriteLine($"| --- |{string.Concat(percents.Select(_ => " ---: | ---: |"))}");
        foreach (var side in sides)
        {
            var cells = percents.Select(percent =>
                $"{Milliseconds(side.Percentile(percent))} | {RatioToFirst(sides, side, percent)}"
            );
            Console.WriteLine($"| {side.Name} | {string.Join(" | ", cells)} |");
        }
    }
}
