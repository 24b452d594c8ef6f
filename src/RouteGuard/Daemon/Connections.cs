using Microsoft.AspNetCore.Connections;
using RouteGuard.Configuration;

namespace RouteGuard.Daemon;

/// <summary>The connections of the socket: who is at the other end of each, and how many there may be.</summary>
/// <remarks>One that has no place is cut before a byte of it is read. May be used on any thread.</remarks>
internal sealed class Connections(Settings settings, Func<ConnectionContext, uint?, Peer> peerOf, uint ownUid)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ConnectionContext, Peer> _open = [];
    private readonly Quota _places = new(Limits.ConnectionsMax, Limits.ConnectionsKept);
    private uint? _group = PeerCredentials.FindGroup(settings.Now.Group);

    /// <summary>Connections that are open.</summary>
    public int Count => _places.Taken;

    /// <summary>Serves a connection, or cuts it.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var peer = Enter(connection);
        var isPrivileged = Access.IsPrivileged(peer, ownUid);
        int? perUserMax = isPrivileged ? null : settings.Now.Limits.Connections;
        if (!_places.TryTake(peer.Uid, isPrivileged, perUserMax))
        {
            Leave(connection);
            connection.Abort();
            return;
        }

        try
        {
            connection.Features.Set(peer);
            await next(connection);
        }
        finally
        {
            _places.GiveBack(peer.Uid, isPrivileged);
            Leave(connection);
        }
    }

    /// <summary>Looks the group up again. Who is now in it or no longer in it is cut, and comes back as what he is
    /// now.</summary>
    public void Regroup()
    {
        ConnectionContext[] changed;
        lock (_gate)
        {
            _group = PeerCredentials.FindGroup(settings.Now.Group);
            changed =
            [
                .. _open
                    .Where(open => peerOf(open.Key, _group).IsInGroup != open.Value.IsInGroup)
                    .Select(open => open.Key),
            ];
        }

        foreach (var connection in changed)
        {
            connection.Abort(new ConnectionAbortedException("The group that may do everything is another one now."));
        }
    }

    private Peer Enter(ConnectionContext connection)
    {
        // Under the gate, so that no connection is looked at by the old group and entered after the change.
        lock (_gate)
        {
            var peer = peerOf(connection, _group);
            _open[connection] = peer;
            return peer;
        }
    }

    private void Leave(ConnectionContext connection)
    {
        lock (_gate)
        {
            _open.Remove(connection);
        }
    }
}
