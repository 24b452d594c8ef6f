using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace RouteGuard.Tests.Daemon;

/// <summary>A connection to the daemon's socket, byte by byte, as a hostile client has it.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public RawConnection(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    public void Send(string text) => _socket.Send(Encoding.ASCII.GetBytes(text));

    /// <summary>Sends a part again and again until the daemon has had enough.</summary>
    /// <returns>For how long it listened, and what it answered.</returns>
    public async Task<(TimeSpan Lasted, string Answer)> DribbleAsync(string part, TimeSpan pause)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = ReadToEndAsync();
        while (!answer.IsCompleted && Stopwatch.GetElapsedTime(start) < WaitMax)
        {
            try
            {
                Send(part);
            }
            catch (SocketException)
            {
                break;
            }

            await Task.WhenAny(answer, Task.Delay(pause));
        }

        return (Stopwatch.GetElapsedTime(start), await answer);
    }

    /// <summary>What comes until the daemon closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var end = new CancellationTokenSource(WaitMax);
        var text = new StringBuilder();
        var bytes = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(bytes, end.Token) is > 0 and var length)
            {
                text.Append(Encoding.UTF8.GetString(bytes, 0, length));
            }
        }
        catch (SocketException)
        {
            // Cut, which is an end too.
        }

        return text.ToString();
    }

    /// <summary>The first line that comes; empty when the connection is cut before.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var end = new CancellationTokenSource(WaitMax);
        var text = new StringBuilder();
        var one = new byte[1];
        try
        {
            while (await _socket.ReceiveAsync(one, end.Token) == 1 && one[0] != '\n')
            {
                text.Append((char)one[0]);
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            // Cut, by them or by us.
        }

        return text.ToString().TrimEnd('\r');
    }

    public void Dispose() => _socket.Dispose();
}
