using RouteGuard.Core.Planning;
using RouteGuard.Core.Routes;

namespace RouteGuard.Tests.Planning;

public sealed class PrefixSetTests(ITestOutputHelper output)
{
    private const int RoundsPerSeed = 500;

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0")]
    [InlineData("10.0.0.0/8 10.1.0.0/16 10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.0.1.0/24 10.0.0.0/24", "10.0.0.0/23")]
    [InlineData("10.0.1.0/24 10.0.2.0/24", "10.0.1.0/24, 10.0.2.0/24")]
    [InlineData("255.255.255.255/32", "255.255.255.255/32")]
    [InlineData("0.0.0.0/1", "0.0.0.0/1")]
    public void However_a_set_is_put_together_it_prints_the_fewest_prefixes(string prefixes, string expected) =>
        Assert.Equal(expected, Set(prefixes).ToString());

    [Theory]
    [InlineData("10.0.0.0/8 192.0.2.0/24", "0.0.0.0/0 except 10.0.0.0/8, 192.0.2.0/24")]
    [InlineData("255.255.255.255/32", "0.0.0.0/0 except 255.255.255.255/32")]
    [InlineData("0.0.0.0/32", "0.0.0.0/0 except 0.0.0.0/32")]
    public void What_is_nearly_everything_prints_what_is_missing(string missing, string expected) =>
        Assert.Equal(expected, PrefixSet.All(IpFamily.V4).Except(Set(missing)).ToString());

    [Fact]
    public void Ipv6_reaches_to_its_last_address()
    {
        var all = PrefixSet.All(IpFamily.V6);
        var last = Prefix.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
        Assert.Equal("::/0", all.ToString());
        Assert.Equal($"::/0 except {last}", all.Without(last).ToString());
        Assert.Equal(all, all.Without(last).With(last));
        Assert.Equal(128, all.Without(last).Prefixes.Count());
        Assert.True(all.Complement().IsEmpty);
    }

    [Fact]
    public void A_long_list_is_cut_and_counted()
    {
        var hosts = Enumerable.Range(0, 40).Select(at => Prefix.Host(IpAddress.V4(0x0a00_0000 + (2 * (uint)at))));
        var text = PrefixSet.Of(IpFamily.V4, hosts).ToString();
        Assert.EndsWith("10.0.0.62/32 and 8 more", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Families_do_not_mix()
    {
        Assert.False(PrefixSet.All(IpFamily.V4).Contains(IpAddress.Parse("2001:db8::1")));
        Assert.False(PrefixSet.All(IpFamily.V6).Covers(Prefix.DefaultV4));
        Assert.NotEqual(PrefixSet.Empty(IpFamily.V4), PrefixSet.Empty(IpFamily.V6));
        Assert.Throws<ArgumentException>(() => PrefixSet.All(IpFamily.V4).With(Prefix.DefaultV6));
    }

    [Fact]
    public void More_ranges_than_any_table_gives_are_refused()
    {
        var everySecond = Enumerable
            .Range(0, PrefixSet.RangesMax + 1)
            .Select(at => Prefix.Host(IpAddress.V4(2 * (uint)at)));
        Assert.Throws<ArgumentException>(() => PrefixSet.Of(IpFamily.V4, everySecond));
    }

    [Theory]
    [InlineData(IpFamily.V4, 1)]
    [InlineData(IpFamily.V4, 2)]
    [InlineData(IpFamily.V6, 3)]
    [InlineData(IpFamily.V6, 4)]
    public void Every_operation_does_what_it_does_to_each_address(IpFamily family, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < RoundsPerSeed; round++)
        {
            var (one, other) = (Universe.RandomSet(random, family), Universe.RandomSet(random, family));
            var (a, b) = (PrefixSet.Of(family, one), PrefixSet.Of(family, other));
            var prefix = Universe.RandomPrefix(random, family);
            foreach (var point in Universe.Points(family))
            {
                var inA = one.Exists(each => each.Contains(point));
                var inB = other.Exists(each => each.Contains(point));
                var inPrefix = prefix.Contains(point);
                Assert.Equal(inA, a.Contains(point));
                Assert.Equal(inA || inB, a.Union(b).Contains(point));
                Assert.Equal(inA && inB, a.Intersect(b).Contains(point));
                Assert.Equal(inA && !inB, a.Except(b).Contains(point));
                Assert.Equal(!inA, a.Complement().Contains(point));
                Assert.Equal(inA || inPrefix, a.With(prefix).Contains(point));
                Assert.Equal(inA && !inPrefix, a.Without(prefix).Contains(point));
            }

            AssertCanonical(a, b, prefix);
        }

        output.WriteLine($"{family}, seed {seed}: {RoundsPerSeed} pairs of sets agree with the model.");
    }

    private static void AssertCanonical(PrefixSet a, PrefixSet b, Prefix prefix)
    {
        Assert.Equal(a, PrefixSet.Of(a.Family, a.Prefixes));
        Assert.Equal(a.Union(b), b.Union(a));
        Assert.Equal(a.Union(b).GetHashCode(), b.Union(a).GetHashCode());
        Assert.Equal(a, a.Complement().Complement());
        Assert.Equal(a, a.Except(b).Union(a.Intersect(b)));
        Assert.Equal(a.Without(prefix).With(prefix), a.With(prefix));
        Assert.Equal(a.Covers(prefix), PrefixSet.Of(a.Family, [prefix]).Except(a).IsEmpty);
        var prefixes = a.Prefixes.ToArray();
        for (var at = 1; at < prefixes.Length; at++)
        {
            Assert.True(prefixes[at - 1].Last < prefixes[at].First, "prefixes overlap or descend");
        }
    }

    private static PrefixSet Set(string prefixes) =>
        PrefixSet.Of(IpFamily.V4, prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Prefix.Parse));

    /// <summary>The 32 first and the 32 last addresses of a family, and one between them.</summary>
    private static class Universe
    {
        private const int BlockBits = 5;
        private const int BlockSize = 1 << BlockBits;
        private const int PrefixesMax = 8;

        public static IEnumerable<IpAddress> Points(IpFamily family)
        {
            var last = Prefix.LastOf(family);
            return Enumerable
                .Range(0, BlockSize)
                .SelectMany(at => new[] { (UInt128)at, last - (UInt128)at })
                .Append(last / 2)
                .Select(number => IpAddress.FromNumber(family, number));
        }

        public static List<Prefix> RandomSet(Random random, IpFamily family)
        {
            var count = random.Next(PrefixesMax);
            return [.. Enumerable.Range(0, count).Select(_ => RandomPrefix(random, family))];
        }

        public static Prefix RandomPrefix(Random random, IpFamily family)
        {
            var bits = family == IpFamily.V4 ? 32 : 128;
            var length = random.Next(20) == 0 ? random.Next(2) : bits - random.Next(BlockBits + 1);
            var near = (UInt128)random.Next(BlockSize);
            var number = random.Next(2) == 0 ? near : Prefix.LastOf(family) - near;
            var address = IpAddress.FromNumber(family, number).Masked(length);
            Assert.True(Prefix.TryCreate(address, length, out var prefix));
            return prefix;
        }
    }
}
