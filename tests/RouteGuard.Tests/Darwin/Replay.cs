using System.Globalization;
using System.Runtime.InteropServices;
using RouteGuard.Platform.MacOS;
using RouteGuard.Tests.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Plays a capture to a simulated kernel and compares all that comes back.</summary>
/// <param name="Steps">Steps that can be compared: writes, reads, sysctls, commands.</param>
/// <param name="Matched">Those that agree, up to the first that does not.</param>
/// <param name="Difference">The first that does not agree; empty when all do.</param>
internal sealed record Replay(int Steps, int Matched, string Difference)
{
    /// <summary>Fields that no simulation can know, with the reason. They are zeroed on both sides before
    /// comparing.</summary>
    public static readonly IReadOnlyDictionary<string, string> Excepted = new Dictionary<string, string>(
        StringComparer.Ordinal
    )
    {
        ["rtm_use"] = "counts packets, and there are none",
        ["rmx_expire"] = "is a moment of the captured machine's clock; whether there is one is compared",
        ["rmx_pksent"] = "counts packets, and there are none",
        ["struct rtstat, rttrash"] = "count since the captured machine's boot; the length is compared",
        ["ifi_lastchange"] = "is a moment of the captured machine's clock",
        ["ifi_ipackets … ifi_noproto, ifi_unused2"] = "count packets, and there are none",
    };

    public static Replay Of(VectorFile file)
    {
        var kernel = new XnuSimulator();
        var sockets = SocketsOf(file).ToDictionary(name => name, _ => kernel.Open(0), StringComparer.Ordinal);

        var comparable = file
            .Steps.Where(step => step.Kind is "route_write" or "route_read" or "sysctl" or "admin")
            .ToArray();
        var matched = 0;
        foreach (var step in file.Steps)
        {
            if (!comparable.Contains(step))
            {
                Prepare(kernel, sockets, step);
                continue;
            }

            if (Differs(kernel, sockets, step) is { } difference)
            {
                return new(comparable.Length, matched, $"step {step.Number} ({step.Text}): {difference}");
            }

            matched++;
        }

        var isPaused = file.Steps.Any(step =>
            step.Kind == "note" && step.Text.Contains("stops reading", StringComparison.Ordinal)
        );
        var left = sockets.Where(socket => !(isPaused && socket.Key == "B")).Sum(socket => socket.Value.Waiting);
        return new(comparable.Length, matched, left == 0 ? string.Empty : $"{left} messages more than were captured");
    }

    // A writes and B listens, unless the capture is about a socket that is alone. Others are there from the start too,
    // but for those that a note opens.
    private static IEnumerable<string> SocketsOf(VectorFile file)
    {
        var isAlone = file.Description.Contains("only routing socket", StringComparison.Ordinal);
        var named = file.Steps.Select(step => step.Socket).Where(name => name.Length > 0);
        var opened = file.Steps.Where(IsOpening).Select(step => step.Text[..1]);
        return named.Concat(isAlone ? ["A"] : ["A", "B"]).Distinct(StringComparer.Ordinal).Except(opened);
    }

    private static bool IsOpening(VectorStep step) =>
        step.Kind == "note" && step.Text.Contains(" = socket(PF_ROUTE,SOCK_RAW,", StringComparison.Ordinal);

    // Notes tell of sockets that were opened and buffers that were set.
    private static void Prepare(XnuSimulator kernel, Dictionary<string, SimulatedSocket> sockets, VectorStep step)
    {
        var note = step.Text;
        if (IsOpening(step))
        {
            sockets[note[..1]] = kernel.Open(
                note.Contains("AF_INET6", StringComparison.Ordinal) ? DarwinFamily.Inet6
                : note.Contains("AF_INET", StringComparison.Ordinal) ? DarwinFamily.Inet
                : DarwinFamily.Unspecified
            );
        }

        const string buffer = ": setsockopt SO_RCVBUF ";
        var at = note.IndexOf(buffer, StringComparison.Ordinal);
        if (at == 1)
        {
            sockets[note[..1]]
                .SetReceiveBuffer(int.Parse(note[(at + buffer.Length)..].Split(' ')[0], CultureInfo.InvariantCulture));
        }
    }

