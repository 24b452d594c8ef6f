using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <summary>Sessions and their baselines in the state directory.</summary>
/// <remarks>
/// <c>sessions/ID/{baseline.json, session.json, session.json.previous}</c>; a new session is made as <c>.new-ID</c> and
/// appears by one rename. Closed ones go to <c>closed/NUMBER.ID</c>, what is damaged to <c>set-aside/NUMBER.NAME</c>
/// with
/// a <c>.reason</c> beside it. Not thread-safe: it belongs to the thread that owns the routes.
/// </remarks>
public sealed partial class StateStore : IStateStore
{
    /// <summary>More open sessions than any machine has VPNs.</summary>
    public const int SessionsMax = 256;

    /// <summary>Closed sessions that are kept for people to look at.</summary>
    public const int ClosedKept = 20;

    /// <summary>When so many wait for somebody to look at them, further damage stays in place and is only
    /// reported.</summary>
    public const int SetAsideMax = 20;

    private const string Sessions = StateDirectory.Sessions;
    private const string BaselineFile = "baseline.json";
    private const string SessionFile = "session.json";
    private const string PreviousFile = "session.json.previous";
    private const string NewFile = "session.json.new";
    private const string NewBaselineFile = "baseline.json.new";
    private const string NewFolder = ".new-";

    private readonly IDisk _disk;
    private readonly NumberedFolder _closed;
    private readonly NumberedFolder _setAside;

    public StateStore(StateDirectory directory)
        : this(directory.Disk) { }

    internal StateStore(IDisk disk)
    {
        _disk = disk;
        _closed = new(disk, StateDirectory.Closed);
        _setAside = new(disk, StateDirectory.SetAside);
    }

    /// <inheritdoc/>
    public void Create(Session session, Baseline baseline)
    {
        var folder = FolderOf(session);
        var beside = $"{Sessions}/{NewFolder}{session.Id}";
        try
        {
            RefuseSecond(session.Id);
            _disk.Remove(Sessions, NewFolder + session.Id);
            _disk.CreateFolder(beside);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of($"store session {session.Id}", error);
        }

        try
        {
            _disk.WriteDocument($"{beside}/{BaselineFile}", json => BaselineDocument.Write(json, baseline));
            _disk.WriteDocument($"{beside}/{SessionFile}", json => SessionEntry.Write(json, session));
            _disk.SyncFolder(beside);
            _disk.Rename(beside, folder);
            _disk.SyncFolder(Sessions);
        }
        catch (Exception error) when (error is StateStoreException || StorageRefusal.IsOfDisk(error))
        {
            Undo(session.Id);
            throw error as StateStoreException ?? StorageRefusal.Of($"store session {session.Id}", error);
        }
    }

    /// <inheritdoc/>
    public void Save(Session session)
    {
        try
        {
            Replace(FolderOf(session), session);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of($"store session {session.Id}", error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The session comes first: an overlay of the new network over the old baseline is found to have moved once
    /// more, and moves to the same place.
    /// </remarks>
    public void Move(Session session, Baseline baseline)
    {
        var folder = FolderOf(session);
        var beside = $"{folder}/{NewBaselineFile}";
        try
        {
            Replace(folder, session);
            _disk.WriteDocument(beside, json => BaselineDocument.Write(json, baseline));
            _disk.Rename(beside, $"{folder}/{BaselineFile}");
            _disk.SyncFolder(folder);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            Try(() => _disk.DeleteFile(beside));
            throw StorageRefusal.Of($"store the new baseline of session {session.Id}", error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The move comes first, since it needs no room: a session that is closed stays closed even when its last state
    /// cannot
    /// be written. One that is closed already is no error.
    /// </remarks>
    public void Close(Session session)
    {
        var attempt = $"close session {session.Id}";
        try
        {
            if (!IsStored(session.Id))
            {
                return;
            }

            var closed = _closed.Take(FolderOf(session), session.Id.Value);
            attempt = $"store the last state of session {session.Id}, which is closed";
            foreach (var oldest in _closed.Entries.SkipLast(ClosedKept))
            {
                _disk.Remove(StateDirectory.Closed, oldest);
            }

            Replace(closed, session);
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of(attempt, error);
        }
    }

    private static string FolderOf(Session session) =>
        session.Id.Value.Length > 0
            ? $"{Sessions}/{session.Id}"
            : throw new ArgumentException("A session without an id cannot be stored.", nameof(session));

    private bool IsStored(SessionId id) =>
        _disk.List(Sessions).Any(entry => string.Equals(entry.Name, id.Value, StringComparison.Ordinal));

    private void RefuseSecond(SessionId id)
    {
        if (IsStored(id))
        {
            throw new StateStoreException(
                $"Cannot store session {id}: there is one of that name. End it, or take another name."
            );
        }

        if (_disk.List(Sessions).Count >= SessionsMax)
        {
            throw new StateStoreException(
                $"Cannot store session {id}: there are {SessionsMax} already. End some of them."
            );
        }
    }

    // A current generation that is damaged must not take the place of a previous one that is not.
    private void Replace(string folder, Session session)
    {
        var current = $"{folder}/{SessionFile}";
        var beside = $"{folder}/{NewFile}";
        try
        {
            _disk.WriteDocument(beside, json => SessionEntry.Write(json, session));
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            Try(() => _disk.DeleteFile(beside));
            throw;
        }

        if (_disk.TryReadAll(current, DocumentWriter.DocumentBytesMax) is { } bytes && SealedDocument.IsWhole(bytes))
        {
            _disk.Rename(current, $"{folder}/{PreviousFile}");
        }

        _disk.Rename(beside, current);
        _disk.SyncFolder(folder);
    }

    // The session is in view when only the last sync was refused.
    private void Undo(SessionId id) =>
        Try(() =>
        {
            if (IsStored(id))
            {
                _disk.Rename($"{Sessions}/{id}", $"{Sessions}/{NewFolder}{id}");
            }

            _disk.Remove(Sessions, NewFolder + id);
        });

    // What cannot be tidied up now is tidied up by the next write or load; the refusal under way is the one to report.
    private static void Try(Action tidyUp)
    {
        try
        {
            tidyUp();
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            return;
        }
    }
}
