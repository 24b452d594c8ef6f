using System.Buffers.Binary;
using System.IO.Compression;

namespace RouteGuard.Tests.Report;

/// <summary>A picture as a browser writes it: 8 bits a channel, RGB or RGBA, not interlaced (RFC 2083).</summary>
internal sealed class PngImage
{
    private const int SignatureBytes = 8;
    private const int PixelsMax = 40_000_000;

    private readonly byte[] _pixels;
    private readonly int _channels;

    private PngImage(int width, int height, int channels, byte[] pixels)
    {
        (Width, Height, _channels, _pixels) = (width, height, channels, pixels);
    }

    public int Width { get; }

    public int Height { get; }

    public (byte Red, byte Green, byte Blue) this[int x, int y]
    {
        get
        {
            var at = ((y * Width) + x) * _channels;
            return (_pixels[at], _pixels[at + 1], _pixels[at + 2]);
        }
    }

    public static PngImage Read(byte[] file)
    {
        using var packed = new MemoryStream();
        var (width, height, channels) = (0, 0, 0);
        for (var at = SignatureBytes; at < file.Length; )
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var type = file.AsSpan(at + 4, 4);
            var body = file.AsSpan(at + 8, length);
            if (type.SequenceEqual("IHDR"u8))
            {
                width = BinaryPrimitives.ReadInt32BigEndian(body);
                height = BinaryPrimitives.ReadInt32BigEndian(body[4..]);
                channels = (body[8], body[9], body[12]) switch
                {
                    (8, 2, 0) => 3,
                    (8, 6, 0) => 4,
                    _ => throw new FormatException("This is no picture of 8 bits a channel."),
                };
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                packed.Write(body);
            }

            at += length + 12;
        }

        Assert.InRange((long)width * height, 1, PixelsMax);
        packed.Position = 0;
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        return new(width, height, channels, Unfilter(unpacked, width * channels, height, channels));
    }

    // Each row says by its first byte from which neighbours it was predicted.
    private static byte[] Unfilter(Stream rows, int rowBytes, int height, int channels)
    {
        var pixels = new byte[rowBytes * height];
        var before = new byte[rowBytes];
        for (var y = 0; y < height; y++)
        {
            var filter = rows.ReadByte();
            var row = pixels.AsSpan(y * rowBytes, rowBytes);
            rows.ReadExactly(row);
            for (var x = 0; x < rowBytes; x++)
            {
                var left = x < channels ? 0 : row[x - channels];
                var up = before[x];
                var corner = x < channels ? 0 : before[x - channels];
                row[x] += filter switch
                {
                    0 => 0,
                    1 => (byte)left,
                    2 => up,
                    3 => (byte)((left + up) / 2),
                    4 => (byte)Paeth(left, up, corner),
                    _ => throw new FormatException($"Row {y} has an unknown filter."),
                };
            }

            row.CopyTo(before);
        }

        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left
            : toUp <= toCorner ? up
            : corner;
    }
}
