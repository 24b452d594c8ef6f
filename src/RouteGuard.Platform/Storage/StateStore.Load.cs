using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Baselines;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Platform.Storage;

/// <content>Reading everything back after a crash.</content>
public sealed partial class StateStore
{
    /// <inheritdoc/>
    public StoredState Load()
    {
        var sessions = new List<StoredSession>();
        var faults = new List<string>();
        try
        {
            foreach (var entry in _disk.List(Sessions))
            {
                if (entry.Name.StartsWith(NewFolder, StringComparison.Ordinal))
                {
                    Try(() => _disk.Remove(Sessions, entry.Name));
                }
                else if (!entry.IsFolder || !SessionId.TryParse(entry.Name, out var id))
                {
                    faults.Add($"{Sessions}/{entry.Name} is not the folder of a session. It was left alone.");
                }
                else if (sessions.Count == SessionsMax)
                {
                    faults.Add($"{Sessions}/{entry.Name} was not read: there are more than {SessionsMax} sessions.");
                }
                else if (TryLoad(id, faults) is { } stored)
                {
                    sessions.Add(stored);
                }
            }
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            throw StorageRefusal.Of("read the stored sessions", error);
        }

        sessions.Sort(
            (x, y) =>
            {
                var order = x.Session.BegunAt.CompareTo(y.Session.BegunAt);
                return order != 0 ? order : string.CompareOrdinal(x.Session.Id.Value, y.Session.Id.Value);
            }
        );
        return new(sessions, faults);
    }

    private StoredSession? TryLoad(SessionId id, List<string> faults)
    {
        if (
            !_disk.TryReadDocument(
                PathOf(id, BaselineFile),
                BaselineDocument.TryRead,
                out Baseline? baseline,
                out var fault
            )
        )
        {
            faults.Add(GiveUp(id, BaselineFile, fault));
            return null;
        }

        if (TryRead(id, SessionFile, out var session, out fault))
        {
            return new(session, baseline);
        }

        if (fault.Trouble == DocumentTrouble.Newer || !TryRead(id, PreviousFile, out session, out var previousFault))
        {
            faults.Add(GiveUp(id, SessionFile, fault));
            return null;
        }

        // Missing is what a crash between the two renames of a save leaves behind: nothing is wrong.
        if (fault.Trouble != DocumentTrouble.Missing)
        {
            var fate = PutAside(fault, PathOf(id, SessionFile), $"{id}.{SessionFile}");
            faults.Add($"{PathOf(id, SessionFile)} {fault.Problem}. {fate} The state before it is used.");
        }

        return new(session, baseline);
    }

    private bool TryRead(
        SessionId id,
        string file,
        [NotNullWhen(true)] out Session? session,
        [NotNullWhen(false)] out DocumentFault? fault
    )
    {
        if (_disk.TryReadDocument(PathOf(id, file), SessionEntry.TryRead, out session, out fault) && session.Id != id)
        {
            fault = new(DocumentTrouble.Damaged, $"is that of session {session.Id}");
            session = null;
        }

        return session is not null;
    }

    private string GiveUp(SessionId id, string file, DocumentFault fault) =>
        $"Session {id} cannot be resumed: {PathOf(id, file)} {fault.Problem}. {PutAside(fault, $"{Sessions}/{id}", id.Value)}";

    /// <summary>Moves what is damaged out of the way, with the reason.</summary>
    /// <returns>A sentence: what became of it.</returns>
    private string PutAside(DocumentFault fault, string path, string name)
    {
        if (fault.Trouble is DocumentTrouble.Newer or DocumentTrouble.Unreadable)
        {
            return "It was left alone.";
        }

        var fate = "It could not be moved away:";
        try
        {
            if (_setAside.Entries.Count >= SetAsideMax)
            {
                return $"It was left where it is, for {SetAsideMax} others wait in {StateDirectory.SetAside} to be looked at.";
            }

            var moved = _setAside.Take(path, name);
            fate = $"It was moved to {moved}, without a note of the reason:";
            _setAside.Explain(moved, $"{path} {fault.Problem}.");
            return $"It was moved to {moved}.";
        }
        catch (Exception error) when (StorageRefusal.IsOfDisk(error))
        {
            return $"{fate} {StorageRefusal.Explain(error).Fact}.";
        }
    }

    private static string PathOf(SessionId id, string file) => $"{Sessions}/{id}/{file}";
}
