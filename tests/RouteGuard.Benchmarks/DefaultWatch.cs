using System.Buffers.Binary;
using System.Diagnostics;

namespace RouteGuard.Benchmarks;

/// <summary>
/// Sees the moment when a default route by one interface comes into the main table: the same observer for both sides.
/// </summary>
internal sealed class DefaultWatch : IDisposable
{
    private const uint GroupIpv4Route = 0x40;
    private const ushort NewRoute = 24;
    private const ushort AttributeOutputInterface = 4;
    private const int HeaderBytes = 16;
    private const int RouteBytes = 12;
    private const byte FamilyInet = 2;
    private const byte TableMain = 254;

    /// <summary>A run whose default is not back by then has failed.</summary>
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(5);

    private readonly int _device;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _seen = new();
    private readonly int _socket = Kernel.OpenNetlink(GroupIpv4Route, TimeSpan.FromSeconds(1));
    private long _seenAt;
    private volatile bool _isArmed;
    private volatile bool _isOver;

    public DefaultWatch(int device)
    {
        _device = device;
        _thread = new(Watch) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>From now on the next one counts.</summary>
    public void Arm()
    {
        _seen.Reset();
        _isArmed = true;
    }

    /// <summary>The timestamp at which it was seen.</summary>
    /// <exception cref="TimeoutException">It never came.</exception>
    public long WaitSeen() =>
        _seen.Wait(BackWithin) ? _seenAt : throw new TimeoutException($"The default was not back within {BackWithin}.");

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        _seen.Dispose();
    }

    private void Watch()
    {
        var buffer = new byte[64 * 1024];
        while (!_isOver)
        {
            var bytes = Kernel.Receive(_socket, buffer);
            var now = Stopwatch.GetTimestamp();
            if (_isArmed && HasDefault(buffer.AsSpan(0, bytes)))
            {
                _isArmed = false;
                _seenAt = now;
                _seen.Set();
            }
        }
    }

    private bool HasDefault(ReadOnlySpan<byte> messages)
    {
        while (messages.Length >= HeaderBytes + RouteBytes)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);
            if (type == NewRoute && IsDefault(messages[HeaderBytes..length]))
            {
                return true;
            }

            messages = messages[Math.Min(Align(length), messages.Length)..];
        }

        return false;
    }

    // struct rtmsg: family, dst_len, src_len, tos, table, …
    private bool IsDefault(ReadOnlySpan<byte> body) =>
        body[0] == FamilyInet && body[1] == 0 && body[4] == TableMain && LeavesByDevice(body[RouteBytes..]);

    private bool LeavesByDevice(ReadOnlySpan<byte> attributes)
    {
        while (attributes.Length >= 8)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == AttributeOutputInterface)
            {
                return BinaryPrimitives.ReadInt32LittleEndian(attributes[4..]) == _device;
            }

            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }

        return false;
    }

    private static int Align(int length) => Math.Max(4, (length + 3) & ~3);
}
