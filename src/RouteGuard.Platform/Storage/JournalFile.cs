using System.Buffers;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Ports;

namespace RouteGuard.Platform.Storage;

/// <summary>The journal: <c>journal.log</c>, and older parts <c>journal.1.log</c> (the newest of them) to
/// <c>journal.5.log</c>.</summary>
/// <remarks>
/// One record a line (<see cref="JournalEntry"/>). Records are appended by one thread;
/// <see cref="ReadTail(int)"/> may be called on any, at any time.
/// </remarks>
public sealed class JournalFile : IJournal, IDisposable
{
    /// <summary>A part that would grow beyond this is closed, and a new one begun.</summary>
    public const int PartBytesMax = 4 * 1024 * 1024;

    /// <summary>Older parts that are kept.</summary>
    public const int PartsKept = 5;

    /// <summary>Damaged lines that are told one by one; the others are counted.</summary>
    public const int FaultsMax = 20;

    // The longest record alone in its part; JournalEntry bounds it below this.
    private const int ReadBytesMax = 2 * PartBytesMax;

    private const string Folder = StateDirectory.Journal;

    private readonly IDisk _disk;
    private readonly int _partBytesMax;
    private IDiskFile? _active;
    private long _length;
    private long _keptBytes;
    private long _bytes;
    private long _next = 1;

    /// <summary>Opens the journal, cuts off a torn tail, and goes on numbering.</summary>
    /// <remarks>A disk that refuses is told in <see cref="OpenFaults"/>; the next append tries again.</remarks>
    public JournalFile(StateDirectory directory)
        : this(directory.Disk, PartBytesMax) { }

    internal JournalFile(IDisk disk, int partBytesMax)
    {
        _disk = disk;
        _partBytesMax = partBytesMax;
        try
        {
            OpenFaults = TryOpen() is { } fault ? [fault] : [];
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            OpenFaults = [$"{PathOf(0)} cannot be opened: {StorageRefusal.Explain(error).Fact}."];
        }
    }

    /// <summary>What was wrong when the journal was opened, a sentence each.</summary>
    public IReadOnlyList<string> OpenFaults { get; }

    /// <summary>Length of all parts together, in bytes. May be read on any thread.</summary>
    public long LengthBytes => Volatile.Read(ref _bytes);

