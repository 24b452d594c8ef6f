using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>Bytes that the kernel makes: reports, and the records of sysctl (bsd/net/rtsock.c:rt_msg1, rt_msg2,
/// sysctl_rtsock).</summary>
internal sealed partial class XnuSimulator
{
    private const int FlagsOfInterfaceCarriers = 10;

    /// <summary>Packets that the loopback interface queues; the others say 0.</summary>
    private const int LoopbackQueueLength = 256;

    /// <summary>NET_RT_DUMPX.</summary>
    private const int DumpExtended = 8;

    private static readonly ReachabilityBlock Unreached = new()
    {
        SignalStrength = int.MinValue,
        LinkQuality = -2,
        NodeProximity = -1,
    };

    public int Sysctl(ReadOnlySpan<int> name, Span<byte> into, out int lengthBytes)
    {
        lengthBytes = into.Length;
        if (name.Length != 6)
        {
            return DarwinErrno.Invalid;
        }

        var (family, operation, argument) = ((byte)name[3], name[4], name[5]);
        IReadOnlyList<byte[]>? records = operation switch
        {
            RoutingSysctl.Dump
            or RoutingSysctl.Dump2
            or RoutingSysctl.Flags
            or FlagsOfInterfaceCarriers
            or DumpExtended => family is DarwinFamily.Unspecified or DarwinFamily.Inet or DarwinFamily.Inet6
                ? [.. DumpRoutes(family, operation, (RouteFlags)argument)]
                : null,
            RoutingSysctl.Links or RoutingSysctl.Links2 =>
            [
                [.. DumpLinks(family, operation, argument).SelectMany(record => record)],
            ],
            RoutingSysctl.Statistics => [new byte[12]],
            RoutingSysctl.Trash => [new byte[4]],
            _ => null,
        };
        if (records is null)
        {
            return DarwinErrno.Invalid;
        }

        return CopyOut(records, into, out lengthBytes);
    }

    // Routes come out record by record, interfaces in one piece: what does not fit tells them apart.
    private static int CopyOut(IReadOnlyList<byte[]> records, Span<byte> into, out int lengthBytes)
    {
        lengthBytes = 0;
        foreach (var record in records)
        {
            if (into.IsEmpty)
            {
                lengthBytes += record.Length;
                continue;
            }

            if (lengthBytes + record.Length > into.Length)
            {
                return DarwinErrno.NoMemory;
            }

            record.CopyTo(into[lengthBytes..]);
            lengthBytes += record.Length;
        }

        return 0;
    }

    private IEnumerable<byte[]> DumpRoutes(byte family, int operation, RouteFlags wanted)
    {
        var tables = family switch
        {
            DarwinFamily.Inet => [_inet],
            DarwinFamily.Inet6 => [_inet6],
            _ => new[] { _inet, _inet6 },
        };
        var isFiltered = operation is RoutingSysctl.Flags or FlagsOfInterfaceCarriers;
        foreach (var entry in tables.SelectMany(table => table.Entries))
        {
            if (!isFiltered || (FlagsShown(entry) & wanted) != RouteFlags.None)
            {
                yield return DumpRoute(entry, operation);
            }
        }
    }

    private byte[] DumpRoute(SimulatedEntry entry, int operation)
    {
        var parts = new byte[]?[8];
        FillRoute(parts, entry, operation == RoutingSysctl.Dump2 ? RoutingMessageType.Get2 : RoutingMessageType.Get);
        if (operation != DumpExtended)
        {
            parts[(int)AddressSlot.InterfaceAddress] = entry.InterfaceAddress!.Address;
        }

        var index = (ushort)entry.Link!.Index;
        return operation switch
        {
            RoutingSysctl.Dump2 => Compose(
                new RouteDumpHeader
                {
                    Start = StartOf(RoutingMessageType.Get2),
                    Index = index,
                    Flags = FlagsShown(entry),
                    Addresses = Bits(parts),
                    References = ReferencesTo(entry),
                    ParentFlags = entry.Parent is null ? RouteFlags.None : FlagsShown(entry.Parent),
                    Metrics = entry.Metrics,
                },
                parts,
                isLastPadded: true
            ),
            DumpExtended => Compose(
                new ExtendedRouteHeader
                {
                    Start = StartOf(RoutingMessageType.GetExtended),
                    Index = index,
                    Flags = FlagsShown(entry),
                    Addresses = Bits(parts),
                    Metrics = entry.Metrics,
                    Reachability = Unreached,
                },
                parts,
                isLastPadded: true
            ),
            _ => Compose(
                new RouteHeader
                {
                    Start = StartOf(RoutingMessageType.Get),
                    Index = index,
                    Flags = FlagsShown(entry),
                    Addresses = Bits(parts),
                    Metrics = entry.Metrics,
                },
                parts,
                isLastPadded: true
            ),
        };
    }

    private IEnumerable<byte[]> DumpLinks(byte family, int operation, int index)
    {
        foreach (var link in _links.Where(link => index == 0 || link.Index == index))
        {
            var parts = new byte[]?[8];
            parts[(int)AddressSlot.Interface] = link.Address;
            yield return operation == RoutingSysctl.Links
                ? Compose(HeaderOf(link) with { Addresses = Bits(parts) }, parts, isLastPadded: true)
                : Compose(HeaderOf2(link) with { Addresses = Bits(parts) }, parts, isLastPadded: true);
            foreach (var own in link.Addresses.Where(own => family == 0 || own.Address[1] == family))
            {
                yield return AddressMessage(RoutingMessageType.NewAddress, own, hasLink: false, isLastPadded: true);
            }

            foreach (var group in link.Groups.Where(group => family == 0 || group.Address[1] == family))
            {
                if (operation == RoutingSysctl.Links2)
                {
                    yield return GroupRecord(link, group);
                }
            }
        }
    }

    private static LinkHeader HeaderOf(SimulatedLink link) =>
        new()
        {
            Start = StartOf(RoutingMessageType.Interface),
            Flags = link.Flags,
            Index = (ushort)link.Index,
            Data = new()
            {
                Kind = KindOf(link),
                Mtu = link.Mtu,
                BaudRate = BaudRateOf(link),
            },
        };

    private static LinkHeader2 HeaderOf2(SimulatedLink link) =>
        new()
        {
            Start = StartOf(RoutingMessageType.Interface2),
            Flags = link.Flags,
            Index = (ushort)link.Index,
            SendLengthMax = link.IsLoopback ? LoopbackQueueLength : 0,
            Data = new()
            {
                Kind = KindOf(link),
                Mtu = link.Mtu,
                BaudRate = BaudRateOf(link),
            },
        };

    private static LinkKindBlock KindOf(SimulatedLink link) =>
        new()
        {
            Type = link.Type,
            AddressLength = (byte)link.Mac.Length,
            HeaderLength =
                link.IsEthernet ? (byte)14
                : link.IsLoopback ? (byte)4
                : (byte)0,
        };

    private static uint BaudRateOf(SimulatedLink link) => link.IsEthernet ? 1_000_000_000u : 0;

    // The kernel's own reports name the interface, the list of sysctl does not; neither pads what it does not have.
    private static byte[] AddressMessage(RoutingMessageType type, SimulatedAddress own, bool hasLink, bool isLastPadded)
    {
        var parts = new byte[]?[8];
        parts[(int)AddressSlot.InterfaceAddress] = own.Address;
        parts[(int)AddressSlot.Interface] = hasLink ? own.Link.Address : null;
        parts[(int)AddressSlot.Netmask] = own.Address[1] == DarwinFamily.Inet6 ? [.. own.Netmask] : own.Netmask;
        parts[(int)AddressSlot.Broadcast] = own.Peer;
        return Compose(
            new AddressHeader
            {
                Start = StartOf(type),
                Addresses = Bits(parts),
                Flags = (uint)own.Flags,
                Index = (ushort)own.Link.Index,
            },
            parts,
            isLastPadded
        );
    }

    private static byte[] GroupRecord(SimulatedLink link, SimulatedGroup group)
    {
        var parts = GroupParts(link, group);
        return Compose(
            new MembershipHeader2
            {
                Start = StartOf(RoutingMessageType.NewMembership2),
                Addresses = Bits(parts),
                Index = (ushort)link.Index,
                References = group.References,
            },
            parts,
            isLastPadded: true
        );
    }

    private static byte[] GroupMessage(RoutingMessageType type, SimulatedLink link, SimulatedGroup group)
    {
        var parts = GroupParts(link, group);
        return Compose(
            new MembershipHeader
            {
                Start = StartOf(type),
                Addresses = Bits(parts),
                Index = (ushort)link.Index,
            },
            parts,
            isLastPadded: false
        );
    }

    private static byte[]?[] GroupParts(SimulatedLink link, SimulatedGroup group)
    {
        var parts = new byte[]?[8];
        parts[(int)AddressSlot.InterfaceAddress] = group.Address;
        parts[(int)AddressSlot.Interface] = link.Address;
        parts[(int)AddressSlot.Gateway] = group.LinkLayer?.Address;
        return parts;
    }

    private static byte[] RouteMessage(RoutingMessageType type, SimulatedEntry entry, SimulatedLink link)
    {
        var parts = new byte[]?[8];
        FillRoute(parts, entry, type);
        return Compose(
            new RouteHeader
            {
                Start = StartOf(type),
                Index = (ushort)link.Index,
                Flags = entry.Flags,
                Addresses = Bits(parts),
            },
            parts,
            isLastPadded: false
        );
    }

    private static void FillRoute(byte[]?[] parts, SimulatedEntry entry, RoutingMessageType type)
    {
        parts[(int)AddressSlot.Destination] = Sockaddr.Bare(entry.Destination);
        parts[(int)AddressSlot.Gateway] = entry.Gateway;
        parts[(int)AddressSlot.Netmask] = entry.Mask is null ? null : ShownMask(entry, type);
    }

    // The tree keeps a mask cut at its last bit, with ones before the address; on the way out the scope is scrubbed
    // (bsd/net/radix.c:rn_addmask, route.c:rtm_scrub).
    private static byte[] ShownMask(SimulatedEntry entry, RoutingMessageType type)
    {
        var mask = entry.Mask!;
        var at = Sockaddr.KeyAt(entry.Family);
        if (!mask.AsSpan().ContainsAnyExcept((byte)0))
        {
            return [];
        }

        var addressBits = mask.AsSpan(0, mask.Length - 4);
        var isWhole =
            entry.Family == DarwinFamily.Inet6 && type is not (RoutingMessageType.Get or RoutingMessageType.Get2);
        var significant = addressBits.LastIndexOfAnyExcept((byte)0) + 1;
        var length =
            isWhole ? SocketAddress.Inet6Bytes
            : significant == 0 ? 0
            : at + significant;
        if (length == 0)
        {
            return [];
        }

        var shown = new byte[length];
        shown.AsSpan(1, at - 1).Fill(0xff);
        addressBits[..significant].CopyTo(shown.AsSpan(at));
        shown[0] = (byte)length;
        return shown;
    }

    private static MessageStart StartOf(RoutingMessageType type) => new(0, RoutingMessage.Version, type);

    private static AddressBits Bits(byte[]?[] parts)
    {
        var bits = AddressBits.None;
        for (var slot = 0; slot < parts.Length; slot++)
        {
            bits |= parts[slot] is null ? AddressBits.None : (AddressBits)(1u << slot);
        }

        return bits;
    }

    private static byte[] Compose<T>(T header, byte[]?[] parts, bool isLastPadded)
        where T : unmanaged
    {
        var writer = new MessageWriter();
        writer.Begin(header);
        foreach (var part in parts.OfType<byte[]>())
        {
            writer.Address(part);
        }

        return writer.End(isLastPadded).ToArray();
    }
}
