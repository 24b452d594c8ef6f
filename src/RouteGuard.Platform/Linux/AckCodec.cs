using System.Runtime.InteropServices;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>The kernel's answer to a request, or the end of a dump.</summary>
/// <param name="Errno">0 when all went well.</param>
/// <param name="Message">The kernel's own sentence (NLMSGERR_ATTR_MSG), or null.</param>
/// <param name="AttributeOffsetBytes">
/// Where in the request the attribute is that it does not like (NLMSGERR_ATTR_OFFS), or null.
/// </param>
public readonly record struct Ack(int Errno, string? Message, uint? AttributeOffsetBytes)
{
    public bool IsDone => Errno == 0;
}

/// <summary>NLMSG_ERROR and NLMSG_DONE with extended ack. Total.</summary>
/// <remarks>
/// Sources: linux/netlink.h <c>struct nlmsgerr</c>; net/netlink/af_netlink.c:netlink_ack and netlink_dump_done.
/// </remarks>
public static class AckCodec
{
    /// <summary>MAX_ERRNO (linux/err.h).</summary>
    public const int ErrnoMax = 4095;

    /// <summary>Decodes the body of NLMSG_ERROR.</summary>
    /// <param name="flags">
    /// nlmsg_flags of the answer: they say whether the request is repeated whole, and whether attributes follow.
    /// </param>
    /// <param name="body">The errno, the request or its header, attributes.</param>
    /// <param name="ack">The answer when it could be read.</param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    public static bool TryDecodeError(ushort flags, ReadOnlySpan<byte> body, out Ack ack, out WireFault fault)
    {
        ack = default;
        var reader = new WireReader(body);
        if (!TryReadErrno(ref reader, out var errno, out fault))
        {
            return false;
        }

        var at = reader.OffsetBytes;
        if (!reader.TryRead(out NetlinkHeader request))
        {
            fault = new("nlmsgerr.msg", at, "is cut off");
            return false;
        }

        if (
            (flags & NetlinkFlags.Capped) == 0
            && (
                request.LengthBytes > int.MaxValue
                || !reader.TrySkip((int)request.LengthBytes - NetlinkWriter.MessageHeaderBytes)
            )
        )
        {
            fault = new("nlmsgerr.msg", at, "is shorter than its header or longer than what is left");
            return false;
        }

        reader.Align4();
        return TryReadExtended(flags, body, reader.OffsetBytes, errno, out ack, out fault);
    }

    /// <summary>Decodes the body of NLMSG_DONE: a dump can fail at its end.</summary>
    public static bool TryDecodeDone(ushort flags, ReadOnlySpan<byte> body, out Ack ack, out WireFault fault)
    {
        ack = default;
        fault = default;
        var reader = new WireReader(body);
        if (reader.IsEnd)
        {
            return true;
        }

        return TryReadErrno(ref reader, out var errno, out fault)
            && TryReadExtended(flags, body, reader.OffsetBytes, errno, out ack, out fault);
    }

    private static bool TryReadErrno(ref WireReader reader, out int errno, out WireFault fault)
    {
        fault = default;
        errno = 0;
        var isRead = reader.TryRead(out int negative) && negative is <= 0 and >= -ErrnoMax;
        if (!isRead)
        {
            fault = new("nlmsgerr.error", 0, "is cut off, or no negative errno");
        }

        errno = -negative;
        return isRead;
    }

    private static bool TryReadExtended(
        ushort flags,
        ReadOnlySpan<byte> body,
        int offset,
        int errno,
        out Ack ack,
        out WireFault fault
    )
    {
        ack = new(errno, null, null);
        fault = default;
        if ((flags & NetlinkFlags.ExtendedAck) == 0)
        {
            return true;
        }

        var attributes = new NetlinkAttributes(body[offset..], offset);
        while (attributes.TryNext(out var attribute))
        {
            switch (attribute.Type)
            {
                case AckAttribute.Message:
                    ack = ack with { Message = attribute.Text() };
                    break;
                case AckAttribute.Offset when attribute.Payload.Length == sizeof(uint):
                    ack = ack with { AttributeOffsetBytes = MemoryMarshal.Read<uint>(attribute.Payload) };
                    break;
                default:
                    break;
            }
        }

        fault = attributes.Fault;
        return fault.IsNone;
    }
}
