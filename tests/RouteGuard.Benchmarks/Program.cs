using System.Globalization;
using RouteGuard.Benchmarks;

const string Usage =
    "Usage: bench crash|reassert|flood|cli|read|snapshot|restore|all --floor DIR --work DIR [--routeguard FILE] [--runs N]";
const int CrashRuns = 200;
const int ReassertRounds = 5;
const int FloodRounds = 5;
const int TableRuns = 7;
const int CliRuns = 20;

var what = args.Length % 2 == 1 ? args[0] : "";
var options = args.Skip(1)
    .Chunk(2)
    .Where(pair => pair.Length == 2)
    .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
if (
    what is not ("crash" or "reassert" or "flood" or "cli" or "read" or "snapshot" or "restore" or "all")
    || !options.TryGetValue("--floor", out var floor)
    || !options.TryGetValue("--work", out var work)
)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("Cannot measure: this needs the network namespaces of Linux.");
    return 3;
}

var lab = new Lab(options.GetValueOrDefault("--routeguard"), floor, work);
int? runs = options.TryGetValue("--runs", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
lab.Build();
if (what is "crash" or "all")
{
    using var bench = new CrashBench(lab, runs ?? CrashRuns);
    bench.Run();
}

if (what is "reassert" or "all" && lab.RouteGuard is not null)
{
    new ReassertBench(lab, runs ?? ReassertRounds).Run();
}

if (what is "flood" or "all" && lab.RouteGuard is not null)
{
    using var bench = new FloodBench(lab, runs ?? FloodRounds);
    bench.Run();
}

if (what is "cli" or "all" && lab.RouteGuard is not null)
{
    new CliBench(runs ?? CliRuns, lab).Run();
}

if (what is "read" or "all")
{
    new TableBench(lab, runs ?? TableRuns).RunRead();
}

if (what is "snapshot" or "all")
{
    new TableBench(lab, runs ?? TableRuns).RunSnapshot();
}

if (what is "restore" or "all")
{
    new TableBench(lab, runs ?? TableRuns).RunRestore();
}

return 0;
