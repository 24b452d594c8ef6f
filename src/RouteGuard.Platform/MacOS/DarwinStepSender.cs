using System.Runtime.InteropServices;
using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>Writes requests to a routing socket. The errno of write(2) is the kernel's answer.</summary>
/// <remarks>
/// <para>RTM_DELETE looks at destination, mask and scope alone, so every removal reads the table and compares first.
/// The kernel then reports the entry that really went (bsd/net/rtsock.c:route_output); if it was another one, it is
/// put back.</para>
/// <para>RTM_CHANGE is never written: it changes the best match instead of the named entry. A replacement is a removal
/// and an addition; when the addition is refused, the old entry is put back.</para>
/// </remarks>
internal sealed class DarwinStepSender(IRoutingSocket socket, DarwinTableReader reader, int processId)
{
    /// <summary>Messages of others that may lie before our answer.</summary>
    private const int MessagesBeforeAnswerMax = 4096;

    private const int FlagsAt = 8;
    private const int SequenceAt = 20;

    private readonly byte[] _message = new byte[RoutingMessage.LengthBytesMax];
    private readonly RouteRequests _requests = new();
    private readonly RouteDecoder _decoder = new(_ => 0);
    private int _sequence = Random.Shared.Next();

    /// <summary>The table that removals are compared with: read once for a run of them.</summary>
    private RouteTable? _before;

    /// <exception cref="KernelRoutesException">We may not change anything.</exception>
    public StepOutcome[] Send(DarwinSteps prepared)
    {
        var outcomes = new StepOutcome[prepared.Steps.Count];
        _before = null;
        for (var at = 0; at < outcomes.Length; at++)
        {
            outcomes[at] = prepared.Requests[at] is { WhyNot: { } why }
                ? DarwinRefusal.Outcome(DarwinErrno.NotSupported, why)
                : Send(prepared.Steps[at], prepared.Requests[at]);
        }

        if (outcomes.Length > 0 && Array.TrueForAll(outcomes, outcome => outcome.Errno == DarwinErrno.Permission))
        {
            throw DarwinRefusal.Of(DarwinRefusal.ChangeRoutes, DarwinErrno.Permission);
        }

        return outcomes;
    }

    /// <summary>RTM_GET for one address.</summary>
    public Route? LookUp(IpAddress destination)
    {
        Drain();
        var errno = Write(_requests.Get(destination, InterfaceIndex.None, 0).ToArray());
        return errno == DarwinErrno.None && TryTakeAnswer(RoutingMessageType.Get, out var found) ? found
            : errno is DarwinErrno.None or DarwinErrno.NoSuchEntry ? null
            : throw DarwinRefusal.Of($"look {destination} up", errno);
    }

    private StepOutcome Send(PlanStep step, StepRequests requests) =>
        step switch
        {
            PlanStep.AddRoute add => Add(add.Route, requests),
            PlanStep.DeleteRoute delete => Delete(delete.Route, requests),
            PlanStep.ReplaceRoute replace when DarwinKey.Of(replace.Before) == DarwinKey.Of(replace.After) => Exchange(
                replace,
                requests
            ),
            PlanStep.ReplaceRoute replace => Move(replace, requests),
            _ => throw new ArgumentException($"There is no way to send {step}.", nameof(step)),
        };

    private StepOutcome Add(Route route, StepRequests requests)
    {
        var errno = Write(requests.Add);
        if (errno != DarwinErrno.Exists)
        {
            return errno == DarwinErrno.None ? StepOutcome.Applied : DarwinRefusal.Outcome(errno);
        }

        var there = FindEntry(reader.Read(), route);
        return there?.HasValueOf(route) == true
            ? new(StepResult.AlreadyDone, errno, DarwinErrno.NameOf(errno))
            : DarwinRefusal.Outcome(errno, there is null ? null : $"{there} has its place");
    }

    // One key, one entry: the old one must go before the new one can come.
    private StepOutcome Exchange(PlanStep.ReplaceRoute replace, StepRequests requests)
    {
        var removed = Delete(replace.Before, requests);
        if (removed.Result == StepResult.Refused)
        {
            return removed;
        }

        var added = Add(replace.After, requests);
        if (added.Result == StepResult.Refused && removed.Result == StepResult.Applied)
        {
            Write(requests.Undo);
        }

        return added;
    }

