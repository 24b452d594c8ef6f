using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Recording;

/// <summary>Other addresses for all addresses, under a key: the same always for the same, and no two for one.</summary>
/// <remarks>
/// Two addresses that share exactly n leading bits get two that share exactly n, so that what was on-link is on-link
/// and the longest match is the longest. Bit i is turned or not by what the bits before it are, enciphered (the idea of
/// Crypto-PAn: Xu, Fan, Ammar, Moon 2002). The bits that make the class stay (<see cref="AddressClasses"/>); the first
/// one after them is always turned, so that no address that is longer than its class stays itself. For one thread.
/// </remarks>
public sealed class Pseudonyms : IDisposable
{
    public const int KeyBytes = 16;

    /// <summary>Addresses that are remembered; a full memory is emptied and nothing but time is lost.</summary>
    private const int RememberedMax = 65_536;

    private const int BlockBytes = 16;
    private const int MacBytes = 6;

    /// <summary>Rounds of the permutation of layer 2 addresses; eight of them leave nothing to see.</summary>
    private const int Rounds = 8;

    /// <summary>The permutation is walked on from a value that must not come out. There are two of them.</summary>
    private const int WalksMax = 3;

    private const int HalfBits = 23;
    private const uint HalfMask = (1u << HalfBits) - 1;

    private readonly Aes _cipher = Aes.Create();
    private readonly byte[] _padV4 = new byte[BlockBytes];
    private readonly byte[] _padV6 = new byte[BlockBytes];
    private readonly Dictionary<IpAddress, IpAddress> _known = [];

    /// <param name="key">At random, and thrown away with this object.</param>
    public Pseudonyms(ReadOnlySpan<byte> key)
    {
        _cipher.SetKey(key);
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        block[0] = 4;
        Encipher(block, _padV4);
        block[0] = 6;
        Encipher(block, _padV6);
    }

    /// <summary>A key that nobody knows.</summary>
    public static Pseudonyms WithRandomKey()
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        var made = new Pseudonyms(key);
        CryptographicOperations.ZeroMemory(key);
        return made;
    }

    public IpAddress Of(IpAddress address)
    {
        if (AddressClasses.IsTold(address))
        {
            return address;
        }

        if (!_known.TryGetValue(address, out var other))
        {
            if (_known.Count == RememberedMax)
            {
                _known.Clear();
            }

            other = Make(address);
            _known.Add(address, other);
        }

        return other;
    }

    /// <summary>The network that holds the pseudonyms of the network's addresses, and no others.</summary>
    public Prefix Of(Prefix prefix) =>
        Prefix.TryCreate(Of(prefix.Address).Masked(prefix.Length), prefix.Length, out var other) ? other : prefix;

    /// <summary>Our own address keeps its host bits, whatever they are.</summary>
    public InterfaceAddress Of(InterfaceAddress own) => own with { Address = Of(own.Address) };

    /// <summary>Replaces a layer 2 address where it stands; that of a tunnel may be an IP address.</summary>
    /// <remarks>
    /// Six bytes: the bits for group and local addresses stay, the other 46 are permuted. Other lengths get bytes that
    /// depend on all of theirs. Zeros and the broadcast address stay.
    /// </remarks>
    public void ReplaceLayer2(Span<byte> address)
    {
        if (!address.ContainsAnyExcept((byte)0) || !address.ContainsAnyExcept((byte)0xff))
        {
            return;
        }

        if (IpAddress.TryFromBytes(address, out var tunnelEnd))
        {
            Of(tunnelEnd).WriteBytes(address);
        }
        else if (address.Length == MacBytes)
        {
            ReplaceMac(address);
        }
        else
        {
            ReplaceBytes(address);
        }
    }

    /// <summary>The same for text: hex digits in pairs with colons. Other text stays.</summary>
    public string OfLayer2(string text)
    {
        var pairs = text.Split(':');
        if (text.Length == 0 || !Array.TrueForAll(pairs, IsPair))
        {
            return text;
        }

        var bytes = Convert.FromHexString(string.Concat(pairs));
        ReplaceLayer2(bytes);
        return string.Join(':', bytes.Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _cipher.Dispose();

    private static bool IsPair(string pair) => pair.Length == 2 && pair.All(char.IsAsciiHexDigit);

    private IpAddress Make(IpAddress address)
    {
        var kept = AddressClasses.KeptBits(address);
        var width = address.BitLength;
        if (kept >= width)
        {
            return address;
        }

        // A block a bit: the bits before it, and a secret behind them.
        var number = address.Number << (128 - width);
        var pad = BinaryPrimitives.ReadUInt128BigEndian(address.Family == IpFamily.V4 ? _padV4 : _padV6);
        Span<byte> blocks = stackalloc byte[128 * BlockBytes];
        Span<byte> enciphered = stackalloc byte[128 * BlockBytes];
        for (var bit = kept; bit < width; bit++)
        {
            var mask = bit == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - bit);
            var block = (number & mask) | (pad & ~mask);
            BinaryPrimitives.WriteUInt128BigEndian(blocks[((bit - kept) * BlockBytes)..], block);
        }

        var lengthBytes = (width - kept) * BlockBytes;
        Encipher(blocks[..lengthBytes], enciphered);
        var turned = UInt128.Zero;
        for (var bit = kept; bit < width; bit++)
        {
            var isTurned = bit == kept || (enciphered[(bit - kept) * BlockBytes] & 1) != 0;
            turned |= isTurned ? UInt128.One << (width - 1 - bit) : UInt128.Zero;
        }

        return IpAddress.FromNumber(address.Family, address.Number ^ turned);
    }

    private void ReplaceMac(Span<byte> mac)
    {
        const int KindBits = 3;
        var kind = (byte)(mac[0] & KindBits);
        for (var walk = 0; walk < WalksMax; walk++)
        {
            var number =
                ((ulong)(mac[0] >> 2) << 40) | ((ulong)mac[1] << 32) | BinaryPrimitives.ReadUInt32BigEndian(mac[2..]);
            number = Permute(number);
            mac[0] = (byte)((byte)(number >> 40 << 2) | kind);
            mac[1] = (byte)(number >> 32);
            BinaryPrimitives.WriteUInt32BigEndian(mac[2..], (uint)number);
            if (mac.ContainsAnyExcept((byte)0) && mac.ContainsAnyExcept((byte)0xff))
            {
                return;
            }
        }
    }

    // A balanced Feistel network: whatever the round does, it can be undone, so no two values become one.
    private ulong Permute(ulong number)
    {
        var (left, right) = ((uint)(number >> HalfBits), (uint)number & HalfMask);
        Span<byte> block = stackalloc byte[BlockBytes];
        Span<byte> enciphered = stackalloc byte[BlockBytes];
        for (byte round = 0; round < Rounds; round++)
        {
            block.Clear();
            block[0] = MacBytes + 1;
            block[1] = round;
            BinaryPrimitives.WriteUInt32BigEndian(block[2..], right);
            Encipher(block, enciphered);
            (left, right) = (right, left ^ (BinaryPrimitives.ReadUInt32BigEndian(enciphered) & HalfMask));
        }

        return ((ulong)left << HalfBits) | right;
    }

    private void ReplaceBytes(Span<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_padV6, bytes, digest);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] = digest[at % digest.Length];
        }
    }

    private void Encipher(ReadOnlySpan<byte> blocks, Span<byte> into) =>
        _cipher.EncryptEcb(blocks, into, PaddingMode.None);
}