    /// <inheritdoc/>
    public long Append(JournalRecord record)
    {
        try
        {
            if (_active is null)
            {
                _ = TryOpen();
            }

            var line = new ArrayBufferWriter<byte>();
            JournalEntry.Write(line, record with { Number = _next });
            if (_length > 0 && _length + line.WrittenCount > _partBytesMax)
            {
                Rotate();
            }

            _active ??= Create();
            _active.Write(line.WrittenSpan, _length);
            _active.Sync();
            _length += line.WrittenCount;
            Volatile.Write(ref _bytes, _keptBytes + _length);
            return _next++;
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            Abandon();
            throw StorageRefusal.Of("write to the journal", error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Reads at most the parts that are kept, newest first, until there are enough records.</remarks>
    public JournalTail ReadTail(int recordsMax) => ReadTail(_disk, recordsMax);

    internal static JournalTail ReadTail(IDisk disk, int recordsMax)
    {
        var records = new List<JournalRecord>();
        var faults = new List<string>();
        var damaged = 0;
        for (var part = 0; part <= PartsKept && records.Count < recordsMax; part++)
        {
            damaged += ReadPart(disk, PathOf(part), recordsMax, records, faults);
        }

        records.Reverse();
        faults.Reverse();
        if (damaged > FaultsMax)
        {
            faults.Add($"{damaged - FaultsMax} older lines of the journal were left out too.");
        }

        return new(records, faults);
    }

    public void Dispose() => _active?.Dispose();

    private static string PathOf(int part) => part == 0 ? $"{Folder}/journal.log" : $"{Folder}/journal.{part}.log";

    /// <summary>Opens the newest part if there is one.</summary>
    /// <returns>A sentence when a torn tail was cut off.</returns>
    private string? TryOpen()
    {
        var bytes = _disk.TryReadAll(PathOf(0), ReadBytesMax) ?? [];
        var torn = bytes.Length - LengthOfWhole(bytes);
        var active = _disk.Open(PathOf(0), canWrite: true);
        var length = 0L;
        try
        {
            length = (active?.Length ?? 0) - torn;
            if (torn > 0)
            {
                active?.Truncate(length);
                active?.Sync();
            }
        }
        catch
        {
            active?.Dispose();
            throw;
        }

        (_active, _length) = (active, length);
        _keptBytes = Enumerable.Range(1, PartsKept).Sum(LengthOf);
        Volatile.Write(ref _bytes, _keptBytes + _length);
        _next = ReadTail(1).Records is [var last] ? last.Number + 1 : 1;
        return torn > 0 ? $"The last {torn} bytes of {PathOf(0)} were torn by a crash. They were cut off." : null;
    }

    // One append is one line, so a crash tears at most the last one.
    private static int LengthOfWhole(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.LastIndexOf((byte)'\n') + 1;
        if (end < bytes.Length || end == 0)
        {
            return end;
        }

        var start = bytes[..(end - 1)].LastIndexOf((byte)'\n') + 1;
        return JournalEntry.IsWhole(bytes[start..(end - 1)]) ? end : start;
    }

    private IDiskFile Create()
    {
        _length = 0;
        var file = _disk.Create(PathOf(0));
        _disk.SyncFolder(Folder);
        return file;
    }

    // Each rename is synced before the next, so that no crash makes one of them overwrite what another has not yet
    // saved.
    private void Rotate()
    {
        _active?.Dispose();
        _active = null;
        var names = _disk.List(Folder).Select(entry => $"{Folder}/{entry.Name}").ToHashSet(StringComparer.Ordinal);
        var free = Enumerable.Range(1, PartsKept).FirstOrDefault(part => !names.Contains(PathOf(part)), PartsKept);
        for (var part = free; part > 0; part--)
        {
            _disk.Rename(PathOf(part - 1), PathOf(part));
            _disk.SyncFolder(Folder);
        }

        _keptBytes = Enumerable.Range(1, PartsKept).Sum(LengthOf);
    }

    private long LengthOf(int part)
    {
        using var file = _disk.Open(PathOf(part));
        return file?.Length ?? 0;
    }

    // As it was before the append; when even that is refused, the next append opens the journal anew and cuts.
    private void Abandon()
    {
        try
        {
            _active?.Truncate(_length);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            return;
        }
        finally
        {
            _active?.Dispose();
            _active = null;
        }
    }

    /// <summary>Adds the records of a part, newest first.</summary>
    /// <returns>How many lines were left out.</returns>
    private static int ReadPart(
        IDisk disk,
        string path,
        int recordsMax,
        List<JournalRecord> records,
        List<string> faults
    )
    {
        ReadOnlySpan<byte> bytes;
        try
        {
            bytes = disk.TryReadAll(path, ReadBytesMax);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            faults.Add($"{path} cannot be read: {StorageRefusal.Explain(error).Fact}.");
            return 1;
        }

        var damaged = 0;
        var end = bytes.LastIndexOf((byte)'\n') + 1; // what follows is an append under way
        while (end > 0 && records.Count < recordsMax)
        {
            var start = bytes[..(end - 1)].LastIndexOf((byte)'\n') + 1;
            if (!JournalEntry.TryRead(bytes[start..(end - 1)], out var record, out var fault))
            {
                damaged++;
                if (faults.Count < FaultsMax)
                {
                    faults.Add($"The line at byte {start} of {path} {fault.Problem}. It was left out.");
                }
            }
            else if (records.Count == 0 || record.Number < records[^1].Number)
            {
                // A number that was seen already is a part that was rotated while it was read.
                records.Add(record);
            }

            end = start;
        }

        return damaged;
    }
}