    private StepOutcome Move(PlanStep.ReplaceRoute replace, StepRequests requests)
    {
        var added = Add(replace.After, requests);
        return added.Result == StepResult.Refused ? added : Delete(replace.Before, requests);
    }

    private StepOutcome Delete(Route route, StepRequests requests)
    {
        var there = FindEntry(_before ??= reader.Read(), route);
        if (there is null)
        {
            return new(StepResult.AlreadyDone, DarwinErrno.NoSuchEntry, DarwinErrno.NameOf(DarwinErrno.NoSuchEntry));
        }

        if (!there.HasValueOf(route))
        {
            return DarwinRefusal.Outcome(DarwinErrno.Exists, $"{there} has its place and stays");
        }

        Drain();
        var errno = Write(requests.Delete);
        if (errno != DarwinErrno.None)
        {
            return errno == DarwinErrno.NoSuchEntry
                ? new(StepResult.AlreadyDone, errno, DarwinErrno.NameOf(errno))
                : DarwinRefusal.Outcome(errno);
        }

        return TryTakeAnswer(RoutingMessageType.Delete, out var gone) && !gone.NextHop.Equals(route.NextHop)
            ? PutBack(gone)
            : StepOutcome.Applied;
    }

    // Somebody replaced the entry between our look and our request, so theirs went.
    private StepOutcome PutBack(Route gone)
    {
        _before = null;
        var errno = _requests.TryAdd(gone, 0, out var request, out _)
            ? Write(request.ToArray())
            : DarwinErrno.NotSupported;
        return DarwinRefusal.Outcome(
            DarwinErrno.Exists,
            errno == DarwinErrno.None
                ? $"{gone} had just taken its place and was put back"
                : $"{gone} had just taken its place and could not be put back: {DarwinErrno.NameOf(errno)}"
        );
    }

    private int Write(byte[] request)
    {
        _sequence = unchecked(_sequence + 1);
        MemoryMarshal.Write(request.AsSpan(SequenceAt), _sequence);
        return socket.Write(request);
    }

    // So that the answer finds room in the socket's small buffer.
    private void Drain()
    {
        for (var read = 0; read < MessagesBeforeAnswerMax && socket.TryRead(_message, out _); read++) { }
    }

    // The kernel's report of our own request. A refused request of anybody is repeated by the kernel word for word, but
    // then with its errno, or too short to be one.
    private bool TryTakeAnswer(RoutingMessageType type, out Route answer)
    {
        answer = null!;
        for (var read = 0; read < MessagesBeforeAnswerMax && socket.TryRead(_message, out var lengthBytes); read++)
        {
            var bytes = _message.AsSpan(0, lengthBytes);
            if (
                !RoutingMessage.TryDecode(bytes, out var message, out _)
                || message.Type != type
                || message.Header<RouteHeader>() is not { Errno: 0 } header
                || header.Sequence != _sequence
                || header.ProcessId != processId
                || (header.Flags & RouteFlags.Done) == RouteFlags.None
            )
            {
                continue;
            }

            // It is reported as dying, as it is; asked for is what it was.
            MemoryMarshal.Write(
                bytes[FlagsAt..],
                (uint)((header.Flags & ~(RouteFlags.Condemned | RouteFlags.Dead)) | RouteFlags.Up)
            );
            if (RoutingMessage.TryDecode(bytes, out message, out _) && _decoder.TryRead(message, out var entry, out _))
            {
                answer = entry.Route;
                return true;
            }
        }

        return false;
    }

    private static Route? FindEntry(RouteTable table, Route like)
    {
        var key = DarwinKey.Of(like);
        return table.Find(like) ?? table.Routes.FirstOrDefault(route => DarwinKey.Of(route) == key);
    }
}

/// <summary>What XNU calls the same entry: destination, mask, scope (bsd/net/route.c:rt_lookup_common).</summary>
internal readonly record struct DarwinKey(Prefix Destination, bool IsHostEntry, InterfaceIndex Scope)
{
    public static DarwinKey Of(Route route) => new(route.Destination, route.IsHostEntry, route.ScopeInterface);
}
