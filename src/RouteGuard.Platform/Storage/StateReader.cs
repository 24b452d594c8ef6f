using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <summary>What the state directory holds, for people: read beside the daemon that writes, without its lock.</summary>
/// <param name="Open">Open sessions, oldest first.</param>
/// <param name="Closed">The last closed ones, oldest first.</param>
/// <param name="Faults">What could not be read, a sentence each.</param>
public sealed record StateReading(
    IReadOnlyList<StoredSession> Open,
    IReadOnlyList<StoredSession> Closed,
    IReadOnlyList<string> Faults
)
{
    public static StateReading Nothing { get; } = new([], [], []);
}

/// <summary>Reads the state directory and never changes it: nothing is made, cut, moved or locked.</summary>
public static class StateReader
{
    private const int EntriesMax = StateStore.SessionsMax;

    /// <summary>Reads what is there; a directory that is missing holds nothing.</summary>
    /// <param name="path">The state directory.</param>
    /// <exception cref="StateStoreException">The disk refused; mostly, the directory is root's.</exception>
    public static StateReading Read(string path)
    {
        if (!Directory.Exists(path))
        {
            return StateReading.Nothing;
        }

        var disk = new PosixDisk(Path.GetFullPath(path));
        List<string> faults = [];
        try
        {
            return new(
                ReadAll(disk, StateDirectory.Sessions, faults),
                ReadAll(disk, StateDirectory.Closed, faults),
                faults
            );
        }
        catch (DirectoryNotFoundException)
        {
            return StateReading.Nothing;
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of($"read the state directory {path}", error);
        }
    }

    /// <summary>Reads the end of the journal.</summary>
    /// <exception cref="StateStoreException">It is not there, not ours alone, or the disk refused.</exception>
    public static JournalTail ReadJournal(string path, int recordsMax)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            StateDirectory.RefuseUnlessOurs(root);
            return JournalFile.ReadTail(new PosixDisk(root), recordsMax);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            var (fact, advice) = StorageRefusal.Explain(error);
            throw new StateStoreException($"Cannot read the state directory {root}: {fact}. {advice}.", error);
        }
    }

    private static IReadOnlyList<StoredSession> ReadAll(PosixDisk disk, string folder, List<string> faults)
    {
        List<StoredSession> found = [];
        foreach (var entry in disk.List(folder).Where(entry => entry.IsFolder && entry.Name[0] != '.').Take(EntriesMax))
        {
            var place = $"{folder}/{entry.Name}";
            if (
                disk.TryReadDocument(
                    $"{place}/baseline.json",
                    BaselineDocument.TryRead,
                    out Baseline? baseline,
                    out var fault
                )
                && (
                    disk.TryReadDocument($"{place}/session.json", SessionEntry.TryRead, out Session? session, out fault)
                    || disk.TryReadDocument($"{place}/session.json.previous", SessionEntry.TryRead, out session, out _)
                )
            )
            {
                found.Add(new(session, baseline));
            }
            else
            {
                faults.Add($"{place} {fault!.Problem}.");
            }
        }

        found.Sort((x, y) => x.Session.BegunAt.CompareTo(y.Session.BegunAt));
        return found;
    }
}
