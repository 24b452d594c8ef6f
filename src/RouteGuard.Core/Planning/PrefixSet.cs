using System.Collections.Immutable;
using System.Globalization;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Addresses of one family: any set of prefixes, in one form whatever prefixes it was made of.</summary>
/// <remarks>
/// Kept as ranges that neither touch nor overlap, ascending, because a set of n prefixes and its complement are then of
/// about the same size; as prefixes the complement of one host would be 128 of them. Two sets are equal when they hold
/// the same addresses: 0.0.0.0/1 with 128.0.0.0/1 is 0.0.0.0/0. Operations are one walk over both sides.
/// </remarks>
public sealed class PrefixSet : IEquatable<PrefixSet>
{
    /// <summary>Ranges of a set: twice what the Internet's own table has today. A larger one is a fault of the
    /// caller.</summary>
    public const int RangesMax = 1 << 21;

    /// <summary>Prefixes that are printed one by one; the rest is counted.</summary>
    public const int PrefixesPrintedMax = 32;

    private readonly ImmutableArray<AddressRange> _ranges;

    private PrefixSet(IpFamily family, ImmutableArray<AddressRange> ranges)
    {
        Family = family;
        _ranges = ranges;
    }

    public IpFamily Family { get; }

    public bool IsEmpty => _ranges.IsEmpty;

    /// <summary>Every address of the family.</summary>
    public bool IsAll => _ranges.Length == 1 && _ranges[0] == AddressRange.All(Family);

    /// <summary>The fewest prefixes that hold the same addresses, ascending.</summary>
    public IEnumerable<Prefix> Prefixes => _ranges.SelectMany(range => range.Prefixes(Family));

    public static PrefixSet Empty(IpFamily family) => new(family, []);

    public static PrefixSet All(IpFamily family) => new(family, [AddressRange.All(family)]);

    /// <exception cref="ArgumentException">A prefix is of the other family, or there are more than
    /// <see cref="RangesMax"/>.</exception>
    public static PrefixSet Of(IpFamily family, IEnumerable<Prefix> prefixes)
    {
        List<AddressRange> ranges = [];
        foreach (var prefix in prefixes)
        {
            RefuseOtherFamily(family, prefix.Family, nameof(prefixes));
            ranges.Add(AddressRange.Of(prefix));
        }

        ranges.Sort(static (one, other) => one.First.CompareTo(other.First));
        return FromAscending(family, ranges);
    }

    public PrefixSet With(Prefix prefix) => Union(Of(Family, [prefix]));

    public PrefixSet Without(Prefix prefix) => Except(Of(Family, [prefix]));

    public PrefixSet Union(PrefixSet other)
    {
        RefuseOtherFamily(Family, other.Family, nameof(other));
        var both = new List<AddressRange>(_ranges.Length + other._ranges.Length);
        var (left, right) = (0, 0);
        while (left < _ranges.Length || right < other._ranges.Length)
        {
            var isLeft =
                right == other._ranges.Length
                || (left < _ranges.Length && _ranges[left].First <= other._ranges[right].First);
            both.Add(isLeft ? _ranges[left++] : other._ranges[right++]);
        }

        return FromAscending(Family, both);
    }

    public PrefixSet Intersect(PrefixSet other)
    {
        RefuseOtherFamily(Family, other.Family, nameof(other));
        List<AddressRange> shared = [];
        var left = 0;
        var right = other.FirstNotBefore(IsEmpty ? 0 : _ranges[0].First);
        while (left < _ranges.Length && right < other._ranges.Length)
        {
            var (one, two) = (_ranges[left], other._ranges[right]);
            var first = UInt128.Max(one.First, two.First);
            var last = UInt128.Min(one.Last, two.Last);
            if (first <= last)
            {
                shared.Add(new(first, last));
            }

            // Whichever ends first can meet nothing more.
            if (one.Last <= two.Last)
            {
                left++;
            }
            else
            {
                right++;
            }
        }

        return FromAscending(Family, shared);
    }

    public PrefixSet Except(PrefixSet other) => Intersect(other.Complement());

    /// <summary>Every address of the family that is not in the set.</summary>
    public PrefixSet Complement()
    {
        List<AddressRange> gaps = [];
        UInt128 next = 0;
        foreach (var range in _ranges)
        {
            if (range.First > next)
            {
                gaps.Add(new(next, range.First - 1));
            }

            if (range.Last == Prefix.LastOf(Family))
            {
                return FromAscending(Family, gaps);
            }

            next = range.Last + 1;
        }

        gaps.Add(new(next, Prefix.LastOf(Family)));
        return FromAscending(Family, gaps);
    }

