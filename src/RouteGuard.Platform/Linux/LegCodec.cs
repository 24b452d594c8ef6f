using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>The legs of a multipath route: RTA_MULTIPATH with <c>struct rtnexthop</c> inside (rtnetlink(7)).</summary>
internal static class LegCodec
{
    public static bool TryDecode(
        in NetlinkAttribute multipath,
        IpFamily family,
        UnmodelledBytes rest,
        [NotNullWhen(true)] out EquatableList<MultipathLeg>? legs,
        out WireFault fault
    )
    {
        legs = null;
        fault = default;
        var offset = multipath.OffsetBytes + NetlinkWriter.AttributeHeaderBytes;
        var found = new List<MultipathLeg>();
        var reader = new WireReader(multipath.Payload);
        while (!reader.IsEnd)
        {
            var at = offset + reader.OffsetBytes;
            if (
                !reader.TryRead(out LegHeader header)
                || !reader.TryTake(header.LengthBytes - HeaderBytes, out var inside)
            )
            {
                fault = new("rtnh_len", at, "is shorter than its header or longer than what is left");
                return false;
            }

            if (!TryDecodeLeg(header, new(inside, at + HeaderBytes), family, rest, out var leg, out fault))
            {
                return false;
            }

            found.Add(leg);
            reader.Align4();
        }

        if (found.Count == 0)
        {
            fault = new("RTA_MULTIPATH", multipath.OffsetBytes, "has no legs");
            return false;
        }

        legs = new(found);
        return true;
    }

    private const int HeaderBytes = 8;

    private static bool TryDecodeLeg(
        LegHeader header,
        NetlinkAttributes attributes,
        IpFamily family,
        UnmodelledBytes rest,
        [NotNullWhen(true)] out MultipathLeg? leg,
        out WireFault fault
    )
    {
        leg = null;
        IpAddress? gateway = null;
        rest.Clear();
        while (attributes.TryNext(out var attribute))
        {
            switch (attribute.Type)
            {
                case RouteAttribute.Gateway:
                    attribute.TryReadAddress("RTA_GATEWAY", family, out var address, out fault);
                    gateway = address;
                    break;
                case RouteAttribute.Via:
                    RouteDecoder.TryReadVia(attribute, out address, out fault);
                    gateway = address;
                    break;
                default:
                    fault = default;
                    rest.Add(attribute);
                    break;
            }

            if (!fault.IsNone)
            {
                return false;
            }
        }

        fault = attributes.Fault;
        leg = new(gateway, new(header.Index), header.Hops + 1, (header.Flags & RouteFlag.OnLink) != 0, rest.ToRaw());
        return fault.IsNone;
    }

    /// <summary>Appends RTA_MULTIPATH; an encapsulation stands before the gateway, as ip(8) writes it.</summary>
    public static void Append(NetlinkWriter writer, IpFamily family, EquatableList<MultipathLeg> legs)
    {
        var multipath = writer.BeginNested(RouteAttribute.Multipath);
        foreach (var leg in legs)
        {
            var at = writer.LengthBytes;
            var flags = (byte)(leg.IsOnLink ? RouteFlag.OnLink : 0);
            writer.Append(new LegHeader(0, flags, (byte)(leg.Weight - 1), leg.Device.Value));
            RouteCodec.AppendRaw(writer, leg.Raw, isBeforeGateway: true);
            if (leg.Gateway is { } gateway)
            {
                RouteCodec.AppendGateway(writer, family, gateway);
            }

            RouteCodec.AppendRaw(writer, leg.Raw, isBeforeGateway: false);
            writer.PatchLength(at);
        }

        writer.EndNested(multipath);
    }
}
