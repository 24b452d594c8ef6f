using RouteGuard.Platform.Linux;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Linux;

public sealed class CaptureTests
{
    private readonly RouteDecoder _routes = new();
    private readonly NetlinkWriter _writer = new();

    public static TheoryData<string> Files => Capture.Files;

    [Fact]
    public void There_are_captures() =>
        Assert.True(Capture.All.Count >= 230, $"only {Capture.All.Count} captures were found");

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_message_decodes_and_reads_back_as_itself(string file)
    {
        var capture = Capture.Named(file);
        foreach (var message in capture.Messages)
        {
            var messages = new NetlinkMessages(message.Bytes);
            Assert.True(messages.TryNext(out var whole), messages.Fault.ToString());
            Assert.Equal(message.Header, whole.Header);
            if (Decoders.Types.Contains(whole.Type))
            {
                var isRead = Decoders.Run(_routes, _writer, whole.Header, message.IsRequest, whole.Body, out var fault);
                Assert.True(isRead || MayFault(capture, message, fault), $"{fault} of {message.Hex}");
            }

            Assert.False(messages.TryNext(out _));
            Assert.True(messages.Fault.IsNone, messages.Fault.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Nothing_that_a_route_or_rule_says_is_lost(string file)
    {
        foreach (var message in Capture.Named(file).Messages)
        {
            _writer.Clear();
            switch (message.Header.Type)
            {
                case NetlinkType.NewRoute or NetlinkType.DeleteRoute:
                    if (!RouteCodec.TryDecode(message.Body, out var route, out var fault))
                    {
                        Assert.True(MayFault(Capture.Named(file), message, fault), fault.ToString());
                        break;
                    }

                    RouteCodec.AppendNewRoute(_writer, route, 0, 0);
                    Assert.Equal(Meaning.OfRoute(message.Body), Meaning.OfRoute(Decoders.BodyOf(_writer)));
                    break;
                case NetlinkType.NewRule or NetlinkType.DeleteRule:
                    if (!RuleCodec.TryDecode(message.Body, out var rule, out fault, message.IsRequest))
                    {
                        Assert.True(MayFault(Capture.Named(file), message, fault), fault.ToString());
                        break;
                    }

                    RuleCodec.AppendNewRule(_writer, rule, 0, 0);
                    Assert.Equal(
                        Meaning.OfRule(message.Body, message.IsRequest),
                        Meaning.OfRule(Decoders.BodyOf(_writer), message.IsRequest)
                    );
                    break;
                default:
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_request_to_make_a_route_or_rule_is_written_again_byte_by_byte(string file)
    {
        var capture = Capture.Named(file);
        foreach (var message in capture.Messages.Where(message => message.IsRequest))
        {
            _writer.Clear();
            switch (message.Header.Type)
            {
                case NetlinkType.NewRoute:
                    if (!RouteCodec.TryDecode(message.Body, out var route, out var fault))
                    {
                        Assert.True(MayFault(capture, message, fault), fault.ToString());
                        break;
                    }

                    RouteCodec.AppendNewRoute(_writer, route, message.Header.Flags, message.Header.Sequence);
                    SameBytes.Assert(message, _writer.Written, isRule: false);
                    break;
                case NetlinkType.NewRule:
                    if (!RuleCodec.TryDecode(message.Body, out var rule, out fault, isRequest: true))
                    {
                        Assert.True(MayFault(capture, message, fault), fault.ToString());
                        break;
                    }

                    RuleCodec.AppendNewRule(_writer, rule, message.Header.Flags, message.Header.Sequence);
                    SameBytes.Assert(message, _writer.Written, isRule: true);
                    break;
                default:
                    break;
            }
        }
    }

    // ip(8) may send nonsense, which the kernel refuses, or host bits, which it masks for IPv6. The kernel itself
    // says neither.
    private static bool MayFault(Capture capture, CapturedMessage message, WireFault fault) =>
        message.IsRequest && (capture.ReturnCode != 0 || fault.Field is "rtm_dst_len" or "rtm_src_len");
}
