namespace RouteGuard.Tests.Storage;

/// <summary>Does something again and again, with the power going, or the disk refusing, at each of its operations in
/// turn.</summary>
internal static class PowerCut
{
    private const int OperationsMax = 1000;

    /// <summary>Cuts the power at every operation and looks at everything that may be found afterwards.</summary>
    /// <returns>How many different disks were looked at.</returns>
    public static int During(MemoryDisk before, Action<MemoryDisk> action, Action<MemoryDisk> look)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 1; at <= OperationsMax; at++)
        {
            var disk = before.Copy();
            disk.CutAt = at;
            try
            {
                action(disk);
                return seen.Count;
            }
            catch (PowerCutException)
            {
                foreach (var found in disk.AfterPowerCut().Where(found => seen.Add(found.Fingerprint())))
                {
                    look(found);
                }
            }
        }

        throw new InvalidOperationException($"More than {OperationsMax} operations.");
    }

    /// <summary>Lets the action end, cuts the power then, and looks.</summary>
    public static void After(MemoryDisk before, Action<MemoryDisk> action, Action<MemoryDisk> look)
    {
        var disk = before.Copy();
        action(disk);
        foreach (var found in disk.AfterPowerCut())
        {
            look(found);
        }
    }

    /// <summary>Refuses every operation in turn, alone and with the next ones, and then all that need room.</summary>
    /// <param name="before">Where it begins.</param>
    /// <param name="action">What is tried, on a disk that may refuse.</param>
    /// <param name="look">Looks at the disk, which refuses no more.</param>
    /// <returns>How often it was tried.</returns>
    public static int Refusing(MemoryDisk before, Action<MemoryDisk> action, Action<MemoryDisk> look)
    {
        var undisturbed = before.Copy();
        action(undisturbed);
        var tries = 0;
        for (var at = 1; at <= undisturbed.Operations; at++)
        {
            foreach (
                var (refused, full) in new[] { (at..(at + 1), int.MaxValue), (at..(at + 3), int.MaxValue), (..0, at) }
            )
            {
                var disk = before.Copy();
                (disk.RefuseAt, disk.FullFrom) = (refused, full);
                action(disk);
                (disk.RefuseAt, disk.FullFrom) = (..0, int.MaxValue);
                look(disk);
                tries++;
            }
        }

        return tries;
    }
}
