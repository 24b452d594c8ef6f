namespace RouteGuard.Tests.Darwin;

/// <summary>The entries of one family in the order of the kernel's radix tree, with its rules of matching.</summary>
/// <remarks>
/// The tree orders by the bytes of address and scope; entries of equal key stand in a chain, hosts and longer masks
/// first.
/// Source: bsd/net/radix.c.
/// </remarks>
internal sealed class SimulatedTable
{
    private readonly List<SimulatedEntry> _entries = [];

    public IReadOnlyList<SimulatedEntry> Entries => _entries;

    /// <summary>Puts an entry in its place.</summary>
    /// <returns>False when key and mask are taken.</returns>
    public bool TryAdd(SimulatedEntry entry)
    {
        // The tree's own end node holds the key of all zeros without a mask.
        var isEndNode = entry.Mask is null && !entry.Key.ContainsAnyExcept((byte)0);
        var at = 0;
        while (at < _entries.Count && Compare(_entries[at], entry) < 0)
        {
            at++;
        }

        if (isEndNode || (at < _entries.Count && Compare(_entries[at], entry) == 0))
        {
            return false;
        }

        _entries.Insert(at, entry);
        return true;
    }

    /// <summary>Takes an entry out. Without a mask the first of the chain goes, whatever its mask.</summary>
    public SimulatedEntry? Remove(ReadOnlySpan<byte> key, byte[]? mask)
    {
        for (var at = 0; at < _entries.Count; at++)
        {
            var entry = _entries[at];
            if (!entry.Key.SequenceEqual(key))
            {
                continue;
            }

            if (mask is null && !key.ContainsAnyExcept((byte)0))
            {
                return null;
            }

            if (mask is null || (entry.Mask is not null && entry.Mask.AsSpan().SequenceEqual(mask)))
            {
                _entries.RemoveAt(at);
                return entry;
            }
        }

        return null;
    }

    /// <summary>The best match of an address within its scope; with a mask, the entry of that mask in the same
    /// chain.</summary>
    public SimulatedEntry? Match(ReadOnlySpan<byte> key, byte[]? mask, int scope)
    {
        SimulatedEntry? best = null;
        foreach (var entry in _entries)
        {
            if (scope != 0 && (!entry.IsScoped || Sockaddr.ScopeOf(entry.Destination) != scope))
            {
                continue;
            }

            if (IsMatch(entry, key) && (best is null || CompareMasks(entry.Mask, best.Mask) < 0))
            {
                best = entry;
            }
        }

        if (best is null || mask is null)
        {
            return best;
        }

        // An unknown mask finds nothing; a known one is looked for behind the best match, in its chain.
        foreach (var entry in _entries.SkipWhile(entry => entry != best))
        {
            if (entry.Key.SequenceEqual(best.Key) && entry.Mask is not null && entry.Mask.AsSpan().SequenceEqual(mask))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>All entries at or below a destination.</summary>
    public IReadOnlyList<SimulatedEntry> Below(SimulatedEntry above) =>
        above.Mask is null ? [] : [.. _entries.Where(entry => IsUnder(entry.Key, above.Key, above.Mask))];

    private static bool IsUnder(ReadOnlySpan<byte> key, ReadOnlySpan<byte> above, ReadOnlySpan<byte> mask)
    {
        for (var at = 0; at < key.Length - 4; at++)
        {
            if ((key[at] & mask[at]) != above[at])
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsMatch(SimulatedEntry entry, ReadOnlySpan<byte> key)
    {
        if (entry.Mask is null)
        {
            return entry.Key.SequenceEqual(key);
        }

        for (var at = 0; at < key.Length; at++)
        {
            if ((key[at] & entry.Mask[at]) != entry.Key[at])
            {
                return false;
            }
        }

        return true;
    }

    private static int Compare(SimulatedEntry left, SimulatedEntry right)
    {
        var byKey = left.Key.SequenceCompareTo(right.Key);
        return byKey != 0 ? byKey : CompareMasks(left.Mask, right.Mask);
    }

    private static int CompareMasks(byte[]? left, byte[]? right)
    {
        if (left is null || right is null)
        {
            return (left is null ? 0 : 1) - (right is null ? 0 : 1);
        }

        return right.AsSpan().SequenceCompareTo(left);
    }
}
