using System.Globalization;
using System.Text.RegularExpressions;

namespace RouteGuard.KernelTests.Vpn;

/// <summary>For how long the way out was missing or wrong, as the journal on disk says
/// (<c>JournalKind.LeakWindow</c>).</summary>
internal static partial class LeakWindows
{
    /// <returns>Milliseconds of each window, in order.</returns>
    public static IReadOnlyList<double> In(string journal) =>
        [
            .. Window()
                .Matches(journal)
                .Select(window => double.Parse(window.Groups["ms"].Value, CultureInfo.InvariantCulture)),
        ];

    /// <param name="journal">All of it.</param>
    /// <param name="lived">How many of the windows were there before the VPN was killed; null when it was not.</param>
    /// <returns>In words, for a table.</returns>
    public static string Told(string journal, int? lived = null)
    {
        var windows = In(journal);
        return lived is { } count
            ? $"{Told(windows.Take(count))}; at the kill {Told(windows.Skip(count))}"
            : Told(windows);
    }

    private static string Told(IEnumerable<double> windows) =>
        windows.ToArray() switch
        {
            [] => "none",
            [var only] => string.Create(CultureInfo.InvariantCulture, $"{only:0.0} ms"),
            var more => string.Create(CultureInfo.InvariantCulture, $"{more.Length}, longest {more.Max():0.0} ms"),
        };

    [GeneratedRegex(
        "\"kind\":\"leakWindow\"[^\\n]* for (?<ms>[0-9.]+) ms\"",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Window();
}
