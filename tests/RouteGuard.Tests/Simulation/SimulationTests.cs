using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace RouteGuard.Tests.Simulation;

/// <summary>One seed is one machine: its VPNs, its faults, its clock.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const string SeedsVariable = "ROUTEGUARD_SIM_SEEDS";
    private const int SeedsDefault = 2_000;
    private const int FailuresShown = 5;

    [Fact]
    public void Whatever_happens_the_table_is_what_it_should_be_in_the_end()
    {
        var seeds = int.TryParse(
            Environment.GetEnvironmentVariable(SeedsVariable),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var given
        )
            ? given
            : SeedsDefault;
        var failures = new ConcurrentQueue<(int Seed, string Problem)>();
        var ran = 0;
        var clock = Stopwatch.StartNew();
        Parallel.For(
            1,
            seeds + 1,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            (seed, loop) =>
            {
                if (Failure(SimScript.Of(seed)) is { } problem)
                {
                    failures.Enqueue((seed, problem));
                    if (failures.Count >= 200)
                    {
                        loop.Stop();
                    }
                }

                Interlocked.Increment(ref ran);
            }
        );
        output.WriteLine(
            $"seeds 1 to {seeds}: {ran} ran in {clock.Elapsed.TotalSeconds:0.0} s, {failures.Count} failed"
        );
        foreach (var group in failures.OrderBy(one => one.Seed).GroupBy(one => one.Problem.Split('\n')[0]))
        {
            output.WriteLine(
                $"{group.Count(), 5} × {group.Key}: {string.Join(' ', group.Take(10).Select(one => one.Seed))}"
            );
        }

        var only = Environment.GetEnvironmentVariable("SIM_SHOW")?.Split(' ').Select(int.Parse).ToArray();
        foreach (
            var (seed, _) in failures
                .OrderBy(one => one.Seed)
                .Where(f => only is null || only.Contains(f.Seed))
                .Take(only is null ? FailuresShown : 100)
        )
        {
            output.WriteLine(Describe(Smallest(SimScript.Of(seed))));
        }

        Assert.Empty(failures.Select(one => one.Seed));
        Assert.Equal(seeds, ran);
    }

    private static string Describe(SimScript script) =>
        $"{script}\n  {Failure(script)?.Replace("\n", "\n  ", StringComparison.Ordinal)}";

    // Lines that the failure does not need are taken out, one at a time, until none can be.
    private static SimScript Smallest(SimScript script)
    {
        var problem = Failure(script)?.Split('\n')[0];
        for (var at = script.Actions.Count - 1; at >= 0; at--)
        {
            var shorter = script with { Actions = [.. script.Actions.Where((_, index) => index != at)] };
            if (Failure(shorter)?.Split('\n')[0] == problem)
            {
                script = shorter;
                at = script.Actions.Count;
            }
        }

        return script;
    }

    private static string? Failure(SimScript script)
    {
        var world = new SimWorld(script);
        try
        {
            world.Run();
            return null;
        }
        catch (ViolationException violation)
        {
            return $"{violation.Message}\n{world.Story()}";
        }
        catch (Exception other) when (other is not OutOfMemoryException)
        {
            return $"{other.GetType().Name}: {other.Message}\n{other.StackTrace}";
        }
    }
}
