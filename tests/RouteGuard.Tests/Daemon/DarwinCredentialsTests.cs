using RouteGuard.Daemon;

namespace RouteGuard.Tests.Daemon;

/// <summary>Who is at the other end, in the bytes of XNU (sys/ucred.h struct xucred).</summary>
public sealed class DarwinCredentialsTests
{
    // version 0, uid 501, 3 groups (padded to 4 bytes), staff 20, everyone 12, admin 80, then room for 13 more
    private const string Person = "00000000" + "f5010000" + "03000000" + "14000000" + "0c000000" + "50000000";

    [Fact]
    public void User_and_groups_are_read()
    {
        Assert.True(DarwinCredentials.TryDecode(Bytes(Person), out var person));
        Assert.Equal(501u, person.Uid);
        Assert.Equal([20u, 12u, 80u], person.Groups);
    }

    [Fact]
    public void What_lies_behind_the_last_group_is_no_group()
    {
        var bytes = Bytes(Person);
        bytes[8] = 2;
        Assert.True(DarwinCredentials.TryDecode(bytes, out var person));
        Assert.Equal([20u, 12u], person.Groups);
    }

    [Fact]
    public void Sixteen_groups_fill_the_structure()
    {
        var bytes = Bytes(Person);
        bytes[8] = 16;
        Assert.True(DarwinCredentials.TryDecode(bytes, out var person));
        Assert.Equal(16, person.Groups.Count);
    }

    [Theory]
    [InlineData(0, 1)] // a version that nobody knows
    [InlineData(8, 17)] // more groups than there is room for
    [InlineData(9, 0x80)] // fewer than none
    public void What_is_no_such_structure_is_refused(int at, byte value)
    {
        var bytes = Bytes(Person);
        bytes[at] = value;
        Assert.False(DarwinCredentials.TryDecode(bytes, out _));
    }

    [Fact]
    public void Every_other_length_is_refused()
    {
        for (var length = 0; length < 2 * DarwinCredentials.LengthBytes; length++)
        {
            var isWhole = length == DarwinCredentials.LengthBytes;
            Assert.Equal(isWhole, DarwinCredentials.TryDecode(new byte[length], out _));
        }
    }

    private static byte[] Bytes(string hex)
    {
        var bytes = new byte[DarwinCredentials.LengthBytes];
        Convert.FromHexString(hex).CopyTo(bytes, 0);
        return bytes;
    }
}
