using System.Buffers.Binary;
using System.Diagnostics;

namespace RouteGuard.Benchmarks;

/// <summary>
/// Deletes a host route of the main table as a foreign program does, and times when it is there again: the same
/// observer for both sides.
/// </summary>
/// <remarks>Source: rtnetlink(7).</remarks>
internal sealed class RouteWatch
{
    private const uint GroupIpv4Route = 0x40;
    private const ushort NewRoute = 24;
    private const ushort DeleteRoute = 25;
    private const ushort Request = 1;
    private const ushort AttributeDestination = 1;
    private const int HeaderBytes = 16;
    private const int RouteBytes = 12;
    private const int DeleteBytes = HeaderBytes + RouteBytes + 8;
    private const byte FamilyInet = 2;
    private const byte HostLength = 32;
    private const byte TableMain = 254;

    /// <summary>RT_SCOPE_NOWHERE: any scope will do.</summary>
    private const byte AnyScope = 255;

    /// <summary>A run whose route is not back by then has failed.</summary>
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(5);

    private readonly int _hearing = Kernel.OpenNetlink(GroupIpv4Route, TimeSpan.FromSeconds(1));
    private readonly int _writing = Kernel.OpenNetlink(0, TimeSpan.FromSeconds(1));
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>From just before the deletion is sent until the kernel announces the route anew.</summary>
    /// <param name="address">Of the host route, in network order as four bytes.</param>
    /// <exception cref="TimeoutException">It never came.</exception>
    public TimeSpan DeleteAndWait(ReadOnlySpan<byte> address)
    {
        Span<byte> message = stackalloc byte[DeleteBytes];
        Write(message, address);
        var sentAt = Stopwatch.GetTimestamp();
        Kernel.Send(_writing, message);
        while (Stopwatch.GetElapsedTime(sentAt) < BackWithin)
        {
            var bytes = Kernel.Receive(_hearing, _buffer);
            var took = Stopwatch.GetElapsedTime(sentAt);
            if (IsThere(_buffer.AsSpan(0, bytes), address))
            {
                return took;
            }
        }

        throw new TimeoutException($"The route was not back within {BackWithin}.");
    }

    private static void Write(Span<byte> message, ReadOnlySpan<byte> address)
    {
        message.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(message, DeleteBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], DeleteRoute);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], Request);
        var body = message[HeaderBytes..];
        (body[0], body[1], body[4], body[6]) = (FamilyInet, HostLength, TableMain, AnyScope);
        BinaryPrimitives.WriteUInt16LittleEndian(body[RouteBytes..], 8);
        BinaryPrimitives.WriteUInt16LittleEndian(body[(RouteBytes + 2)..], AttributeDestination);
        address.CopyTo(body[(RouteBytes + 4)..]);
    }

    private static bool IsThere(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> address)
    {
        while (messages.Length >= HeaderBytes + RouteBytes)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);
            var body = messages[HeaderBytes..length];
            if (
                type == NewRoute
                && body[1] == HostLength
                && body[4] == TableMain
                && LeadsTo(address, body[RouteBytes..])
            )
            {
                return true;
            }

            messages = messages[Math.Min((length + 3) & ~3, messages.Length)..];
        }

        return false;
    }

    private static bool LeadsTo(ReadOnlySpan<byte> address, ReadOnlySpan<byte> attributes)
    {
        while (attributes.Length >= 8)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == AttributeDestination)
            {
                return attributes[4..].StartsWith(address);
            }

            attributes = attributes[Math.Min(Math.Max(4, (length + 3) & ~3), attributes.Length)..];
        }

        return false;
    }
}
