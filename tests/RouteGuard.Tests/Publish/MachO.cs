using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RouteGuard.Tests.Publish;

/// <summary>What a 64-bit Mach-O file says of itself (mach-o/loader.h, kern/cs_blobs.h).</summary>
internal sealed class MachO
{
    public const uint CpuArm64 = 0x0100000c;
    public const uint CpuX64 = 0x01000007;
    public const uint Executable = 2;
    public const uint MacOS = 1;
    public const uint AdHoc = 0x2;
    public const byte Sha256 = 2;

    private const uint Magic = 0xfeedfacf;
    private const int HeaderBytes = 32;
    private const int CommandBytesMin = 8;
    private const int CommandsMax = 1000;
    private const uint LC_SEGMENT_64 = 0x19;
    private const uint LC_CODE_SIGNATURE = 0x1d;
    private const uint LC_BUILD_VERSION = 0x32;

    private const uint SuperBlobMagic = 0xfade0cc0;
    private const uint CodeDirectoryMagic = 0xfade0c02;
    private const int BlobsMax = 16;

    private readonly ReadOnlyMemory<byte> _file;

    private MachO(ReadOnlyMemory<byte> file) => _file = file;

    public uint Cpu { get; private set; }

    public uint CpuVariant { get; private set; }

    public uint Kind { get; private set; }

    public uint Platform { get; private set; }

    /// <summary>The oldest system it runs on, such as 12.0.</summary>
    public Version OldestSystem { get; private set; } = new();

    /// <summary>Where the signature begins and how long it is; 0 when there is none.</summary>
    public (int At, int LengthBytes) Signature { get; private set; }

    /// <summary>Where the last segment, which holds the signature, ends.</summary>
    public long LinkEditEnd { get; private set; }

    public CodeDirectory? Directory { get; private set; }

    public static bool IsMachO(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= sizeof(uint)
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            is Magic
                or 0xfeedface // 32 bits
                or 0xbebafeca // several processors in one file
                or 0xbfbafeca;

    /// <exception cref="InvalidDataException">No such file, or one that ends too early.</exception>
    public static MachO Read(ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span;
        if (bytes.Length < HeaderBytes || Little(bytes, 0) != Magic)
        {
            throw new InvalidDataException("no 64-bit Mach-O file");
        }

        var read = new MachO(file)
        {
            Cpu = Little(bytes, 4),
            CpuVariant = Little(bytes, 8),
            Kind = Little(bytes, 12),
        };
        var count = Little(bytes, 16);
        var at = HeaderBytes;
        for (var command = 0; command < Math.Min(count, CommandsMax); command++)
        {
            var lengthBytes = (int)Little(bytes, at + 4);
            if (lengthBytes < CommandBytesMin)
            {
                throw new InvalidDataException($"load command {command} is {lengthBytes} bytes long");
            }

            read.Take(Little(bytes, at), at);
            at += lengthBytes;
        }

        if (read.Signature.LengthBytes > 0)
        {
            read.Directory = read.ReadDirectory();
        }

        return read;
    }

    /// <summary>Hashes every page of the file anew.</summary>
    /// <returns>The numbers of the pages that the signature does not fit.</returns>
    public IReadOnlyList<int> WrongPages()
    {
        var directory = Directory ?? throw new InvalidDataException("not signed");
        var wrong = new List<int>();
        for (var page = 0; page < directory.Pages; page++)
        {
            var start = page * directory.PageBytes;
            var bytes = _file.Span[start..Math.Min(start + directory.PageBytes, directory.CodeLimit)];
            var told = _file.Span.Slice(directory.HashesAt + (page * SHA256.HashSizeInBytes), SHA256.HashSizeInBytes);
            if (!told.SequenceEqual(SHA256.HashData(bytes)))
            {
                wrong.Add(page);
            }
        }

        return wrong;
    }

    private void Take(uint command, int at)
    {
        var bytes = _file.Span;
        switch (command)
        {
            case LC_SEGMENT_64 when Encoding.ASCII.GetString(bytes.Slice(at + 8, 16)).TrimEnd('\0') == "__LINKEDIT":
                LinkEditEnd =
                    BinaryPrimitives.ReadInt64LittleEndian(bytes[(at + 40)..])
                    + BinaryPrimitives.ReadInt64LittleEndian(bytes[(at + 48)..]);
                break;
            case LC_CODE_SIGNATURE:
                Signature = ((int)Little(bytes, at + 8), (int)Little(bytes, at + 12));
                break;
            case LC_BUILD_VERSION:
                Platform = Little(bytes, at + 8);
                var oldest = Little(bytes, at + 12);
                OldestSystem = new((int)(oldest >> 16), (int)((oldest >> 8) & 0xff));
                break;
            default:
                break;
        }
    }

    private CodeDirectory? ReadDirectory()
    {
        var bytes = _file.Span;
        var start = Signature.At;
        if (Big(bytes, start) != SuperBlobMagic)
        {
            throw new InvalidDataException("LC_CODE_SIGNATURE does not lead to a signature");
        }

        var count = Math.Min(Big(bytes, start + 8), BlobsMax);
        for (var blob = 0; blob < count; blob++)
        {
            var at = start + (int)Big(bytes, start + 12 + (blob * 8) + 4);
            if (Big(bytes, at) == CodeDirectoryMagic)
            {
                return new(
                    Flags: Big(bytes, at + 12),
                    HashesAt: at + (int)Big(bytes, at + 16),
                    Identifier: Text(bytes[(at + (int)Big(bytes, at + 20))..]),
                    Pages: (int)Big(bytes, at + 28),
                    CodeLimit: (int)Big(bytes, at + 32),
                    HashBytes: bytes[at + 36],
                    HashKind: bytes[at + 37],
                    PageBytes: 1 << bytes[at + 39]
                );
            }
        }

        return null;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);

    private static uint Little(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static uint Big(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    /// <summary>What is signed, and how (kern/cs_blobs.h CS_CodeDirectory).</summary>
    /// <param name="Flags">CS_ADHOC and others.</param>
    /// <param name="HashesAt">Where the hash of the first page stands in the file.</param>
    /// <param name="Identifier">The name it is signed under.</param>
    /// <param name="Pages">How many hashes there are.</param>
    /// <param name="CodeLimit">Where what is signed ends.</param>
    /// <param name="HashBytes">The length of a hash.</param>
    /// <param name="HashKind">CS_HASHTYPE_SHA256 is 2.</param>
    /// <param name="PageBytes">Bytes that one hash is of.</param>
    internal sealed record CodeDirectory(
        uint Flags,
        int HashesAt,
        string Identifier,
        int Pages,
        int CodeLimit,
        byte HashBytes,
        byte HashKind,
        int PageBytes
    );
}
