using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Wire;

public sealed class NetlinkWriterTests
{
    private readonly NetlinkWriter _writer = new();

    private string Written => Convert.ToHexStringLower(_writer.Written);

    [Fact]
    public void A_message_has_its_length_its_header_and_padded_attributes()
    {
        _writer.BeginMessage(24, 0x605, 7);
        _writer.Append(0x0a0b0c0du);
        _writer.Attribute<byte>(20, 1);
        _writer.AttributeText(3, "p0");
        _writer.EndMessage();
        Assert.Equal(
            "24000000"
                + "1800"
                + "0506"
                + "07000000"
                + "00000000"
                + "0d0c0b0a"
                + "0500140001000000"
                + "0700030070300000",
            Written
        );
        Assert.Equal((36, 1), (_writer.LengthBytes, _writer.Messages));
    }

    [Fact]
    public void Messages_of_a_batch_follow_each_other()
    {
        _writer.BeginMessage(1, 0, 1);
        _writer.EndMessage();
        _writer.BeginMessage(2, 0, 2);
        _writer.Attribute(1, (ushort)3);
        _writer.EndMessage();
        Assert.Equal(
            "10000000010000000100000000000000" + "18000000020000000200000000000000" + "0600010003000000",
            Written
        );
        Assert.Equal(2, _writer.Messages);
    }

    [Fact]
    public void A_nested_attribute_gets_the_length_of_what_is_inside()
    {
        _writer.BeginMessage(1, 0, 0);
        var outer = _writer.BeginNested(8);
        _writer.Attribute(2, 1300u);
        var inner = _writer.BeginNested(9);
        _writer.EndNested(inner);
        _writer.EndNested(outer);
        _writer.EndMessage();
        Assert.EndsWith("10000800" + "0800020014050000" + "04000900", Written, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_cleared_leaves_nothing_behind()
    {
        _writer.BeginMessage(1, 0, 0);
        _writer.AppendBytes([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        _writer.EndMessage();
        _writer.Clear();
        Assert.Equal((0, 0), (_writer.LengthBytes, _writer.Messages));
        _writer.BeginMessage(1, 0, 0);
        _writer.Attribute<byte>(1, 2);
        _writer.EndMessage();
        Assert.Equal("18000000010000000000000000000000" + "0500010002000000", Written);
    }

    [Fact]
    public void A_writer_that_is_used_again_allocates_nothing()
    {
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Fill()
        {
            _writer.Clear();
            for (var at = 0; at < 1000; at++)
            {
                _writer.BeginMessage(24, 0, (uint)at);
                _writer.Attribute(1, (uint)at);
                _writer.AttributeText(3, "p0");
                _writer.EndMessage();
            }
        }
    }

    [Fact]
    public void It_grows_to_its_named_size_and_no_further()
    {
        _writer.BeginMessage(1, 0, 0);
        _writer.AppendBytes(new byte[NetlinkWriter.LengthBytesMax - NetlinkWriter.MessageHeaderBytes]);
        Assert.Throws<InvalidOperationException>(() => _writer.AppendBytes([1]));
        _writer.EndMessage();
        Assert.Equal(NetlinkWriter.LengthBytesMax, _writer.LengthBytes);
        _writer.Clear();
        _writer.BeginMessage(1, 0, 0);
        _writer.EndMessage();
        Assert.Equal(16, _writer.LengthBytes);
    }

    [Fact]
    public void An_attribute_that_does_not_fit_its_length_is_refused()
    {
        _writer.BeginMessage(1, 0, 0);
        _writer.Attribute(1, new byte[NetlinkWriter.PayloadBytesMax]);
        Assert.Throws<ArgumentException>(() => _writer.Attribute(1, new byte[NetlinkWriter.PayloadBytesMax + 1]));
        Assert.Throws<ArgumentException>(() =>
        {
            _writer.ReserveAttribute(1, -1);
        });
        var nested = _writer.BeginNested(2);
        _writer.AppendBytes(new byte[NetlinkWriter.PayloadBytesMax + 1]);
        Assert.Throws<InvalidOperationException>(() => _writer.EndNested(nested));
    }

    [Fact]
    public void Messages_are_begun_and_ended_in_turn()
    {
        Assert.Throws<InvalidOperationException>(() => _writer.EndMessage());
        _writer.BeginMessage(1, 0, 0);
        Assert.Throws<InvalidOperationException>(() => _writer.BeginMessage(1, 0, 0));
    }
}
