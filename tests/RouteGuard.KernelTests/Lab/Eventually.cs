using System.Diagnostics;

namespace RouteGuard.KernelTests.Lab;

/// <summary>Waits for a condition, never for luck.</summary>
internal static class Eventually
{
    /// <summary>What a healthy machine needs for any single thing of these tests, many times over.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns once the condition holds.</summary>
    /// <param name="what">Completes "Waited in vain until …".</param>
    /// <param name="condition">Asked every 10 ms.</param>
    /// <param name="otherwise">What to say besides when it never did.</param>
    public static void Holds(string what, Func<bool> condition, Func<string>? otherwise = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Bound)
            {
                Assert.Fail($"Waited {Bound.TotalSeconds:0} s in vain until {what}.\n{otherwise?.Invoke()}");
            }

            Thread.Sleep(Pause);
        }
    }
}
