namespace RouteGuard.Daemon;

/// <summary>Who asks: the credentials that the kernel gives for the other end of the socket.</summary>
/// <param name="Pid">The process at the time it connected.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="IsInGroup">It belongs to the group of <see cref="PeerCredentials.GroupName"/>.</param>
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
}

/// <summary>The one place that says who may do what. Pure.</summary>
internal static class Access
{
    /// <param name="peer">Who asks.</param>
    /// <param name="ask">What for.</param>
    /// <param name="ownUid">The user that the daemon runs as; in a throwaway namespace not always 0.</param>
    /// <param name="sessionUid">For <see cref="Ask.WriteSession"/>: who began the session; null when there is
    /// none.</param>
    public static bool IsAllowed(Peer peer, Ask ask, uint ownUid, uint? sessionUid = null) =>
        ask == Ask.Health
        || peer.Uid == 0
        || peer.Uid == ownUid
        || peer.IsInGroup
        || (ask == Ask.WriteSession && sessionUid == peer.Uid);
}
