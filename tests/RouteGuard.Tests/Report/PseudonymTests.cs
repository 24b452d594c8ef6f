using RouteGuard.Core.Routes;
using RouteGuard.Platform.Recording;

namespace RouteGuard.Tests.Report;

/// <summary>Other addresses: what stays, what changes, and that nothing is lost.</summary>
public sealed class PseudonymTests
{
    private const int Seed = 20_261_128;
    private const int Cases = 4000;

    private readonly Random _random = new(Seed);

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Two_addresses_share_as_many_leading_bits_as_their_pseudonyms(IpFamily family)
    {
        using var pseudonyms = New();
        for (var at = 0; at < Cases; at++)
        {
            var one = Any(family);

            // Beside the first by a random number of bits: two at random have almost none in common.
            var other = IpAddress.FromNumber(family, one.Number ^ (Any(family).Number >> _random.Next(128)));
            Assert.True(
                CommonBits(one, other) == CommonBits(pseudonyms.Of(one), pseudonyms.Of(other)),
                $"seed {Seed}: {one} and {other}"
            );
        }
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void No_two_become_one_and_a_second_time_gives_the_same(IpFamily family)
    {
        using var pseudonyms = New();
        using var again = New();
        var all = Enumerable.Range(0, Cases).Select(_ => Any(family)).Distinct().ToArray();
        Assert.Equal(all.Length, all.Select(pseudonyms.Of).Distinct().Count());
        Assert.Equal(all.Select(pseudonyms.Of), all.Select(again.Of));
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_prefix_holds_the_pseudonyms_of_what_it_held_and_keeps_its_length(IpFamily family)
    {
        using var pseudonyms = New();
        for (var at = 0; at < Cases; at++)
        {
            var address = Any(family);
            var length = _random.Next(address.BitLength + 1);
            Assert.True(Prefix.TryCreate(address.Masked(length), length, out var prefix));
            var other = pseudonyms.Of(prefix);
            Assert.Equal(prefix.Length, other.Length);
            Assert.True(other.Contains(pseudonyms.Of(address)), $"seed {Seed}: {address} in {prefix}");
        }
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("100.64.0.0/10")]
    [InlineData("127.0.0.0/8")]
    [InlineData("169.254.0.0/16")]
    [InlineData("172.16.0.0/12")]
    [InlineData("192.168.0.0/16")]
    [InlineData("224.0.0.0/4")]
    [InlineData("0.0.0.0/0")]
    [InlineData("0.0.0.0/1")]
    [InlineData("128.0.0.0/1")]
    [InlineData("64.0.0.0/2")]
    [InlineData("32.0.0.0/3")]
    [InlineData("16.0.0.0/4")]
    [InlineData("8.0.0.0/5")]
    [InlineData("4.0.0.0/6")]
    [InlineData("2.0.0.0/7")]
    [InlineData("1.0.0.0/8")]
    [InlineData("255.255.255.255/32")]
    [InlineData("::/0")]
    [InlineData("::/1")]
    [InlineData("8000::/1")]
    [InlineData("::1/128")]
    [InlineData("2000::/3")]
    [InlineData("fe80::/64")]
    [InlineData("fd00::/8")]
    [InlineData("ff02::/16")]
    public void A_class_stays_where_it_is_and_its_addresses_stay_in_it(string text)
    {
        using var pseudonyms = New();
        var prefix = Prefix.Parse(text);
        Assert.Equal(prefix, pseudonyms.Of(prefix));
        for (var at = 0; at < 100; at++)
        {
            var inside = IpAddress.FromNumber(
                prefix.Family,
                prefix.First | (Any(prefix.Family).Number & (prefix.Last ^ prefix.First))
            );
            Assert.True(prefix.Contains(pseudonyms.Of(inside)), $"seed {Seed}: {inside}");
        }
    }

    [Theory]
    [InlineData("192.0.2.0/24")]
    [InlineData("172.20.0.0/16")]
    [InlineData("10.8.0.0/16")]
    [InlineData("203.0.113.7/32")]
    [InlineData("192.168.1.1/32")]
    [InlineData("2001:db8::/32")]
    [InlineData("fe80::1/128")]
    public void What_is_longer_than_its_class_never_stays_itself(string text)
    {
        for (byte key = 0; key < 100; key++)
        {
            using var pseudonyms = new Pseudonyms([.. Enumerable.Repeat(key, Pseudonyms.KeyBytes)]);
            Assert.NotEqual(Prefix.Parse(text), pseudonyms.Of(Prefix.Parse(text)));
        }
    }

    [Fact]
    public void Another_key_gives_other_pseudonyms()
    {
        using var one = Pseudonyms.WithRandomKey();
        using var other = Pseudonyms.WithRandomKey();
        var all = Enumerable.Range(0, 100).Select(_ => Any(IpFamily.V6)).ToArray();
        Assert.NotEqual(all.Select(one.Of), all.Select(other.Of));
    }

    [Fact]
    public void Layer_2_addresses_are_permuted_and_keep_their_kind()
    {
        using var pseudonyms = New();
        HashSet<string> before = [];
        HashSet<string> after = [];
        for (var at = 0; at < Cases; at++)
        {
            var bytes = new byte[6];
            _random.NextBytes(bytes);
            before.Add(Convert.ToHexString(bytes));
            var kind = bytes[0] & 3;
            pseudonyms.ReplaceLayer2(bytes);
            Assert.Equal(kind, bytes[0] & 3);
            after.Add(Convert.ToHexString(bytes));
        }

        Assert.Equal(before.Count, after.Count);
        Assert.Empty(before.Intersect(after, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("00:00:00:00:00:00", true)]
    [InlineData("ff:ff:ff:ff:ff:ff", true)]
    [InlineData("02:00:00:00:00:04", false)]
    [InlineData("80:00:00:48:fe:80:00:00:00:00:00:00:e4:1d:2d:03:00:4f:f5:b1", false)]
    [InlineData("not:an:address", true)]
    [InlineData("", true)]
    public void Layer_2_text_keeps_its_form(string text, bool stays)
    {
        using var pseudonyms = New();
        var other = pseudonyms.OfLayer2(text);
        Assert.Equal(stays, other == text);
        Assert.Equal(text.Length, other.Length);
    }

    [Fact]
    public void The_layer_2_address_of_a_tunnel_is_its_ip_address()
    {
        using var pseudonyms = New();
        var address = IpAddress.Parse("203.0.113.9");
        var bytes = new byte[4];
        address.WriteBytes(bytes);
        pseudonyms.ReplaceLayer2(bytes);
        Assert.True(IpAddress.TryFromBytes(bytes, out var other));
        Assert.Equal(pseudonyms.Of(address), other);
    }

    private static Pseudonyms New() => new(Convert.FromHexString("00112233445566778899aabbccddeeff"));

    private static int CommonBits(IpAddress one, IpAddress other) =>
        (int)UInt128.LeadingZeroCount(one.Number ^ other.Number) - (128 - one.BitLength);

    // Half of them private, link-local or otherwise special: there the bits that stay are many.
    private IpAddress Any(IpFamily family)
    {
        var bytes = new byte[family == IpFamily.V4 ? 4 : 16];
        _random.NextBytes(bytes);
        if (_random.Next(2) == 0)
        {
            byte[][] heads =
                family == IpFamily.V4
                    ?
                    [
                        [10],
                        [172, 16],
                        [192, 168],
                        [169, 254],
                        [100, 64],
                        [224],
                        [0],
                        [255],
                    ]
                    :
                    [
                        [0xfe, 0x80, 0, 0, 0, 0, 0, 0],
                        [0xfd],
                        [0xff, 2],
                        [0x20, 1, 0xd, 0xb8],
                        [0, 0, 0, 0, 0, 0, 0, 0],
                    ];
            heads[_random.Next(heads.Length)].CopyTo(bytes, 0);
        }

        Assert.True(IpAddress.TryFromBytes(bytes, out var address));
        return address;
    }
}
