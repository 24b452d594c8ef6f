using RouteGuard.Core.Routes;
using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

/// <summary>Puts a body through the decoder of its type, and what was decoded through the encoder and back.</summary>
internal static class Decoders
{
    /// <summary>The types that the codec has a decoder for.</summary>
    public static readonly IReadOnlyList<ushort> Types =
    [
        NetlinkType.Error,
        NetlinkType.Done,
        NetlinkType.NewLink,
        NetlinkType.DeleteLink,
        NetlinkType.NewAddress,
        NetlinkType.DeleteAddress,
        NetlinkType.NewRoute,
        NetlinkType.DeleteRoute,
        NetlinkType.NewRule,
        NetlinkType.DeleteRule,
        NetlinkType.NewNextHop,
        NetlinkType.DeleteNextHop,
    ];

    /// <summary>
    /// Decodes; a value and a fault exclude each other, and a value that is written reads back as itself.
    /// </summary>
    /// <returns>True for a value, false for a fault.</returns>
    public static bool Run(
        RouteDecoder routes,
        NetlinkWriter writer,
        NetlinkHeader header,
        bool isRequest,
        ReadOnlySpan<byte> body,
        out WireFault fault
    )
    {
        object? value = null;
        var isRead = false;
        fault = default;
        switch (header.Type)
        {
            case NetlinkType.Error:
                isRead = AckCodec.TryDecodeError(header.Flags, body, out var ack, out fault);
                value = ack;
                break;
            case NetlinkType.Done:
                isRead = AckCodec.TryDecodeDone(header.Flags, body, out var done, out fault);
                value = done;
                break;
            case NetlinkType.NewLink or NetlinkType.DeleteLink:
                isRead = LinkCodec.TryDecode(body, out var link, out _, out fault);
                value = link;
                break;
            case NetlinkType.NewAddress or NetlinkType.DeleteAddress:
                isRead = AddressCodec.TryDecode(body, out _, out var address, out fault);
                value = address;
                break;
            case NetlinkType.NewRoute or NetlinkType.DeleteRoute:
                isRead = routes.TryDecode(body, out var route, out _, out fault);
                value = route;
                break;
            case NetlinkType.NewRule or NetlinkType.DeleteRule:
                isRead = RuleCodec.TryDecode(body, out var rule, out fault, isRequest);
                value = rule;
                break;
            case NetlinkType.NewNextHop or NetlinkType.DeleteNextHop:
                isRead = NextHopCodec.TryDecode(body, out var nextHop, out fault);
                value = nextHop;
                break;
            default:
                Assert.Fail($"type {header.Type} has no decoder");
                break;
        }

        Assert.Equal(isRead, fault.IsNone);
        if (isRead)
        {
            AssertReadsBack(routes, writer, value!, isRequest);
        }
        else
        {
            Assert.InRange(fault.OffsetBytes, 0, body.Length);
        }

        return isRead;
    }

    private static void AssertReadsBack(RouteDecoder routes, NetlinkWriter writer, object value, bool isRequest)
    {
        writer.Clear();
        switch (value)
        {
            case Route route:
                RouteCodec.AppendNewRoute(writer, route, 0, 0);
                routes.TryDecode(BodyOf(writer), out var routeAgain, out _, out var fault);
                Assert.True(fault.IsNone, fault.ToString());
                Assert.Equal(route, routeAgain);
                break;
            case PolicyRule rule:
                RuleCodec.AppendNewRule(writer, rule, 0, 0);
                RuleCodec.TryDecode(BodyOf(writer), out var ruleAgain, out fault, isRequest);
                Assert.True(fault.IsNone, fault.ToString());
                Assert.Equal(rule, ruleAgain);
                break;
            case NextHopObject nextHop:
                NextHopCodec.AppendNewNextHop(writer, nextHop, 0, 0);
                NextHopCodec.TryDecode(BodyOf(writer), out var nextHopAgain, out fault);
                Assert.True(fault.IsNone, fault.ToString());
                Assert.Equal(nextHop, nextHopAgain);
                break;
            default:
                break;
        }
    }

    public static ReadOnlySpan<byte> BodyOf(NetlinkWriter writer) => writer.Written[CapturedMessage.HeaderBytes..];
}
