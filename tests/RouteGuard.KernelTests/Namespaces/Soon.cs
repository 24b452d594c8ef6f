using System.Diagnostics;

namespace RouteGuard.KernelTests.Namespaces;

/// <summary>Waits for what the kernel does by itself, for a bounded time.</summary>
internal static class Soon
{
    /// <summary>A thousand times what any of these tests needs.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Returns once the condition holds; fails when it never does.</summary>
    public static void Holds(string what, Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Bound, $"Waited {Bound.TotalSeconds:0} s in vain until {what}.");
            Thread.Sleep(TimeSpan.FromMilliseconds(1));
        }
    }
}
