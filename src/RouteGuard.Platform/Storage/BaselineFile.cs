using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Storage;

/// <summary>A baseline as a file of its own, for <c>snapshot --output</c> and <c>restore --from</c>.</summary>
public static class BaselineFile
{
    /// <summary>Writes beside, syncs, renames, syncs the folder: the file is the old one or the new one, never half of
    /// it.</summary>
    /// <exception cref="StateStoreException">The disk refused; a file that was there is as it was.</exception>
    public static void Write(string path, Baseline baseline)
    {
        var (disk, name) = Open(path);
        var beside = $".{name}.new";
        try
        {
            disk.WriteDocument(beside, json => BaselineDocument.Write(json, baseline));
            disk.Rename(beside, name);
            disk.SyncFolder(".");
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of($"write {name}", error);
        }
    }

    /// <summary>Reads a whole baseline, or nothing.</summary>
    /// <exception cref="StateStoreException">It is not there, or not a whole baseline.</exception>
    public static Baseline Read(string path)
    {
        var (disk, name) = Open(path);
        return disk.TryReadDocument<Baseline>(name, BaselineDocument.TryRead, out var baseline, out var fault)
            ? baseline
            : throw new StateStoreException(
                $"Cannot read the baseline {path}: it {fault.Problem}. Take another with routeguard snapshot."
            );
    }

    private static (PosixDisk Disk, string Name) Open(string path)
    {
        var full = Path.GetFullPath(path);
        return (new(Path.GetDirectoryName(full) ?? "/"), Path.GetFileName(full));
    }
}