    private static string? Differs(XnuSimulator kernel, Dictionary<string, SimulatedSocket> sockets, VectorStep step)
    {
        switch (step.Kind)
        {
            case "route_write":
            {
                var errno = sockets[step.Socket].Write(step.Bytes);
                return errno == step.Errno
                    ? null
                    : $"write gives {DarwinErrno.NameOf(errno)}, not {DarwinErrno.NameOf(step.Errno)}";
            }

            case "route_read":
            {
                var buffer = new byte[4096];
                return sockets[step.Socket].TryRead(buffer, out var length)
                    ? Compare(step.Bytes, buffer[..length])
                    : $"socket {step.Socket} has no message; captured was {Convert.ToHexStringLower(step.Bytes)}";
            }

            case "sysctl":
            {
                var buffer = new byte[step.IsSizeQuery ? 0 : step.OldLength];
                var errno = kernel.Sysctl(step.Mib, buffer, out var length);
                return errno != step.Errno || length != step.ReturnedLength
                        ? $"sysctl gives {DarwinErrno.NameOf(errno)} and {length} bytes, not {DarwinErrno.NameOf(step.Errno)} and {step.ReturnedLength}"
                            + (
                                step.IsSizeQuery
                                    ? ""
                                    : "; " + Compare(step.Bytes, buffer[..Math.Min(length, buffer.Length)])
                            )
                    : step.IsDump ? Compare(step.Bytes, buffer[..length])
                    : null;
            }

            default:
                var speaker = step.Socket.Length > 0 ? step.Socket : "A";
                var (done, answer) = SimulatorCommands.Run(kernel, sockets[speaker], step.Text);
                return done != step.Errno ? $"gives {DarwinErrno.NameOf(done)}, not {DarwinErrno.NameOf(step.Errno)}"
                    : step.Result.Length > 0 && step.Result != answer ? $"answers {answer}, not {step.Result}"
                    : null;
        }
    }

    private static string? Compare(byte[] captured, byte[] simulated)
    {
        var (left, right) = (Cut(captured), Cut(simulated));
        for (var at = 0; at < Math.Min(left.Count, right.Count); at++)
        {
            if (!left[at].AsSpan().SequenceEqual(right[at]))
            {
                return $"message {at}\n  captured  {Convert.ToHexStringLower(left[at])}\n  simulated {Convert.ToHexStringLower(right[at])}";
            }
        }

        return left.Count == right.Count ? null : $"{right.Count} messages instead of {left.Count}";
    }

    // A broken message is compared as it is.
    private static List<byte[]> Cut(byte[] bytes)
    {
        var records = new List<byte[]>();
        ReadOnlySpan<byte> rest = bytes;
        while (RoutingMessage.TryNext(ref rest, out var message, out _))
        {
            records.Add(WithoutExcepted(message));
        }

        if (!rest.IsEmpty)
        {
            records.Add(rest.ToArray());
        }

        return records;
    }

    private static byte[] WithoutExcepted(in RoutingMessage message)
    {
        var bytes = message.Bytes.ToArray();
        if (message.Type is RoutingMessageType.Interface or RoutingMessageType.Interface2)
        {
            // From ifi_ipackets on.
            var from = message.Type == RoutingMessageType.Interface ? 36 : 56;
            bytes.AsSpan(from, message.HeaderBytes - from).Clear();
        }
        else if (message.Type == RoutingMessageType.Get2 || message.IsAboutRoute)
        {
            MemoryMarshal.Write(bytes.AsSpan(28), 0);
            MemoryMarshal.Write(bytes.AsSpan(48), Math.Sign(MemoryMarshal.Read<int>(bytes.AsSpan(48))));
            MemoryMarshal.Write(bytes.AsSpan(72), 0);
        }
        else if (message.Type == RoutingMessageType.GetExtended)
        {
            MemoryMarshal.Write(bytes.AsSpan(52), Math.Sign(MemoryMarshal.Read<int>(bytes.AsSpan(52))));
        }

        return bytes;
    }
}
