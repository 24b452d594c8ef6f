namespace RouteGuard.Daemon;

/// <summary>Who asks: the credentials that the kernel gives for the other end of the socket.</summary>
/// <param name="Pid">The process at the time it connected.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="IsInGroup">It belongs to the group of the configuration.</param>
internal sealed record Peer(int Pid, uint Uid, bool IsInGroup);

/// <summary>What is asked for.</summary>
internal enum Ask
{
    /// <summary>Is the daemon well? Anybody may know.</summary>
    Health,

    /// <summary>Routes, plans, sessions: what the machine's network looks like.</summary>
    Read,

    /// <summary>Begin a session, restore everything.</summary>
    Write,

    /// <summary>Something about one session, which its own user may do.</summary>
    WriteSession,

    /// <summary>What became of a request, which the user who made it may know.</summary>
    ReadOperation,
}

/// <summary>The one place that says who may do what. Pure.</summary>
internal static class Access
{
    /// <summary>Root, the daemon's own user, the group: who may do everything.</summary>
    /// <param name="peer">Who asks.</param>
    /// <param name="ownUid">The user that the daemon runs as; in a throwaway namespace not always 0.</param>
    public static bool IsPrivileged(Peer peer, uint ownUid) => peer.Uid == 0 || peer.Uid == ownUid || peer.IsInGroup;

    /// <param name="peer">Who asks.</param>
    /// <param name="ask">What for.</param>
    /// <param name="ownUid">The user that the daemon runs as.</param>
    /// <param name="ofUid">For <see cref="Ask.WriteSession"/>: who began the session; for
    /// <see cref="Ask.ReadOperation"/>: who made the request; null when there is none.</param>
    public static bool IsAllowed(Peer peer, Ask ask, uint ownUid, uint? ofUid = null) =>
        ask == Ask.Health
        || IsPrivileged(peer, ownUid)
        || (ask is Ask.WriteSession or Ask.ReadOperation && ofUid == peer.Uid && peer.Uid != uint.MaxValue);
}
