using System.Diagnostics;
using System.Net.Sockets;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>Sends a hostile request over a connection of its own, and listens until the daemon ends it.</summary>
/// <param name="path">The daemon's socket.</param>
/// <param name="who">Whose connections.</param>
internal sealed class HostileSender(string path, Person who)
{
    /// <summary>No connection on which something was sent lasts longer: the daemon gives a head 5 s, and a slow body
    /// less.</summary>
    public static readonly TimeSpan LifeMax = TimeSpan.FromSeconds(15);

    /// <summary>One on which nothing is sent is idle, and the daemon lets it be for 60 s.</summary>
    public static readonly TimeSpan IdleLifeMax = TimeSpan.FromSeconds(75);

    /// <summary>How long an answer is waited for where there may be none.</summary>
    private static readonly TimeSpan UnsureWait = TimeSpan.FromMilliseconds(25);

    private const int AnswerBytesMax = 1024 * 1024;

    private readonly byte[] _buffer = new byte[AnswerBytesMax];

    public HostileOutcome Send(HostileRequest request)
    {
        using var socket = ThreadUser.Connect(who, path);
        socket.Blocking = false;
        var life = new Life(request.Bytes.Length == 0 ? IdleLifeMax : LifeMax);
        TrySendAll(socket, request.Bytes, life);
        if (request.Ending == Ending.Abandoned)
        {
            return new(request, [], null);
        }

        var filled = 0;
        var isOver = false;
        if (request.Ending is not Ending.Held)
        {
            // The daemon may have refused before all was said: its answer is there all the same.
            var patience = request.Ending == Ending.Unsure ? new Life(UnsureWait) : life;
            while (!IsAnswered(filled) && TryReceive(socket, patience, ref filled, out isOver) && !isOver)
            {
                continue;
            }

            if (request.Ending == Ending.Answered && !isOver && !IsAnswered(filled))
            {
                return Outcome(request, filled, $"no answer came within {LifeMax.TotalSeconds:0} s");
            }

            TryEndSending(socket);
        }

        while (!isOver && filled < _buffer.Length)
        {
            if (!TryReceive(socket, life, ref filled, out isOver))
            {
                return Outcome(request, filled, "the connection was not ended in time");
            }
        }

        return Outcome(request, filled, isOver ? null : "the answer has no end");
    }

    private HostileOutcome Outcome(HostileRequest request, int filled, string? fault)
    {
        var bytes = _buffer.AsSpan(0, filled);
        var isHttp = HttpWire.TryRead(bytes, isOver: true, out var answers) || IsGoAway(request, bytes);
        return new(request, answers, fault ?? (isHttp ? null : "the answer is no HTTP"));
    }

    // Who greets in HTTP/2 is told in HTTP/2 to go away: frame type 7 of RFC 9113, section 6.8.
    private static bool IsGoAway(HostileRequest request, ReadOnlySpan<byte> answer)
    {
        const int TypeAt = 3;
        return request.Bytes.AsSpan().StartsWith("PRI * HTTP/2.0"u8) && answer.Length > TypeAt && answer[TypeAt] == 7;
    }

    // A stream of events never ends: its first lines are its answer.
    private bool IsAnswered(int filled) =>
        HttpWire.TryRead(_buffer.AsSpan(0, filled), isOver: false, out var answers)
        && answers.Any(answer =>
            answer.Status >= 200
            && (
                answer.IsWhole
                || answer.Body.StartsWith("retry: ", StringComparison.Ordinal)
                || answer.Body.StartsWith("id: ", StringComparison.Ordinal)
            )
        );

    // Whether all was taken, the answer tells.
    private static void TrySendAll(Socket socket, byte[] bytes, Life life)
    {
        for (var sent = 0; sent < bytes.Length; )
        {
            if (!socket.Poll(life.Left, SelectMode.SelectWrite))
            {
                return;
            }

            sent += socket.Send(bytes.AsSpan(sent), SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return;
            }
        }
    }

    /// <returns>False when nothing came in time.</returns>
    private bool TryReceive(Socket socket, Life life, ref int filled, out bool isOver)
    {
        isOver = false;
        if (!socket.Poll(life.Left, SelectMode.SelectRead))
        {
            return false;
        }

        var count = socket.Receive(_buffer.AsSpan(filled), SocketFlags.None, out var error);
        filled += count;
        isOver = count == 0 && error != SocketError.WouldBlock;
        return true;
    }

    private static void TryEndSending(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The daemon was faster.
            return;
        }
    }

    /// <summary>A wait that has begun.</summary>
    private sealed class Life(TimeSpan whole)
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();

        public TimeSpan Left => TimeSpan.FromTicks(Math.Max(0, (whole - _clock.Elapsed).Ticks));
    }
}
