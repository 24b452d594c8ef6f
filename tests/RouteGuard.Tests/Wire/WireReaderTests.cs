using RouteGuard.Platform.Wire;

namespace RouteGuard.Tests.Wire;

public sealed class WireReaderTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(5)]
    public void A_length_that_does_not_fit_is_refused_and_the_reader_has_not_moved(int lengthBytes)
    {
        var reader = new WireReader([1, 2, 3, 4]);
        Assert.False(reader.TryTake(lengthBytes, out var taken));
        Assert.True(taken.IsEmpty);
        Assert.False(reader.TrySkip(lengthBytes));
        Assert.Equal((0, 4), (reader.OffsetBytes, reader.RemainingBytes));
    }

    [Fact]
    public void All_of_it_may_be_taken_and_then_nothing_but_nothing()
    {
        var reader = new WireReader([1, 2, 3, 4]);
        Assert.True(reader.TryTake(4, out var taken));
        Assert.Equal([1, 2, 3, 4], taken.ToArray());
        Assert.True(reader.IsEnd);
        Assert.True(reader.TryTake(0, out _));
        Assert.False(reader.TryTake(1, out _));
        Assert.False(reader.TryRead(out byte _));
    }

    [Fact]
    public void Numbers_are_in_the_order_of_the_host()
    {
        var reader = new WireReader(BitConverter.GetBytes(0x01020304u));
        Assert.True(reader.TryRead(out uint number));
        Assert.Equal(0x01020304u, number);
    }

    [Fact]
    public void A_number_that_is_cut_is_refused_and_zero()
    {
        var reader = new WireReader([1, 2, 3]);
        Assert.False(reader.TryRead(out uint number));
        Assert.Equal(0u, number);
        Assert.Equal(0, reader.OffsetBytes);
        Assert.True(reader.TryRead(out ushort _));
        Assert.Equal(2, reader.OffsetBytes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 4)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 6)]
    public void Padding_is_skipped_as_far_as_there_is_any(int taken, int offset)
    {
        var reader = new WireReader(new byte[6]);
        Assert.True(reader.TrySkip(taken));
        reader.Align4();
        Assert.Equal(offset, reader.OffsetBytes);
    }

    [Fact]
    public void A_fault_is_a_sentence_and_none_is_none()
    {
        Assert.True(default(WireFault).IsNone);
        Assert.Equal("no fault", default(WireFault).ToString());
        Assert.Equal("rta_len at byte 12 is too short", new WireFault("rta_len", 12, "is too short").ToString());
    }
}
