using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>A connection to a service that fronts a Darwin kernel, and the one routing socket that it owns.</summary>
/// <remarks>
/// One packet is one message. Requests are answered in order; what the routing socket got is pushed between them:
/// 'W' → 'w', 'S' → 's', 'C' → 'c', pushed 'E'. Numbers are little endian.
/// A kernel has put its echo of a request into the socket when write(2) returns, and callers rely on it; a pushed echo may
/// come later than the answer, so a write waits for it.
/// </remarks>
internal sealed class XnuSocketConnection : IRoutingSocket
{
    /// <summary>No answer takes longer, or the service is gone.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    /// <summary>How long an echo may come behind the answer. None comes at all when the buffer is full.</summary>
    private static readonly TimeSpan EchoMax = TimeSpan.FromMilliseconds(500);

    private const int PacketBytesMax = 1 << 20;

    /// <summary>rtm_seq, by which an echo is known.</summary>
    private const int SequenceAt = 20;
    private const int SequenceBytes = 4;

    /// <summary>Pushed messages that are kept; a kernel's own buffer holds fewer.</summary>
    private const int PushedMax = 65_536;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly byte[] _packet = new byte[PacketBytesMax];
    private readonly Queue<byte[]> _pushed = new();
    private bool _isPaused;
    private bool _hearsItself = true;

    public XnuSocketConnection(string path)
    {
        _socket.ReceiveTimeout = (int)AnswerMax.TotalMilliseconds;
        _socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    public int Write(ReadOnlySpan<byte> request)
    {
        _socket.Send([(byte)'W', .. request]);
        var errno = BinaryPrimitives.ReadInt32LittleEndian(Answer('w'));
        if (_hearsItself && !_isPaused && request.Length >= SequenceAt + SequenceBytes)
        {
            WaitForEcho(request.Slice(SequenceAt, SequenceBytes).ToArray());
        }

        return errno;
    }

    public int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes)
    {
        var request = new byte[1 + 4 + (name.Length * 4) + 8];
        request[0] = (byte)'S';
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(1), name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(5 + (at * 4)), name[at]);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(5 + (name.Length * 4)), (ulong)into.Length);
        _socket.Send(request);
        var answer = Answer('s');
        var errno = BinaryPrimitives.ReadInt32LittleEndian(answer);
        lengthBytes = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(answer[4..]), int.MaxValue);
        if (errno == DarwinErrno.None && into.Length > 0)
        {
            answer[12..].CopyTo(into);
        }

        return errno;
    }

    /// <summary>Runs a command.</summary>
    /// <returns>Its errno and its text.</returns>
    public (int Errno, string Text) Command(string text)
    {
        _socket.Send([(byte)'C', .. Encoding.ASCII.GetBytes(text)]);
        var answer = Answer('c');
        var errno = BinaryPrimitives.ReadInt32LittleEndian(answer);
        if (errno == DarwinErrno.None)
        {
            _isPaused = text == "pause" || (_isPaused && text != "resume");
            _hearsItself = text == "useloopback 1" || (_hearsItself && text != "useloopback 0");
        }

        return (errno, Encoding.ASCII.GetString(answer[4..]).TrimEnd('\0', '\n'));
    }

    /// <summary>True when a pushed message is there, waiting for one at most this long.</summary>
    public bool WaitReadable(TimeSpan timeout)
    {
        if (_pushed.Count == 0 && _socket.Poll(timeout, SelectMode.SelectRead))
        {
            TakePushed();
        }

        return _pushed.Count > 0;
    }

    public bool TryRead(Span<byte> into, out int lengthBytes)
    {
        lengthBytes = 0;
        if (!WaitReadable(TimeSpan.Zero))
        {
            return false;
        }

        var message = _pushed.Dequeue();
        lengthBytes = Math.Min(message.Length, into.Length);
        message.AsSpan(0, lengthBytes).CopyTo(into);
        return true;
    }

    public int SetReceiveBuffer(int bytes) => Command($"rcvbuf {bytes}").Errno;

    public void SetUseLoopback(bool isOn) => Command($"useloopback {(isOn ? 1 : 0)}");

    public void Dispose() => _socket.Dispose();

    private ReadOnlySpan<byte> Answer(char kind)
    {
        for (var pushed = 0; pushed <= PushedMax; pushed++)
        {
            var packet = Receive();
            if (packet[0] == kind)
            {
                return packet[1..];
            }

            Keep(packet);
        }

        throw new InvalidOperationException("The service only pushes, and answers nothing.");
    }

    private void WaitForEcho(byte[] sequence)
    {
        bool IsEcho(byte[] message) =>
            message.Length >= SequenceAt + SequenceBytes
            && message.AsSpan(SequenceAt, SequenceBytes).SequenceEqual(sequence);
        var clock = Stopwatch.StartNew();
        while (!_pushed.Any(IsEcho) && EchoMax - clock.Elapsed is var left && left > TimeSpan.Zero)
        {
            if (_socket.Poll(left, SelectMode.SelectRead))
            {
                TakePushed();
            }
        }
    }

    private void TakePushed()
    {
        while (_pushed.Count < PushedMax && _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            Keep(Receive());
        }
    }

    private void Keep(ReadOnlySpan<byte> packet)
    {
        Assert.Equal((byte)'E', packet[0]);
        if (_pushed.Count < PushedMax)
        {
            _pushed.Enqueue(packet[1..].ToArray());
        }
    }

    private ReadOnlySpan<byte> Receive()
    {
        var length = _socket.Receive(_packet);
        return length > 0
            ? _packet.AsSpan(0, length)
            : throw new InvalidOperationException("The service closed the connection.");
    }
}
