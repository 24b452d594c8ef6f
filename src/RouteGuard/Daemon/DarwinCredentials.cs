using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace RouteGuard.Daemon;

/// <summary>Who connected, as XNU tells it (sys/ucred.h <c>struct xucred</c>, 76 bytes).</summary>
/// <param name="Uid">Its effective user.</param>
/// <param name="Groups">Its effective group first, then others, sixteen at most: who is in more may be left
/// out.</param>
internal sealed record DarwinCredentials(uint Uid, IReadOnlyList<uint> Groups)
{
    public const int LengthBytes = 76;

    /// <summary>XUCRED_VERSION.</summary>
    private const uint Version = 0;

    /// <summary>NGROUPS.</summary>
    private const int GroupsMax = 16;

    private const int UidAt = 4;
    private const int GroupCountAt = 8;
    private const int GroupsAt = 12;

    /// <summary>True and the credentials; false for bytes that are not exactly such a structure.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DarwinCredentials? credentials)
    {
        credentials = null;
        if (bytes.Length != LengthBytes || MemoryMarshal.Read<uint>(bytes) != Version)
        {
            return false;
        }

        var count = MemoryMarshal.Read<short>(bytes[GroupCountAt..]);
        if (count is < 0 or > GroupsMax)
        {
            return false;
        }

        var groups = MemoryMarshal.Cast<byte, uint>(bytes.Slice(GroupsAt, count * sizeof(uint)));
        credentials = new(MemoryMarshal.Read<uint>(bytes[UidAt..]), groups.ToArray());
        return true;
    }
}
