using System.Globalization;
using System.Text.RegularExpressions;
using RouteGuard.KernelTests.Lab;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>What a flood says of itself at its end; see flood.c.</summary>
internal sealed record FloodCount(long Sent, long Answered, long Refused, long Failed);

/// <summary>Processes of one user that do what they can to the daemon's socket, and end by themselves.</summary>
internal sealed partial class Flood
{
    /// <summary>Each has 96 connections; together they ask for more than one user gets.</summary>
    private const int Processes = 2;

    private readonly LabProcess[] _processes;

    public Flood(VpnLab lab, Person who, string socket, TimeSpan duration)
    {
        var program = Path.Combine(lab.Folder, "flood");
        lab.Host.Must("gcc", "-O2", "-o", program, Path.Combine(AppContext.BaseDirectory, "flood.c"));
        var seconds = duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _processes =
        [
            .. Enumerable.Range(0, Processes).Select(_ => lab.Host.Start([.. who.Words, program, socket, seconds])),
        ];
    }

    public bool IsRunning => _processes.All(process => !process.HasExited);

    /// <summary>Waits for its end.</summary>
    public FloodCount Count()
    {
        var counts = _processes.Select(process => Read(process.WaitForExit().MustExit(0).Output)).ToArray();
        return new(
            counts.Sum(count => count.Sent),
            counts.Sum(count => count.Answered),
            counts.Sum(count => count.Refused),
            counts.Sum(count => count.Failed)
        );
    }

    private static FloodCount Read(string line)
    {
        var numbers = Number()
            .Matches(line)
            .Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture))
            .ToArray();
        return new(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
