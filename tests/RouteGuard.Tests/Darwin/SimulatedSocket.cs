using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>A routing socket of the simulated kernel, with its receive buffer.</summary>
internal sealed class SimulatedSocket(XnuSimulator kernel, byte protocol) : IRoutingSocket
{
    private const int BufferBytesUsual = 8192;

    // sb_max (8 MiB) less what the buffers themselves take (bsd/kern/uipc_socket2.c:sbreserve).
    private const int BufferBytesMax = (int)(8L * 1024 * 1024 * 2048 / (256 + 2048));
    private const int BufferEfficiency = 8;
    private const int SmallBufferBytes = 256;
    private const int ClusterBytes = 2048;
    private const int SmallPayloadBytes = 200;
    private const int SenderNameBytes = 2;

    private readonly Queue<(byte[] Bytes, int Cost)> _queue = new();
    private int _limitBytes = BufferBytesUsual;
    private int _usedBytes;
    private int _usedCost;

    public byte Protocol { get; private set; } = protocol;

    /// <summary>The user of the process; it counts when the socket is opened, and no more.</summary>
    public int UserId { get; set; }

    /// <summary>Opened as root; what the process becomes later does not matter.</summary>
    public bool IsRoot { get; private set; } = true;

    public int ReceiveBufferBytes => _limitBytes;

    public int ProcessId { get; set; } = XnuSimulator.UsualProcessId;

    /// <summary>SO_USELOOPBACK.</summary>
    public bool HearsItself { get; private set; } = true;

    /// <summary>Its process does not read for now, so that the buffer fills; for who reads on its behalf.</summary>
    public bool IsPaused { get; set; }

    public int Waiting => _queue.Count;

    public int Write(ReadOnlySpan<byte> request) => kernel.Handle(this, request);

    public bool TryRead(Span<byte> into, out int lengthBytes)
    {
        lengthBytes = 0;
        if (!_queue.TryDequeue(out var message))
        {
            return false;
        }

        _usedBytes -= message.Bytes.Length + SenderNameBytes;
        _usedCost -= message.Cost;
        lengthBytes = Math.Min(into.Length, message.Bytes.Length);
        message.Bytes.AsSpan(0, lengthBytes).CopyTo(into);
        return true;
    }

    public int SetReceiveBuffer(int bytes)
    {
        if (bytes > BufferBytesMax)
        {
            return DarwinErrno.NoBuffers;
        }

        _limitBytes = bytes;
        return 0;
    }

    public void SetUseLoopback(bool isOn) => HearsItself = isOn;

    /// <summary>Closes the socket and opens another as the user of now.</summary>
    public void Reopen(byte protocol)
    {
        (Protocol, IsRoot, HearsItself) = (protocol, UserId == 0, true);
        _queue.Clear();
        (_usedBytes, _usedCost, _limitBytes) = (0, 0, BufferBytesUsual);
    }

    /// <summary>Appends a message if there is room; else it is lost without a sign.</summary>
    public void Deliver(byte[] message, bool isFromUser)
    {
        var hasCluster = isFromUser || message.Length > SmallPayloadBytes;
        var cost = (2 * SmallBufferBytes) + (hasCluster ? ClusterBytes : 0);
        var costMax = (int)Math.Min((long)_limitBytes * BufferEfficiency, 8L * 1024 * 1024);
        var need = message.Length + SenderNameBytes;
        if (need > Math.Min(_limitBytes - _usedBytes, costMax - _usedCost))
        {
            return;
        }

        _queue.Enqueue(([.. message], cost));
        _usedBytes += need;
        _usedCost += cost;
    }

    public void Dispose() => kernel.Close(this);
}
