using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RouteGuard.Benchmarks;

/// <summary>A hundred connections of an ordinary user, each of which asks for the health once a second.</summary>
internal sealed class FloodPollers : IDisposable
{
    private const int Pollers = 100;
    private const uint Uid = 64_002;
    private const int AnswerBytesMax = 64 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A poller that waits longer gives up, and the benchmark with it.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    private static readonly byte[] Ask = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly Socket[] _sockets;

    /// <param name="socket">The daemon's.</param>
    public FloodPollers(string socket) =>
        _sockets = [.. Enumerable.Range(0, Pollers).Select(_ => Kernel.ConnectAs(Uid, socket))];

    /// <summary>Polls for some seconds; each poller has its own moment of the second.</summary>
    public async Task RunAsync(int seconds, Figures times)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            _sockets.Select((socket, at) => PollAsync(socket, begun, Period * at / Pollers, seconds, times))
        );
    }

    public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());

    private static async Task PollAsync(Socket socket, long begun, TimeSpan moment, int seconds, Figures times)
    {
        var buffer = new byte[AnswerBytesMax];
        for (var second = 0; second < seconds; second++)
        {
            var wait = moment + (Period * second) - Stopwatch.GetElapsedTime(begun);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            var askedAt = Stopwatch.GetTimestamp();
            await socket.SendAsync(Ask);
            await HearAsync(socket, buffer).WaitAsync(AnswerMax);
            var took = Stopwatch.GetElapsedTime(askedAt);
            lock (times)
            {
                times.Add(took);
            }
        }
    }

    private static async Task HearAsync(Socket socket, byte[] buffer)
    {
        for (var filled = 0; filled < buffer.Length; )
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled));
            filled += count;
            var text = Encoding.Latin1.GetString(buffer, 0, filled);
            if (count == 0 || (text.Length > 12 && !text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)))
            {
                throw new InvalidOperationException($"A poller was not answered well: {text}");
            }

            if (IsWhole(text))
            {
                return;
            }
        }

        throw new InvalidOperationException("The answer is too long.");
    }

    private static bool IsWhole(string text)
    {
        const string HeadEnd = "\r\n\r\n";
        const string Length = "Content-Length: ";
        var bodyAt = text.IndexOf(HeadEnd, StringComparison.Ordinal) + HeadEnd.Length;
        var lengthAt = text.IndexOf(Length, StringComparison.Ordinal) + Length.Length;
        return bodyAt >= HeadEnd.Length
            && (
                lengthAt < Length.Length
                    ? text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
                    : text.Length - bodyAt == int.Parse(text[lengthAt..].Split('\r')[0], CultureInfo.InvariantCulture)
            );
    }
}
