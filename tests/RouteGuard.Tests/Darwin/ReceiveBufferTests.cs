using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>The receive buffer of a routing socket drops silently, at the very numbers that were captured (20, 20b,
/// 24).</summary>
public class ReceiveBufferTests
{
    [Theory]
    [InlineData(0, 400, 26)]
    [InlineData(4096, 60, 13)]
    [InlineData(256 * 1024, 2000, 820)]
    [InlineData(1024 * 1024, 2000, 2000)]
    public void So_many_messages_of_124_bytes_fit(int bufferBytes, int sent, int kept)
    {
        var kernel = new XnuSimulator();
        using var writer = kernel.Open(0);
        using var listener = kernel.Open(0);
        Assert.Equal(0, bufferBytes == 0 ? 0 : listener.SetReceiveBuffer(bufferBytes));
        var requests = new RouteRequests();
        for (var number = 0; number < sent; number++)
        {
            var host = IpAddress.V4(0xcb007100u + (uint)number);
            Assert.True(requests.TryAdd(HostVia(host), number, out var request, out var why), why);
            Assert.Equal(124, request.Length);
            Assert.Equal(0, writer.Write(request));
        }

        Assert.Equal(kept, listener.Waiting);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(7_000_000, 0)]
    [InlineData(8 * 1024 * 1024, DarwinErrno.NoBuffers)]
    public void A_buffer_of_this_size_is_given_or_not(int bytes, int errno)
    {
        using var socket = new XnuSimulator().Open(0);
        Assert.Equal(errno, socket.SetReceiveBuffer(bytes));
    }

    [Fact]
    public void A_short_read_loses_the_rest_of_its_message()
    {
        var kernel = new XnuSimulator();
        using var socket = kernel.Open(0);
        Assert.True(new RouteRequests().TryAdd(HostVia(IpAddress.Parse("203.0.113.1")), 1, out var request, out _));
        socket.Write(request);
        Assert.True(socket.TryRead(new byte[50], out var length));
        Assert.Equal(50, length);
        Assert.False(socket.TryRead(new byte[50], out _));
    }

    private static Route HostVia(IpAddress host) =>
        new()
        {
            Destination = Prefix.Host(host),
            NextHop = new NextHop.Via(IpAddress.Parse("192.168.1.1"), InterfaceIndex.None),
            IsHostEntry = true,
        };
}
