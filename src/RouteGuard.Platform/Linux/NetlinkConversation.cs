using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Platform.Native;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Takes one message of an answer.</summary>
/// <returns>True when it was the last.</returns>
internal delegate bool AnswerTaker(in NetlinkMessage message);

/// <summary>Takes one entry of a list.</summary>
internal delegate void EntryTaker(in NetlinkMessage message);

/// <summary>Sees a datagram before it is taken apart.</summary>
internal delegate void DatagramTap(ReadOnlySpan<byte> datagram);

/// <summary>Asks the kernel and hands over its answers, one question at a time.</summary>
/// <remarks>
/// Answers are told by their sequence numbers; what is left of an earlier question is skipped. After a failure the
/// socket is
/// replaced, so that nothing of it can be taken for an answer to the next question.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class NetlinkConversation : IDisposable
{
    /// <summary>A dump of a million routes takes half a second; what takes longer than this never ends.</summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(60);

    private NetlinkSocket? _socket = NetlinkSocket.OpenForRequests();
    private uint _nextSequence = 1;

    /// <summary>For a record: sees every answer as it came; null for nobody.</summary>
    public DatagramTap? Tap { get; set; }

    /// <summary>Hands out this many sequence numbers in a row and returns the first. They wrap around.</summary>
    public uint TakeSequences(int count)
    {
        var first = _nextSequence;
        _nextSequence += (uint)count;
        return first;
    }

    /// <summary>Sends messages in one datagram and takes the answers.</summary>
    /// <param name="operation">For the exception, see <see cref="KernelRefusal"/>.</param>
    /// <param name="request">Whole messages.</param>
    /// <param name="firstSequence">That of the first message; the others follow.</param>
    /// <param name="count">How many messages.</param>
    /// <param name="take">Gets every message that answers one of them.</param>
    /// <exception cref="KernelRoutesException">The kernel could not be asked, or did not answer in time.</exception>
    public void Ask(string operation, ReadOnlySpan<byte> request, uint firstSequence, int count, AnswerTaker take)
    {
        _socket ??= NetlinkSocket.OpenForRequests();
        var errno = _socket.Send(request);
        if (!errno.IsNone)
        {
            throw Fail(operation, errno);
        }

        var deadline = Environment.TickCount64 + (long)AnswerTimeMax.TotalMilliseconds;
        while (Environment.TickCount64 < deadline)
        {
            errno = _socket.Receive(out var datagram);
            if (!errno.IsNone)
            {
                throw Fail(operation, errno.Number == LinuxErrno.EAGAIN ? new(LinuxErrno.ETIMEDOUT) : errno);
            }

            Tap?.Invoke(datagram);
            var messages = new NetlinkMessages(datagram);
            while (messages.TryNext(out var message))
            {
                if (message.Sequence - firstSequence < (uint)count && take(message))
                {
                    return;
                }
            }

            if (!messages.Fault.IsNone)
            {
                throw Fail(operation, new(LinuxErrno.EBADMSG), messages.Fault.ToString());
            }
        }

        throw Fail(operation, new(LinuxErrno.ETIMEDOUT));
    }

    /// <summary>Asks for a whole list.</summary>
    /// <param name="operation">For the exception.</param>
    /// <param name="request">One request with <see cref="NetlinkFlags.Dump"/>.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="take">Gets every entry.</param>
    public DumpEnd Dump(string operation, NetlinkWriter request, uint sequence, EntryTaker take)
    {
        var isInterrupted = false;
        var ack = default(Ack);
        Ask(
            operation,
            request.Written,
            sequence,
            1,
            (in NetlinkMessage message) =>
            {
                isInterrupted |= message.IsDumpInterrupted;
                if (message.Type is NetlinkType.Error or NetlinkType.Done)
                {
                    ack = AckOf(operation, message);
                    return true;
                }

                take(message);
                return false;
            }
        );
        return new(isInterrupted, ack);
    }

    /// <summary>Reads NLMSG_ERROR or NLMSG_DONE.</summary>
    /// <exception cref="KernelRoutesException">It cannot be read.</exception>
    public Ack AckOf(string operation, in NetlinkMessage message)
    {
        var isRead =
            message.Type == NetlinkType.Error
                ? AckCodec.TryDecodeError(message.Flags, message.Body, out var ack, out var fault)
                : AckCodec.TryDecodeDone(message.Flags, message.Body, out ack, out fault);
        return isRead ? ack : throw Fail(operation, new(LinuxErrno.EBADMSG), fault.ToString());
    }

    public void Dispose() => _socket?.Dispose();

    private KernelRoutesException Fail(string operation, LinuxErrno errno, string? message = null)
    {
        _socket?.Dispose();
        _socket = null;
        return KernelRefusal.Of(operation, errno, message);
    }
}

/// <summary>How a dump ended.</summary>
/// <param name="IsInterrupted">NLM_F_DUMP_INTR: the list changed while it was read.</param>
/// <param name="Ack">The kernel's last word.</param>
internal readonly record struct DumpEnd(bool IsInterrupted, Ack Ack);