    /// <summary>False for an address of the other family.</summary>
    public bool Contains(IpAddress address) => address.Family == Family && Covers(Prefix.Host(address));

    /// <summary>True when every address of the prefix is in the set; false for one of the other family.</summary>
    public bool Covers(Prefix prefix)
    {
        if (prefix.Family != Family)
        {
            return false;
        }

        var at = FirstNotBefore(prefix.First);
        return at < _ranges.Length && _ranges[at].First <= prefix.First && prefix.Last <= _ranges[at].Last;
    }

    public bool Equals(PrefixSet? other) =>
        other is not null && other.Family == Family && _ranges.AsSpan().SequenceEqual(other._ranges.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as PrefixSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Family);
        foreach (var range in _ranges)
        {
            hash.Add(range);
        }

        return hash.ToHashCode();
    }

    /// <summary>What it holds, or, where that is shorter, what it does not:
    /// <c>0.0.0.0/0 except 10.0.0.0/8</c>.</summary>
    public override string ToString()
    {
        if (IsEmpty)
        {
            return "nothing";
        }

        var rest = Complement();
        return rest.CountPrefixes() + 1 < CountPrefixes() ? $"{Prefix.Default(Family)} except {rest.List()}" : List();
    }

    /// <summary>Makes a set of ranges that ascend by their first address; they may overlap.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="RangesMax"/> of them after
    /// merging.</exception>
    internal static PrefixSet FromAscending(IpFamily family, IReadOnlyList<AddressRange> ranges)
    {
        var merged = ImmutableArray.CreateBuilder<AddressRange>();
        foreach (var range in ranges)
        {
            if (merged.Count > 0 && merged[^1].Touches(range))
            {
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
                continue;
            }

            merged.Add(range);
        }

        return merged.Count <= RangesMax
            ? new(family, merged.DrainToImmutable())
            : throw new ArgumentException(
                $"A set of {merged.Count} ranges is larger than {RangesMax}.",
                nameof(ranges)
            );
    }

    private long CountPrefixes() => _ranges.Sum(range => (long)range.Prefixes(Family).Count());

    private string List()
    {
        var count = CountPrefixes();
        var shown = string.Join(", ", Prefixes.Take(PrefixesPrintedMax));
        return count <= PrefixesPrintedMax
            ? shown
            : string.Create(CultureInfo.InvariantCulture, $"{shown} and {count - PrefixesPrintedMax} more");
    }

    // The first range that does not end before the number.
    private int FirstNotBefore(UInt128 number)
    {
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ranges[middle].Last < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static void RefuseOtherFamily(IpFamily family, IpFamily other, string parameter)
    {
        if (family != other)
        {
            throw new ArgumentException($"Cannot mix {family} and {other} in one set.", parameter);
        }
    }
}

/// <summary>Addresses from first to last, both included, by their numbers.</summary>
internal readonly record struct AddressRange(UInt128 First, UInt128 Last)
{
    public static AddressRange All(IpFamily family) => new(0, Prefix.LastOf(family));

    public static AddressRange Of(Prefix prefix) => new(prefix.First, prefix.Last);

    /// <summary>True when a range that starts no earlier overlaps this one or follows without a gap.</summary>
    public bool Touches(AddressRange later) => later.First <= Last || later.First - Last == 1;

    /// <summary>The fewest prefixes that hold the range: each as large as its first address and the rest allow, so at
    /// most two of each length.</summary>
    public IEnumerable<Prefix> Prefixes(IpFamily family)
    {
        var bits = family == IpFamily.V4 ? 32 : 128;
        var first = First;
        while (true)
        {
            // The largest power of two of addresses that starts here and does not go beyond the last.
            var rest = Last - first;
            var aligned = first == 0 ? bits : (int)UInt128.TrailingZeroCount(first);
            var fitting = rest == UInt128.MaxValue ? bits : (int)UInt128.Log2(rest + 1);
            var hostBits = int.Min(aligned, fitting);
            _ = Prefix.TryCreate(IpAddress.FromNumber(family, first), bits - hostBits, out var prefix);
            yield return prefix;
            if (prefix.Last == Last)
            {
                yield break;
            }

            first = prefix.Last + 1;
        }
    }
}
