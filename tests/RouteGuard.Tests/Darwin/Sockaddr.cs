using System.Buffers.Binary;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Socket addresses as the simulated kernel keeps them: bytes, with the interface in the place that XNU
/// uses.</summary>
/// <remarks>IPv4 keeps the scope in sin_zero[0..3], IPv6 in sin6_scope_id and, for link-local addresses, in bytes 2 and
/// 3 too.</remarks>
internal static class Sockaddr
{
    public static byte FamilyOf(ReadOnlySpan<byte> address) => address.Length > 1 ? address[1] : (byte)0;

    public static bool IsInet(ReadOnlySpan<byte> address) =>
        FamilyOf(address) is DarwinFamily.Inet or DarwinFamily.Inet6;

    /// <summary>Where the part begins that counts for a lookup.</summary>
    public static int KeyAt(byte family) => family == DarwinFamily.Inet ? 4 : 8;

    /// <summary>Bytes of that part: the address and its scope.</summary>
    public static int KeyBytes(byte family) => family == DarwinFamily.Inet ? 8 : 20;

    public static int SizeOf(byte family) => family == DarwinFamily.Inet ? 16 : 28;

    public static byte[] Inet(string address)
    {
        var ip = System.Net.IPAddress.Parse(address).GetAddressBytes();
        var bytes = new byte[ip.Length == 4 ? 16 : 28];
        bytes[0] = (byte)bytes.Length;
        bytes[1] = ip.Length == 4 ? DarwinFamily.Inet : DarwinFamily.Inet6;
        ip.CopyTo(bytes, KeyAt(bytes[1]));
        return bytes;
    }

    /// <summary>A link address: by number, and if given by type, name and layer 2 address.</summary>
    public static byte[] Link(int index, byte type = 0, string name = "", byte[]? mac = null)
    {
        var bytes = new byte[Math.Max(20, 8 + name.Length + (mac?.Length ?? 0))];
        bytes[0] = (byte)bytes.Length;
        bytes[1] = DarwinFamily.Link;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)index);
        bytes[4] = type;
        bytes[5] = (byte)name.Length;
        bytes[6] = (byte)(mac?.Length ?? 0);
        System.Text.Encoding.ASCII.GetBytes(name, bytes.AsSpan(8));
        mac?.CopyTo(bytes, 8 + name.Length);
        return bytes;
    }

    public static int ScopeOf(ReadOnlySpan<byte> address) =>
        (int)BinaryPrimitives.ReadUInt32LittleEndian(address[(FamilyOf(address) == DarwinFamily.Inet ? 8 : 24)..]);

    public static void SetScope(Span<byte> address, int scope) =>
        BinaryPrimitives.WriteUInt32LittleEndian(
            address[(FamilyOf(address) == DarwinFamily.Inet ? 8 : 24)..],
            (uint)scope
        );

    /// <summary>A whole copy without scope.</summary>
    public static byte[] Bare(ReadOnlySpan<byte> address)
    {
        var copy = Whole(address);
        if (IsInet(copy))
        {
            SetScope(copy, 0);
        }

        return copy;
    }

    /// <summary>A whole copy in the scope; a link-local address may bring its own, which is told back.</summary>
    public static byte[] Scoped(ReadOnlySpan<byte> address, ref int scope)
    {
        var copy = Whole(address);
        if (copy[1] == DarwinFamily.Inet6 && HasEmbeddedScope(copy.AsSpan(8)))
        {
            int embedded = BinaryPrimitives.ReadUInt16BigEndian(copy.AsSpan(10));
            scope = scope != 0 ? scope : embedded;
            if (scope != 0)
            {
                SetScope(copy, scope);
            }
            else
            {
                scope = ScopeOf(copy);
            }

            if (scope != 0 && embedded != scope)
            {
                BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(10), (ushort)scope);
            }
        }
        else if (scope != 0)
        {
            SetScope(copy, scope);
        }

        scope = ScopeOf(copy);
        return copy;
    }

    /// <summary>A mask in its scope, cut down to the part that counts: the address's bits, then the scope's.</summary>
    public static byte[] MaskKey(byte family, ReadOnlySpan<byte> mask, int scope)
    {
        var key = new byte[KeyBytes(family)];
        var at = KeyAt(family);
        var addressBytes = key.Length - 4;
        int told = mask.IsEmpty ? 0 : Math.Min(mask[0], mask.Length);
        for (var part = 0; part < addressBytes && at + part < told; part++)
        {
            key[part] = mask[at + part];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(key.AsSpan(addressBytes), (uint)scope);
        return key;
    }

    public static bool IsDefault(ReadOnlySpan<byte> address) =>
        IsInet(address) && !address.Slice(KeyAt(address[1]), KeyBytes(address[1]) - 4).ContainsAnyExcept((byte)0);

    public static bool IsMulticast(ReadOnlySpan<byte> address) =>
        FamilyOf(address) == DarwinFamily.Inet
            ? address[4] >> 4 == 0xe
            : FamilyOf(address) == DarwinFamily.Inet6 && address[8] == 0xff;

    /// <summary>Equal length and bytes (<c>ifa_equal</c>, <c>equal</c>).</summary>
    public static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        !left.IsEmpty && left.SequenceEqual(right);

    public static bool HasEmbeddedScope(ReadOnlySpan<byte> inet6) =>
        (inet6[0] == 0xfe && (inet6[1] & 0xc0) == 0x80) || (inet6[0] == 0xff && (inet6[1] & 0xf) is 1 or 2);

    private static byte[] Whole(ReadOnlySpan<byte> address)
    {
        var copy = new byte[IsInet(address) ? SizeOf(address[1]) : address.Length];
        address[..Math.Min(address.Length, copy.Length)].CopyTo(copy);
        copy[0] = (byte)copy.Length;
        return copy;
    }
}
