namespace RouteGuard.Platform.MacOS;

/// <summary>Who keeps an entry of the table: the first thing to know before touching it.</summary>
internal enum EntryKind
{
    /// <summary>A program asked for it, or a router advertisement: it can be a step of a plan.</summary>
    Ordinary,

    /// <summary>The network of an interface's address: comes and goes with the address.</summary>
    Connected,

    /// <summary>An address of this machine (RTF_LOCAL).</summary>
    Local,

    /// <summary>RTF_BROADCAST, or 255.255.255.255.</summary>
    Broadcast,

    /// <summary>RTF_MULTICAST, or a multicast destination.</summary>
    Multicast,

    /// <summary>ARP or neighbour discovery (RTF_LLINFO, RTF_PROXY, RTF_ROUTER).</summary>
    Neighbour,

    /// <summary>Made by use of another entry (RTF_WASCLONED).</summary>
    Clone,

    /// <summary>Made or changed by an ICMP redirect (RTF_DYNAMIC, RTF_MODIFIED).</summary>
    Redirected,

    /// <summary>Deleted, and kept only by those who still refer to it (RTF_CONDEMNED, RTF_DEAD).</summary>
    Dying,
}

/// <summary>Answers whose an entry is.</summary>
internal static class EntryKinds
{
    /// <summary>Reads the kind from the flags alone (net/route.h).</summary>
    public static EntryKind Of(RouteFlags flags)
    {
        if ((flags & (RouteFlags.Condemned | RouteFlags.Dead)) != RouteFlags.None)
        {
            return EntryKind.Dying;
        }

        if ((flags & RouteFlags.WasCloned) != RouteFlags.None)
        {
            return EntryKind.Clone;
        }

        if ((flags & RouteFlags.Local) != RouteFlags.None)
        {
            return EntryKind.Local;
        }

        if ((flags & (RouteFlags.LinkLayer | RouteFlags.Proxy | RouteFlags.Router)) != RouteFlags.None)
        {
            return EntryKind.Neighbour;
        }

        if ((flags & RouteFlags.Broadcast) != RouteFlags.None)
        {
            return EntryKind.Broadcast;
        }

        if ((flags & RouteFlags.Multicast) != RouteFlags.None)
        {
            return EntryKind.Multicast;
        }

        if ((flags & (RouteFlags.Dynamic | RouteFlags.Modified)) != RouteFlags.None)
        {
            return EntryKind.Redirected;
        }

        // An interface's own network has neither a gateway nor a program that asked for it.
        return (flags & (RouteFlags.Static | RouteFlags.Gateway)) == RouteFlags.None
            ? EntryKind.Connected
            : EntryKind.Ordinary;
    }

    /// <summary>True for what comes and goes by itself within seconds and would only be noise in a snapshot.</summary>
    public static bool IsPassing(EntryKind kind) =>
        kind is EntryKind.Neighbour or EntryKind.Clone or EntryKind.Redirected or EntryKind.Dying;
}
