using RouteGuard.Platform.Linux;

namespace RouteGuard.Tests.Linux;

public sealed class AckCodecTests
{
    private static CapturedMessage Last(string file, ushort type) =>
        Capture.Named(file).Messages.Last(message => !message.IsRequest && message.Header.Type == type);

    [Theory]
    [InlineData("v4-default-add", 0, null)]
    [InlineData("v4-default-add-dup-eexist", 17, null)]
    [InlineData("v4-default-change-enoent", 2, null)]
    [InlineData("v4-default-del-esrch", 3, null)]
    [InlineData("v4-no-onlink-enetunreach", 101, "Nexthop has invalid gateway")]
    [InlineData("v4-src-invalid", 22, "Invalid prefsrc address")]
    public void The_answer_is_an_errno_and_the_kernels_own_sentence(string file, int errno, string? message)
    {
        var captured = Last(file, NetlinkType.Error);
        var isRead = AckCodec.TryDecodeError(captured.Header.Flags, captured.Body, out var ack, out var fault);
        Assert.True(isRead, fault.ToString());
        Assert.Equal(new Ack(errno, message, null), ack);
        Assert.Equal(errno == 0, ack.IsDone);
    }

    [Fact]
    public void An_answer_that_repeats_only_the_header_of_the_request_is_read_to_its_attributes()
    {
        // -22; a header that says 0x34 bytes; NLMSGERR_ATTR_MSG "no"; NLMSGERR_ATTR_OFFS 36.
        var body = Convert.FromHexString(
            "eaffffff" + "3400000018000506cc79046b00000000" + "070001006e6f0000" + "0800020024000000"
        );
        Assert.True(AckCodec.TryDecodeError(NetlinkFlags.Capped | NetlinkFlags.ExtendedAck, body, out var ack, out _));
        Assert.Equal(new Ack(22, "no", 36), ack);

        // The same bytes as a whole request: it is longer than what is left.
        Assert.False(AckCodec.TryDecodeError(NetlinkFlags.ExtendedAck, body, out _, out var fault));
        Assert.Equal("nlmsgerr.msg at byte 4 is shorter than its header or longer than what is left", fault.ToString());
    }

    [Fact]
    public void The_end_of_a_dump_may_be_an_error()
    {
        Assert.True(AckCodec.TryDecodeDone(NetlinkFlags.Multi, Convert.FromHexString("f0ffffff"), out var ack, out _));
        Assert.Equal(16, ack.Errno);

        var done = Last("dump-route4-all", NetlinkType.Done);
        Assert.True(AckCodec.TryDecodeDone(done.Header.Flags, done.Body, out ack, out _));
        Assert.True(ack.IsDone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("eaffff")]
    [InlineData("01000000" + "3400000018000506cc79046b00000000")]
    [InlineData("00000080" + "3400000018000506cc79046b00000000")]
    public void What_is_no_errno_is_a_fault(string hex)
    {
        Assert.False(AckCodec.TryDecodeError(NetlinkFlags.Capped, Convert.FromHexString(hex), out _, out var fault));
        Assert.Equal("nlmsgerr.error at byte 0 is cut off, or no negative errno", fault.ToString());
    }

    [Fact]
    public void A_dump_that_was_interrupted_says_so()
    {
        var bytes = (byte[])Last("dump-route4-all", NetlinkType.NewRoute).Bytes.Clone();
        bytes[6] |= (byte)NetlinkFlags.DumpInterrupted;
        var messages = new NetlinkMessages(bytes);
        Assert.True(messages.TryNext(out var message));
        Assert.True(message.IsDumpInterrupted);
    }
}
