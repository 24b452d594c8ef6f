using System.Diagnostics.CodeAnalysis;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Everything that makes a next hop, but for the legs of several.</summary>
/// <param name="Type">rtm_type.</param>
/// <param name="IsOnLink">RTNH_F_ONLINK.</param>
/// <param name="Device">RTA_OIF, or none.</param>
/// <param name="Gateway">Without a family when there is none.</param>
/// <param name="ObjectId">RTA_NH_ID, or 0.</param>
internal readonly record struct NextHopKey(
    byte Type,
    bool IsOnLink,
    InterfaceIndex Device,
    IpAddress Gateway,
    uint ObjectId
);

/// <summary>Everything that makes a route's attributes.</summary>
/// <param name="PreferredSource">Without a family when there is none.</param>
/// <param name="Source">Without a family when there is none.</param>
/// <param name="Rest">RTA_METRICS and what is not modelled, as they came.</param>
internal readonly record struct AttributesKey(
    byte Protocol,
    byte Scope,
    byte Preference,
    uint Expires,
    IpAddress PreferredSource,
    Prefix Source,
    RawAttributes Rest
);

/// <summary>Makes each next hop and each set of attributes once and hands it out again.</summary>
/// <remarks>
/// Neighbours in a dump mostly look alike, so the last one is compared before the table is asked. A table that is
/// full is emptied: objects that were handed out stay good, only the sharing begins anew.
/// </remarks>
internal sealed class RouteInterner
{
    /// <summary>Entries of each table; a full Internet table has a few hundred next hops.</summary>
    public const int EntriesMax = 16_384;

    private readonly Dictionary<NextHopKey, NextHop> _nextHops = [];
    private readonly Dictionary<AttributesKey, RouteAttributes> _attributes = [];
    private readonly Dictionary<RawAttributes, NextHop> _multipathsV4 = new(RawBytesComparer.Instance);
    private readonly Dictionary<RawAttributes, NextHop> _multipathsV6 = new(RawBytesComparer.Instance);
    private readonly Dictionary<RawAttributes, RawAttributes> _raws = new(RawBytesComparer.Instance);
    private readonly UnmodelledBytes _rest = new();

    private NextHopKey _lastKey;
    private NextHop? _lastNextHop;
    private AttributesKey _lastAttributesKey;
    private RouteAttributes? _lastAttributes;

    public NextHop NextHop(in NextHopKey key)
    {
        if (_lastNextHop is not null && key == _lastKey)
        {
            return _lastNextHop;
        }

        if (!_nextHops.TryGetValue(key, out var nextHop))
        {
            nextHop = Make(key);
            Keep(_nextHops, key, nextHop);
        }

        _lastKey = key;
        _lastNextHop = nextHop;
        return nextHop;
    }

    /// <summary>The legs of RTA_MULTIPATH.</summary>
    public bool TryMultipath(
        in NetlinkAttribute attribute,
        IpFamily family,
        [NotNullWhen(true)] out NextHop? nextHop,
        out WireFault fault
    )
    {
        fault = default;
        var known = family == IpFamily.V4 ? _multipathsV4 : _multipathsV6;
        if (known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(attribute.Whole, out nextHop))
        {
            return true;
        }

        if (!LegCodec.TryDecode(attribute, family, _rest, out var legs, out fault))
        {
            return false;
        }

        nextHop = new NextHop.Multipath(legs);
        Keep(known, RawAttributes.Of(attribute.Whole), nextHop);
        return true;
    }

    /// <summary>One object for equal bytes.</summary>
    public RawAttributes Raw(ReadOnlySpan<byte> bytes)
    {
        if (!_raws.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bytes, out var raw))
        {
            raw = RawAttributes.Of(bytes);
            Keep(_raws, raw, raw);
        }

        return raw;
    }

    public bool TryAttributes(
        in AttributesKey key,
        [NotNullWhen(true)] out RouteAttributes? attributes,
        out WireFault fault
    )
    {
        fault = default;
        if (_lastAttributes is not null && key == _lastAttributesKey)
        {
            attributes = _lastAttributes;
            return true;
        }

        if (!_attributes.TryGetValue(key, out attributes))
        {
            if (!TryMake(key, out attributes, out fault))
            {
                return false;
            }

            Keep(_attributes, key, attributes);
        }

        _lastAttributesKey = key;
        _lastAttributes = attributes;
        return true;
    }

    private static NextHop Make(in NextHopKey key) =>
        key switch
        {
            { ObjectId: not 0 } => new NextHop.Shared(key.ObjectId),
            { Type: RouteType.Unicast } when key.Gateway == default => new NextHop.OnLink(key.Device),
            { Type: RouteType.Unicast } => new NextHop.Via(key.Gateway, key.Device, key.IsOnLink),
            { Type: RouteType.Blackhole } => new NextHop.Blackhole(),
            { Type: RouteType.Unreachable } => new NextHop.Unreachable(),
            { Type: RouteType.Prohibit } => new NextHop.Prohibit(),
            { Type: RouteType.Throw } => new NextHop.Throw(),
            _ => new NextHop.Special(key.Type, key.Device),
        };

    private bool TryMake(in AttributesKey key, [NotNullWhen(true)] out RouteAttributes? attributes, out WireFault fault)
    {
        attributes = null;
        if (!MetricsCodec.TryDecode(key.Rest, _rest, out var metrics, out fault))
        {
            return false;
        }

        attributes = new()
        {
            Protocol = key.Protocol,
            Scope = key.Scope,
            PreferredSource = key.PreferredSource == default ? null : key.PreferredSource,
            Source = key.Source == default ? null : key.Source,
            Metrics = metrics,
            Preference = key.Preference,
            ExpiresSeconds = key.Expires,
            Raw = _rest.ToRaw(),
        };
        return true;
    }

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> table, TKey key, TValue value)
        where TKey : notnull
    {
        if (table.Count >= EntriesMax)
        {
            table.Clear();
        }

        table.Add(key, value);
    }

    /// <summary>Finds kept bytes by bytes on loan.</summary>
    private sealed class RawBytesComparer
        : IEqualityComparer<RawAttributes>,
            IAlternateEqualityComparer<ReadOnlySpan<byte>, RawAttributes>
    {
        public static RawBytesComparer Instance { get; } = new();

        public bool Equals(RawAttributes? x, RawAttributes? y) => x is null ? y is null : x.Equals(y);

        public int GetHashCode(RawAttributes obj) => GetHashCode(obj.Bytes.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, RawAttributes other) =>
            alternate.SequenceEqual(other.Bytes.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public RawAttributes Create(ReadOnlySpan<byte> alternate) => RawAttributes.Of(alternate);
    }
}
