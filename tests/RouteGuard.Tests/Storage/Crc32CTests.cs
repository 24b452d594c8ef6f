using RouteGuard.Platform.Storage;

namespace RouteGuard.Tests.Storage;

public sealed class Crc32CTests
{
    // The check value of the catalogue of parametrised CRC algorithms, and the examples of RFC 3720 appendix B.4.
    [Fact]
    public void The_known_checksums_come_out()
    {
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Of(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(at => (byte)at)]));
    }

    [Fact]
    public void Bytes_may_come_in_pieces_of_any_length()
    {
        byte[] bytes = [.. Enumerable.Range(0, 99).Select(at => (byte)(at * 7))];
        for (var at = 0; at <= bytes.Length; at++)
        {
            Assert.Equal(
                Crc32C.Of(bytes),
                ~Crc32C.Update(Crc32C.Update(Crc32C.Start, bytes.AsSpan(0, at)), bytes.AsSpan(at))
            );
        }
    }
}
