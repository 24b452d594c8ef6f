using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>One socket address of a message, as it lies there: length, family, and what the family says.</summary>
/// <remarks>
/// The kernel cuts trailing zeros off masks, down to a length of 0 for a default, so a missing byte is a zero. The
/// family
/// of a mask is worthless (0, 2, 30 or 255). Sources: sys/socket.h <c>struct sockaddr</c>, netinet/in.h,
/// netinet6/in6.h,
/// net/if_dl.h; bsd/net/radix.c:rn_addmask cuts the masks.
/// </remarks>
internal readonly ref struct SocketAddress
{
    /// <summary><c>struct sockaddr_in</c>.</summary>
    public const int InetBytes = 16;

    /// <summary><c>struct sockaddr_in6</c>.</summary>
    public const int Inet6Bytes = 28;

    /// <summary>The smallest <c>struct sockaddr_dl</c>; a long name makes it longer.</summary>
    public const int LinkBytes = 20;

    /// <summary>Where the address stands in <c>sockaddr_in</c>.</summary>
    public const int InetAddressAt = 4;

    /// <summary>Where the address stands in <c>sockaddr_in6</c>.</summary>
    public const int Inet6AddressAt = 8;

    /// <summary>Where sin6_scope_id stands.</summary>
    public const int Inet6ScopeAt = 24;

    /// <summary>Where name and layer 2 address begin in <c>sockaddr_dl</c>.</summary>
    public const int LinkDataAt = 8;

    private const int LinkIndexAt = 2;
    private const int LinkTypeAt = 4;
    private const int LinkNameLengthAt = 5;
    private const int LinkAddressLengthAt = 6;

    /// <summary>Where KAME keeps the interface inside a link-local address: its second pair of bytes.</summary>
    private const int EmbeddedScopeAt = 2;

    public SocketAddress(ReadOnlySpan<byte> bytes)
        : this(bytes, bytes.Length > 1 ? bytes[1] : DarwinFamily.Unspecified) { }

    /// <summary>An address of length 0 may still name its family: then it is the family's unspecified
    /// address.</summary>
    public SocketAddress(ReadOnlySpan<byte> bytes, byte family)
    {
        Bytes = bytes;
        Family = family;
    }

    /// <summary>Everything up to sa_len; empty where sa_len is 0.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>sa_len is 0: the shortest mask, or nothing.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    public byte Family { get; }

    /// <summary>sdl_type: see ifi_type.</summary>
    public byte LinkType => Bytes.Length > LinkTypeAt ? Bytes[LinkTypeAt] : (byte)0;

    /// <summary>How far the next address is: sa_len rounded up to 4, and 4 for an empty one.</summary>
    public static int StepBytes(int lengthBytes) => lengthBytes == 0 ? 4 : (lengthBytes + 3) & ~3;

    /// <summary>Reads an IPv4 or IPv6 address without the interface that the kernel hides in it.</summary>
    /// <param name="address">fe80:4::1 comes out as fe80::1.</param>
    /// <param name="scope">The interface of a link-local address, from either of its two places, or none.</param>
    /// <returns>False for another family, or bytes that are too few to hold any address.</returns>
    public bool TryReadAddress(out IpAddress address, out InterfaceIndex scope)
    {
        address = default;
        scope = InterfaceIndex.None;
        if (Family == DarwinFamily.Inet)
        {
            // sin_zero holds an interface at times; it is no part of the address.
            address = IpAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(Padded(InetAddressAt, stackalloc byte[4])));
            return true;
        }

        if (Family != DarwinFamily.Inet6)
        {
            return false;
        }

        var inet6 = Padded(Inet6AddressAt, stackalloc byte[16]);
        if (HasEmbeddedScope(inet6))
        {
            var embedded = BinaryPrimitives.ReadUInt16BigEndian(inet6[EmbeddedScopeAt..]);
            var told = BinaryPrimitives.ReadUInt32LittleEndian(Padded(Inet6ScopeAt, stackalloc byte[4]));
            scope = new(
                embedded != 0 ? embedded
                : told <= ushort.MaxValue ? (int)told
                : 0
            );
            inet6[EmbeddedScopeAt..(EmbeddedScopeAt + 2)].Clear();
        }

        return IpAddress.TryFromBytes(inet6, out address);
    }

    /// <summary>Reads a mask by the family of its destination.</summary>
    /// <returns>False for a mask with a zero before a one: no prefix can say it.</returns>
    public bool TryReadMask(IpFamily family, out int prefixLength)
    {
        var mask =
            family == IpFamily.V4
                ? Padded(InetAddressAt, stackalloc byte[4])
                : Padded(Inet6AddressAt, stackalloc byte[16]);
        prefixLength = 0;
        var isPastEnd = false;
        foreach (var part in mask)
        {
            var ones = LeadingOnes(part);
            if ((isPastEnd && part != 0) || (byte)(part << ones) != 0)
            {
                return false;
            }

            prefixLength += ones;
            isPastEnd |= ones < 8;
        }

        return true;
    }

    /// <summary>Reads a <c>sockaddr_dl</c>.</summary>
    /// <param name="index">sdl_index.</param>
    /// <returns>False for another family, or when the index is cut off.</returns>
    public bool TryReadLinkIndex(out InterfaceIndex index)
    {
        var isLink = Family == DarwinFamily.Link && Bytes.Length >= LinkIndexAt + 2;
        index = isLink ? new(MemoryMarshal.Read<ushort>(Bytes[LinkIndexAt..])) : InterfaceIndex.None;
        return isLink;
    }

    /// <summary>Reads the name and the layer 2 address of a <c>sockaddr_dl</c>.</summary>
    /// <returns>False for another family, or when either reaches beyond sa_len.</returns>
    public bool TryReadLinkNames(out string name, out string mac)
    {
        name = mac = string.Empty;
        if (Family != DarwinFamily.Link || Bytes.Length < LinkDataAt)
        {
            return false;
        }

        int nameLength = Bytes[LinkNameLengthAt];
        int addressLength = Bytes[LinkAddressLengthAt];
        if (LinkDataAt + nameLength + addressLength > Bytes.Length)
        {
            return false;
        }

        name = Encoding.ASCII.GetString(Bytes.Slice(LinkDataAt, nameLength));
        mac =
            addressLength == 0
                ? string.Empty
                : Convert.ToHexStringLower(Bytes.Slice(LinkDataAt + nameLength, addressLength));
        mac = string.Join(':', mac.Chunk(2).Select(pair => new string(pair)));
        return true;
    }

    /// <summary>Writes <c>sockaddr_in</c> or <c>sockaddr_in6</c>, whole, also for masks.</summary>
    /// <param name="into">At least <see cref="Inet6Bytes"/>.</param>
    /// <param name="address">The address.</param>
    /// <param name="scope">For a link-local address the interface, which goes into its second pair of bytes.</param>
    /// <returns>What was written.</returns>
    public static ReadOnlySpan<byte> Write(Span<byte> into, IpAddress address, InterfaceIndex scope)
    {
        if (address.Family == IpFamily.V4)
        {
            var inet = into[..InetBytes];
            inet.Clear();
            inet[0] = InetBytes;
            inet[1] = DarwinFamily.Inet;
            address.WriteBytes(inet[InetAddressAt..]);
            return inet;
        }

        var inet6 = into[..Inet6Bytes];
        inet6.Clear();
        inet6[0] = Inet6Bytes;
        inet6[1] = DarwinFamily.Inet6;
        var bytes = inet6[Inet6AddressAt..];
        address.WriteBytes(bytes);
        if (HasEmbeddedScope(bytes))
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[EmbeddedScopeAt..], (ushort)scope.Value);
        }

        return inet6;
    }

    /// <summary>Writes a mask in full length: a shorter one would end the kernel's reading of the request.</summary>
    public static ReadOnlySpan<byte> WriteMask(Span<byte> into, IpFamily family, int prefixLength)
    {
        var ones =
            family == IpFamily.V4 ? IpAddress.V4(uint.MaxValue) : new IpAddress(family, ulong.MaxValue, ulong.MaxValue);
        var mask = ones.Masked(prefixLength);
        var written = family == IpFamily.V4 ? into[..InetBytes] : into[..Inet6Bytes];
        written.Clear();
        written[0] = (byte)written.Length;
        written[1] = family == IpFamily.V4 ? DarwinFamily.Inet : DarwinFamily.Inet6;
        mask.WriteBytes(written[(family == IpFamily.V4 ? InetAddressAt : Inet6AddressAt)..]);
        return written;
    }

    /// <summary>Writes a <c>sockaddr_dl</c> that names an interface by its number alone, as configd does.</summary>
    public static ReadOnlySpan<byte> WriteLink(Span<byte> into, InterfaceIndex index)
    {
        var link = into[..LinkBytes];
        link.Clear();
        link[0] = LinkBytes;
        link[1] = DarwinFamily.Link;
        MemoryMarshal.Write(link[LinkIndexAt..], (ushort)index.Value);
        return link;
    }

    /// <summary>The bytes from <paramref name="at"/> on, with zeros for those that were cut off.</summary>
    private Span<byte> Padded(int at, Span<byte> into)
    {
        into.Clear();
        if (Bytes.Length > at)
        {
            var there = Bytes[at..];
            there[..Math.Min(there.Length, into.Length)].CopyTo(into);
        }

        return into;
    }

    // fe80::/10, and multicast of interface (ff01) or link (ff02) reach: netinet6/scope6.c.
    private static bool HasEmbeddedScope(ReadOnlySpan<byte> address) =>
        (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) || (address[0] == 0xff && (address[1] & 0x0f) is 1 or 2);

    private static int LeadingOnes(byte part) => BitOperations.LeadingZeroCount(~((uint)part << 24));
}
