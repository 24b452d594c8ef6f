using RouteGuard.Core.Baselines;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Ports;

/// <summary>What survives a crash. Every write is on disk (file and directory synced) when the call returns.</summary>
public interface IStateStore
{
    /// <summary>Reads every open session. A file that cannot be read is set aside and reported, never
    /// deleted.</summary>
    StoredState Load();

    /// <summary>Stores a new session with its baseline: both, or neither.</summary>
    /// <exception cref="StateStoreException">The disk refused. Nothing that was there is lost.</exception>
    void Create(Session session, Baseline baseline);

    /// <summary>Replaces what is stored of a session, its overlay included.</summary>
    void Save(Session session);

    /// <summary>Replaces a session with its baseline, after the machine came to another network.</summary>
    void Move(Session session, Baseline baseline);

    /// <summary>Moves a session from the open to the closed ones, of which the last few are kept.</summary>
    void Close(Session session);
}

/// <summary>The append-only record of intents and outcomes.</summary>
public interface IJournal
{
    /// <summary>Appends and syncs.</summary>
    /// <returns>The record's number.</returns>
    /// <exception cref="StateStoreException">The disk refused; the journal is as it was.</exception>
    long Append(JournalRecord record);

    /// <summary>The newest records, oldest first, torn or damaged ones left out and counted.</summary>
    JournalTail ReadTail(int recordsMax);
}

public sealed record JournalTail(IReadOnlyList<JournalRecord> Records, IReadOnlyList<string> Faults);

/// <summary>A session as it was found on disk.</summary>
public sealed record StoredSession(Session Session, Baseline Baseline);

/// <summary>Everything that was found on disk.</summary>
/// <param name="Sessions">Open sessions, oldest first.</param>
/// <param name="Faults">What could not be read, a sentence each, naming the file and where it was set aside.</param>
public sealed record StoredState(IReadOnlyList<StoredSession> Sessions, IReadOnlyList<string> Faults);

/// <summary>The disk refused.</summary>
public sealed class StateStoreException(string message, Exception? inner = null) : Exception(message, inner);
