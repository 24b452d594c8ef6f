using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace RouteGuard.Daemon;

/// <summary>Reads who is at the other end of a connection, from the kernel and not from the request.</summary>
/// <remarks>
/// Linux unix(7): SO_PEERCRED (17) gives pid, uid and gid, SO_PEERGROUPS (59) the supplementary groups. macOS unix(4):
/// LOCAL_PEERCRED (1) gives <c>struct xucred</c> as it was when the peer connected, LOCAL_PEERPID (2) the process
/// that used the socket last.
/// </remarks>
internal static class PeerCredentials
{
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;
    private const int SO_PEERGROUPS = 59;
    private const int CredentialsBytes = 12;
    private const int GroupsMax = 256;
    private const int GroupFileLinesMax = 100_000;

    private const int SOL_LOCAL = 0;
    private const int LOCAL_PEERCRED = 1;
    private const int LOCAL_PEERPID = 2;

    /// <summary>Nobody has this number (uid_t -1).</summary>
    public static readonly Peer Nobody = new(0, uint.MaxValue, IsInGroup: false);

    /// <summary>Fails closed: a peer that the kernel does not name is nobody.</summary>
    public static Peer Of(ConnectionContext connection, uint? group)
    {
        try
        {
            return connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket ? Nobody
                : OperatingSystem.IsMacOS() ? OnMacOS(socket, group)
                : OnLinux(socket, group);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Gone again before it could be asked about.
            return Nobody;
        }
    }

    /// <summary>The number of a group, if there is one (group(5)).</summary>
    /// <remarks>Only the file is asked: a name service could be slow, or somebody else's.</remarks>
    public static uint? FindGroup(string name, string path = "/etc/group")
    {
        try
        {
            foreach (var line in File.ReadLines(path).Take(GroupFileLinesMax))
            {
                var fields = line.Split(':');
                if (
                    fields.Length >= 3
                    && string.Equals(fields[0], name, StringComparison.Ordinal)
                    && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                )
                {
                    return number;
                }
            }
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            // No such file: no such group.
        }

        return null;
    }

    private static Peer OnLinux(Socket socket, uint? group)
    {
        Span<byte> credentials = stackalloc byte[CredentialsBytes];
        if (socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials) != CredentialsBytes)
        {
            return Nobody;
        }

        var pid = MemoryMarshal.Read<int>(credentials);
        var uid = MemoryMarshal.Read<uint>(credentials[4..]);
        var gid = MemoryMarshal.Read<uint>(credentials[8..]);
        return new(pid, uid, group is { } wanted && (gid == wanted || IsSupplementary(socket, wanted)));
    }

    private static Peer OnMacOS(Socket socket, uint? group)
    {
        Span<byte> credentials = stackalloc byte[DarwinCredentials.LengthBytes];
        var length = socket.GetRawSocketOption(SOL_LOCAL, LOCAL_PEERCRED, credentials);
        if (!DarwinCredentials.TryDecode(credentials[..length], out var peer))
        {
            return Nobody;
        }

        Span<byte> pid = stackalloc byte[sizeof(int)];
        var isTold = socket.GetRawSocketOption(SOL_LOCAL, LOCAL_PEERPID, pid) == pid.Length;
        var isInGroup = group is { } wanted && peer.Groups.Contains(wanted);
        return new(isTold ? MemoryMarshal.Read<int>(pid) : 0, peer.Uid, isInGroup);
    }

    private static bool IsSupplementary(Socket socket, uint wanted)
    {
        Span<byte> groups = stackalloc byte[GroupsMax * sizeof(uint)];
        try
        {
            var length = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERGROUPS, groups);
            for (var at = 0; at + sizeof(uint) <= length; at += sizeof(uint))
            {
                var gid = BitConverter.IsLittleEndian
                    ? BinaryPrimitives.ReadUInt32LittleEndian(groups[at..])
                    : BinaryPrimitives.ReadUInt32BigEndian(groups[at..]);
                if (gid == wanted)
                {
                    return true;
                }
            }
        }
        catch (SocketException)
        {
            // More groups than we look at (ERANGE): not in the group is the safe answer.
        }

        return false;
    }
}
