using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace RouteGuard.Tests.Simulation;

/// <summary>One seed is one machine: its VPNs, its faults, its clock.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>How many seeds, from 1 on; or some of them, as in <c>7,18,127</c> or <c>1000001-1015000</c>.</summary>
    private const string SeedsVariable = "ROUTEGUARD_SIM_SEEDS";

    private const int SeedsDefault = 100_000;

    /// <summary>Enough to see what is wrong; the rest would be more of the same.</summary>
    private const int FailuresMax = 100;
    private const int FailuresShown = 9;

    [Fact]
    public void Whatever_happens_the_table_is_what_it_should_be_in_the_end()
    {
        var seeds = SeedsToRun();
        var failures = new ConcurrentQueue<int>();
        var ran = 0;
        var clock = Stopwatch.StartNew();
        using var process = Process.GetCurrentProcess();
        var cpuBefore = process.TotalProcessorTime;
        Parallel.ForEach(
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            (seed, loop) =>
            {
                if (Failure(SimScript.Of(seed)) is not null)
                {
                    failures.Enqueue(seed);
                    if (failures.Count >= FailuresMax)
                    {
                        loop.Stop();
                    }
                }

                Interlocked.Increment(ref ran);
            }
        );
        process.Refresh();
        var cpu = (process.TotalProcessorTime - cpuBefore) / seeds.Length;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"seeds {seeds[0]} to {seeds[^1]}: {ran} scenarios in {clock.Elapsed.TotalSeconds:0.0} s, {cpu.TotalMilliseconds:0.00} ms of processor each, {failures.Count} failed"
            )
        );
        foreach (var seed in failures.Order().Take(FailuresShown))
        {
            output.WriteLine(Describe(Smallest(SimScript.Of(seed))));
        }

        Assert.True(failures.IsEmpty, $"failed: {string.Join(' ', failures.Order())}");
        Assert.Equal(seeds.Length, ran);
    }

    /// <summary>Seeds that failed once, with what was wrong then.</summary>
    [Theory]
    [InlineData(18, "the default that a dead VPN left while its session held was taken for another network")]
    [InlineData(193, "a session that was up took the server route of one that came up for its own")]
    [InlineData(282, "what was armed for one session stayed armed after another one died")]
    [InlineData(286, "a second 'up' learned the routes of another session")]
    [InlineData(293, "after a reconnect a route of a person was taken for the session's")]
    [InlineData(302, "a second 'up' learned a route of a person")]
    [InlineData(678, "a death that nobody had told yet undid what a new session had done")]
    [InlineData(897, "a session that came up took the routes of one that held for its own")]
    [InlineData(1561, "a rival's default in the tunnel's place was taken for another network")]
    [InlineData(2972, "what was armed while another session came up gave its default away")]
    [InlineData(3809, "what was armed for one session brought a dead session's routes back")]
    [InlineData(4816, "what was told of an earlier tunnel of the same name killed a new session")]
    [InlineData(5662, "a rule whose table still led into the dead tunnel was left behind")]
    [InlineData(5895, "an owned route behind another of equal key was left behind")]
    [InlineData(7463, "saying 'up' did not plan the other sessions' deaths anew")]
    [InlineData(9790, "the baseline of a reconnect lost what a session above had hidden")]
    [InlineData(9933, "a route that a routing program had withdrawn came back with a restore")]
    [InlineData(15913, "a restore replaced the route of a live session")]
    [InlineData(19154, "the end of a later session did not give its place back to the earlier one")]
    [InlineData(39088, "a dead default stayed where the baseline's own belonged to another network")]
    [InlineData(42958, "a guard that died between a move's steps and its storing knew nothing of the new server route")]
    [InlineData(44038, "the end of one session was planned on top of a dead one")]
    [InlineData(56383, "a move of two sessions gave both the baseline of the first")]
    [InlineData(67105, "a rival's spare default was deleted, though it lost to the baseline's own")]
    [InlineData(80287, "the death of one session rewrote another's route beyond its budget")]
    public void What_went_wrong_once_does_not_go_wrong_again(int seed, string what)
    {
        var script = SimScript.Of(seed);
        output.WriteLine($"{what}\n{script}");
        Assert.Null(Failure(script));
    }

    private static int[] SeedsToRun()
    {
        var given = Environment.GetEnvironmentVariable(SeedsVariable);
        if (string.IsNullOrEmpty(given))
        {
            return [.. Enumerable.Range(1, SeedsDefault)];
        }

        if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return [.. Enumerable.Range(1, int.Max(count, 1))];
        }

        return
        [
            .. given
                .Split(',')
                .Select(part =>
                    part.Split('-').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray()
                )
                .SelectMany(range => Enumerable.Range(range[0], range[^1] - range[0] + 1)),
        ];
    }

    private static string Describe(SimScript script) =>
        $"{script}\n  {Failure(script)?.Replace("\n", "\n  ", StringComparison.Ordinal)}";

    // Lines that the failure does not need are taken out, one at a time, until none can be.
    private static SimScript Smallest(SimScript script)
    {
        var problem = FirstLine(Failure(script));
        for (var at = script.Actions.Count - 1; at >= 0; at--)
        {
            var shorter = script with { Actions = [.. script.Actions.Where((_, index) => index != at)] };
            if (FirstLine(Failure(shorter)) == problem)
            {
                script = shorter;
                at = script.Actions.Count;
            }
        }

        return script;
    }

    private static string? FirstLine(string? problem) => problem?.Split('\n')[0];

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
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return $"{fault.GetType().Name}: {fault.Message}\n{fault.StackTrace}";
        }
    }
}
