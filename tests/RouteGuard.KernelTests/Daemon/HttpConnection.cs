using System.Net.Sockets;
using System.Text;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>A connection to the daemon that stays open from one request to the next.</summary>
/// <param name="who">Whose it is.</param>
/// <param name="path">The daemon's socket.</param>
internal sealed class HttpConnection(Person who, string path) : IDisposable
{
    private const int AnswerBytesMax = 64 * 1024;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = ThreadUser.Connect(who, path);

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="request">Method and target.</param>
    public WireAnswer Send(string request)
    {
        Ask(request);
        return Hear();
    }

    public void Ask(string request) =>
        _socket.Send(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: localhost\r\n\r\n"));

    /// <summary>The whole answer to what was asked last.</summary>
    public WireAnswer Hear()
    {
        var buffer = new byte[AnswerBytesMax];
        for (var filled = 0; filled < buffer.Length; )
        {
            Assert.True(_socket.Poll(AnswerMax, SelectMode.SelectRead), $"{who.Name} heard nothing for {AnswerMax}.");
            var count = _socket.Receive(buffer.AsSpan(filled));
            filled += count;
            Assert.True(HttpWire.TryRead(buffer.AsSpan(0, filled), count == 0, out var answers), "That is no HTTP.");
            if (answers is [{ IsWhole: true } only])
            {
                return only;
            }

            Assert.True(count > 0, $"The connection of {who.Name} was ended.");
        }

        throw new InvalidOperationException($"More than {buffer.Length} bytes.");
    }

    public void Dispose() => _socket.Dispose();
}
