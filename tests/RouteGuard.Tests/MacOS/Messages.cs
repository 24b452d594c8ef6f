using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.MacOS;

/// <summary>The messages of all captures, and what every test does with one.</summary>
internal static class Messages
{
    /// <summary>MTUs of the captured machine: lo0, stf0, en0, en1, utun3.</summary>
    public static uint MtuOf(InterfaceIndex index) =>
        index.Value switch
        {
            1 => 16384,
            2 => 1280,
            3 or 4 or 5 => 1500,
            _ => 0,
        };

    /// <summary>Every message of a scenario: requests, reports, and the records of dumps.</summary>
    public static IEnumerable<(VectorStep Step, byte[] Bytes)> Of(VectorFile file)
    {
        foreach (var step in file.Steps)
        {
            if (step.IsRouteMessage)
            {
                yield return (step, step.Bytes);
            }
            else if (step.IsDump)
            {
                foreach (var record in Records(step.Bytes))
                {
                    yield return (step, record);
                }
            }
        }
    }

    /// <summary>Cuts a dump into its records; a fault fails the test.</summary>
    public static IReadOnlyList<byte[]> Records(ReadOnlySpan<byte> dump)
    {
        var records = new List<byte[]>();
        WireFault fault;
        while (RoutingMessage.TryNext(ref dump, out var message, out fault))
        {
            records.Add(message.Bytes.ToArray());
        }

        Assert.True(fault.IsNone, fault.ToString());
        return records;
    }

    /// <summary>The entries of a dump as routes, in the kernel's order, and what is wrong with those that are
    /// none.</summary>
    public static IReadOnlyList<TableEntry> Entries(ReadOnlySpan<byte> dump, out IReadOnlyList<WireFault> faults)
    {
        var entries = new List<TableEntry>();
        var refused = new List<WireFault>();
        faults = refused;
        var decoder = new RouteDecoder(MtuOf);
        while (RoutingMessage.TryNext(ref dump, out var message, out _))
        {
            if (decoder.TryRead(message, out var entry, out var fault))
            {
                entries.Add(entry);
            }
            else
            {
                refused.Add(fault);
            }
        }

        return entries;
    }

    /// <summary>Writes a message again from its decoded parts.</summary>
    public static byte[] Rewrite(in RoutingMessage message)
    {
        var writer = new MessageWriter();
        switch (message.Type)
        {
            case RoutingMessageType.Get2:
                writer.Begin(message.Header<RouteDumpHeader>());
                break;
            case RoutingMessageType.GetExtended:
                writer.Begin(message.Header<ExtendedRouteHeader>());
                break;
            case RoutingMessageType.NewAddress or RoutingMessageType.DeleteAddress:
                writer.Begin(message.Header<AddressHeader>());
                break;
            case RoutingMessageType.Interface:
                writer.Begin(message.Header<LinkHeader>());
                break;
            case RoutingMessageType.Interface2:
                writer.Begin(message.Header<LinkHeader2>());
                break;
            case RoutingMessageType.NewMembership or RoutingMessageType.DeleteMembership:
                writer.Begin(message.Header<MembershipHeader>());
                break;
            case RoutingMessageType.NewMembership2:
                writer.Begin(message.Header<MembershipHeader2>());
                break;
            default:
                writer.Begin(message.Header<RouteHeader>());
                break;
        }

        var isLastPadded = message.Bytes.Length % 4 == 0;
        foreach (var slot in Enum.GetValues<AddressSlot>())
        {
            if (message.Has(slot))
            {
                writer.Address(message[slot].Bytes);
            }
        }

        if (!message.Rest.IsEmpty)
        {
            writer.Bytes(message.Rest);
        }

        return writer.End(isLastPadded).ToArray();
    }

    /// <summary>Asks a decoder everything that it can be asked about these bytes. Nothing may be thrown.</summary>
    /// <returns>How many questions were answered with yes.</returns>
    public static int AskEverything(ReadOnlySpan<byte> bytes, RouteDecoder routes, RouteRequests requests)
    {
        if (!RoutingMessage.TryDecode(bytes, out var message, out var fault))
        {
            Assert.False(fault.IsNone);
            return 0;
        }

        var answered = 1;
        for (var slot = AddressSlot.Destination; slot <= AddressSlot.Broadcast; slot++)
        {
            var address = message[slot];
            answered += address.TryReadAddress(out _, out _) ? 1 : 0;
            answered += address.TryReadMask(IpFamily.V4, out _) ? 1 : 0;
            answered += address.TryReadMask(IpFamily.V6, out _) ? 1 : 0;
            answered += address.TryReadLinkIndex(out _) && address.TryReadLinkNames(out _, out _) ? 1 : 0;
        }

        answered += LinkDecoder.TryReadInterfaceAddress(message, out _) ? 1 : 0;
        answered += LinkDecoder.TryRead(bytes, out _, out _) ? 1 : 0;
        if (routes.TryRead(message, out var entry, out _))
        {
            answered++;
            answered += requests.TryAdd(entry.Route, 1, out _, out _) ? 1 : 0;
            answered += requests.TryDelete(entry.Route, 1, out _, out _) ? 1 : 0;
        }

        return answered;
    }
}
