using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Next-hop objects: RTM_NEWNEXTHOP and RTM_DELNEXTHOP. Decoding is total.</summary>
/// <remarks>
/// <see cref="NextHopObject.Raw"/> is a body that makes the object again: <c>struct nhmsg</c> without what only reports
/// (scope, link state), and the attributes that the kernel takes (net/ipv4/nexthop.c:rtm_nh_policy_new); it refuses
/// others.
/// </remarks>
public static class NextHopCodec
{
    /// <summary>Decodes what follows the 16-byte <c>nlmsghdr</c>.</summary>
    /// <param name="body"><c>struct nhmsg</c> and attributes.</param>
    /// <param name="nextHop">The object when the answer is true.</param>
    /// <param name="fault">What is wrong when the answer is false.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out NextHopObject? nextHop,
        out WireFault fault
    )
    {
        nextHop = null;
        var reader = new WireReader(body);
        if (!reader.TryRead(out NextHopHeader header))
        {
            fault = new("nhmsg", 0, "is cut off");
            return false;
        }

        var id = 0u;
        var device = 0;
        var hasGateway = false;
        var kept = new UnmodelledBytes();
        var attributes = new NetlinkAttributes(body[reader.OffsetBytes..], reader.OffsetBytes);
        while (attributes.TryNext(out var attribute))
        {
            switch (attribute.Type)
            {
                case NextHopAttribute.Id when !attribute.TryRead("NHA_ID", out id, out fault):
                case NextHopAttribute.Device when !attribute.TryRead("NHA_OIF", out device, out fault):
                    return false;
                case NextHopAttribute.ResilientGroup when !TryKeepResilientGroup(attribute, kept, out fault):
                    return false;
                case NextHopAttribute.ResilientGroup:
                    break;
                default:
                    hasGateway |= attribute.Type == NextHopAttribute.Gateway;
                    Keep(attribute, kept);
                    break;
            }
        }

        fault = attributes.Fault;
        var family = hasGateway ? FamilyOf(header.Family) : null;
        nextHop = new(id, family, header.Protocol, new(device), RawOf(header, kept));
        return fault.IsNone;
    }

    /// <summary>Appends a request to make the object.</summary>
    public static void AppendNewNextHop(NetlinkWriter writer, NextHopObject nextHop, ushort flags, uint sequence)
    {
        writer.BeginMessage(NetlinkType.NewNextHop, flags, sequence);
        writer.AppendBytes(nextHop.Raw.Bytes.AsSpan());
        writer.EndMessage();
    }

    /// <summary>Appends a request to remove the object, and with it every route that points to it.</summary>
    public static void AppendDeleteNextHop(NetlinkWriter writer, uint id, ushort flags, uint sequence)
    {
        writer.BeginMessage(NetlinkType.DeleteNextHop, flags, sequence);
        writer.Append(default(NextHopHeader));
        writer.Attribute(NextHopAttribute.Id, id);
        writer.EndMessage();
    }

    private static void Keep(in NetlinkAttribute attribute, UnmodelledBytes kept)
    {
        if (
            attribute.Type
            is NextHopAttribute.Id
                or NextHopAttribute.Group
                or NextHopAttribute.GroupType
                or NextHopAttribute.Blackhole
                or NextHopAttribute.Device
                or NextHopAttribute.Gateway
                or NextHopAttribute.EncapType
                or NextHopAttribute.Encap
                or NextHopAttribute.Fdb
                or NextHopAttribute.HardwareStatistics
        )
        {
            kept.Add(attribute);
        }
    }

    // How long a resilient group was out of balance is told, but refused on write.
    private static bool TryKeepResilientGroup(in NetlinkAttribute attribute, UnmodelledBytes kept, out WireFault fault)
    {
        var parts = new UnmodelledBytes();
        var inside = attribute.Nested;
        while (inside.TryNext(out var part))
        {
            if (part.Type != NextHopAttribute.UnbalancedTime)
            {
                parts.Add(part);
            }
        }

        fault = inside.Fault.IsNone ? default : inside.Fault with { Field = "NHA_RES_GROUP" };
        kept.Add(attribute.RawType, parts.Written);
        return fault.IsNone;
    }

    private static IpFamily? FamilyOf(byte family) =>
        family switch
        {
            NetlinkFamily.Inet => IpFamily.V4,
            NetlinkFamily.Inet6 => IpFamily.V6,
            _ => null,
        };

    private static RawAttributes RawOf(NextHopHeader header, UnmodelledBytes kept)
    {
        var taken = header with { Scope = 0, Reserved = 0, Flags = header.Flags & RouteFlag.OnLink };
        Span<byte> first = stackalloc byte[8];
        MemoryMarshal.Write(first, taken);
        return RawAttributes.Of([.. first, .. kept.Written]);
    }
}
