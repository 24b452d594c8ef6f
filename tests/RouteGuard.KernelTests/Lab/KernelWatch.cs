namespace RouteGuard.KernelTests.Lab;

/// <summary>Hears every change of routes and rules, so that a test can show that there was none.</summary>
/// <remarks>A change back and forth leaves the table equal; it does not escape <c>ip monitor</c>.</remarks>
internal sealed class KernelWatch
{
    private readonly LabNamespace _place;
    private readonly LabProcess _monitor;
    private int _marks;

    /// <summary>Returns when the watch has begun.</summary>
    public KernelWatch(LabNamespace place)
    {
        _place = place;
        _monitor = place.Start("ip", "monitor", "route", "rule");
        Eventually.Holds("ip monitor listens", IsHeard, () => _monitor.ToString());
    }

    /// <summary>Fails unless nothing was written since the watch began.</summary>
    public void MustHaveHeardNothing()
    {
        Eventually.Holds("ip monitor has heard all", IsHeard, () => _monitor.ToString());
        Assert.Equal([], _monitor.Output.Split('\n').Where(line => line.Length > 0 && !line.Contains("198.51.100.")));
    }

    /// <summary>Makes a change of its own: once that is heard, so is everything before it.</summary>
    private bool IsHeard()
    {
        var mark = $"198.51.100.{++_marks % 250}";
        _place.Ip($"route add {mark} dev lo table 77\nroute delete {mark} dev lo table 77\n");
        return _monitor.Output.Contains($"Deleted {mark} ", StringComparison.Ordinal);
    }
}
