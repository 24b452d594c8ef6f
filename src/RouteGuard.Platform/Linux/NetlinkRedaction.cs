using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.Recording;
using RouteGuard.Platform.Wire;

namespace RouteGuard.Platform.Linux;

/// <summary>Replaces the addresses in rtnetlink datagrams where they stand. Total: any bytes whatever.</summary>
/// <remarks>
/// Lengths and framing stay, so what could be decoded can be decoded. Attributes that are not known are zeroed, and so
/// is whatever stands where the framing is broken, and every message of a kind that no table is made of.
/// </remarks>
public sealed class NetlinkRedaction(Pseudonyms pseudonyms) : IRawRedaction
{
    /// <summary>Kinds of attributes that are named as zeroed; more are only zeroed.</summary>
    public const int ZeroedNamedMax = 256;

    // NLMSG_ERROR and NLMSG_DONE begin with an errno; behind it stand words, or the request.
    private const int ErrnoBytes = 4;

    private readonly SortedSet<string> _zeroed = new(StringComparer.Ordinal);

    /// <summary>Attributes that held something and were zeroed, such as <c>link attribute 26</c>.</summary>
    public IReadOnlyCollection<string> Zeroed => _zeroed;

    /// <summary>Redacts a whole datagram in place.</summary>
    public void Replace(Span<byte> datagram)
    {
        var rest = datagram;
        while (rest.Length >= NetlinkWriter.MessageHeaderBytes)
        {
            var header = MemoryMarshal.Read<NetlinkHeader>(rest);
            if (header.LengthBytes < NetlinkWriter.MessageHeaderBytes || header.LengthBytes > (uint)rest.Length)
            {
                break;
            }

            ReplaceBody(header.Type, rest[NetlinkWriter.MessageHeaderBytes..(int)header.LengthBytes]);
            rest = AfterPadding(rest, (int)header.LengthBytes);
        }

        rest.Clear();
    }

    public RawAttributes OfRoute(RawAttributes raw) => Of(raw, 0, "route", AttributeTreatment.OfRoute);

    public RawAttributes OfRule(RawAttributes raw) => Of(raw, 0, "rule", AttributeTreatment.OfRule);

    public RawAttributes OfNextHop(RawAttributes raw) =>
        Of(raw, Unsafe.SizeOf<NextHopHeader>(), "next hop", AttributeTreatment.OfNextHop);

    private RawAttributes Of(RawAttributes raw, int headerBytes, string of, Func<ushort, Treatment> treatmentOf)
    {
        if (raw.Bytes.Length < headerBytes || raw.IsEmpty)
        {
            return raw;
        }

        byte[] bytes = [.. raw.Bytes];
        ReplaceAttributes(bytes.AsSpan(headerBytes), new(of, treatmentOf, null, null));
        return RawAttributes.Of(bytes);
    }

    private void ReplaceBody(ushort type, Span<byte> body)
    {
        switch (type)
        {
            case NetlinkType.NewRoute or NetlinkType.DeleteRoute when body.Length >= Unsafe.SizeOf<RouteHeader>():
                var route = MemoryMarshal.Read<RouteHeader>(body);
                ReplaceAttributes(
                    body[Unsafe.SizeOf<RouteHeader>()..],
                    new("route", AttributeTreatment.OfRoute, route.DestinationLength, route.SourceLength)
                );
                break;
            case NetlinkType.NewRule or NetlinkType.DeleteRule when body.Length >= Unsafe.SizeOf<RuleHeader>():
                var rule = MemoryMarshal.Read<RuleHeader>(body);
                ReplaceAttributes(
                    body[Unsafe.SizeOf<RuleHeader>()..],
                    new("rule", AttributeTreatment.OfRule, rule.DestinationLength, rule.SourceLength)
                );
                break;
            case NetlinkType.NewLink or NetlinkType.DeleteLink when body.Length >= Unsafe.SizeOf<LinkHeader>():
                ReplaceAttributes(
                    body[Unsafe.SizeOf<LinkHeader>()..],
                    new("link", AttributeTreatment.OfLink, null, null)
                );
                break;
            case NetlinkType.NewAddress or NetlinkType.DeleteAddress when body.Length >= Unsafe.SizeOf<AddressHeader>():
                ReplaceAttributes(
                    body[Unsafe.SizeOf<AddressHeader>()..],
                    new("address", AttributeTreatment.OfAddress, null, null)
                );
                break;
            case NetlinkType.NewNextHop or NetlinkType.DeleteNextHop when body.Length >= Unsafe.SizeOf<NextHopHeader>():
                ReplaceAttributes(
                    body[Unsafe.SizeOf<NextHopHeader>()..],
                    new("next hop", AttributeTreatment.OfNextHop, null, null)
                );
                break;
            case NetlinkType.Error or NetlinkType.Done when body.Length >= ErrnoBytes:
                body[ErrnoBytes..].Clear();
                break;
            default:
                body.Clear();
                break;
        }
    }

    private void ReplaceAttributes(Span<byte> rest, in Scheme scheme)
    {
        while (rest.Length >= NetlinkWriter.AttributeHeaderBytes)
        {
            var header = MemoryMarshal.Read<AttributeHeader>(rest);
            if (header.LengthBytes < NetlinkWriter.AttributeHeaderBytes || header.LengthBytes > rest.Length)
            {
                break;
            }

            var type = (ushort)(header.Type & NetlinkAttribute.TypeMask);
            Replace(scheme, type, rest[NetlinkWriter.AttributeHeaderBytes..header.LengthBytes]);
            rest = AfterPadding(rest, header.LengthBytes);
        }

        rest.Clear();
    }

    private void Replace(in Scheme scheme, ushort type, Span<byte> payload)
    {
        switch (scheme.TreatmentOf(type))
        {
            case Treatment.Keep:
                break;
            case Treatment.Address:
                ReplaceAddress(payload, null);
                break;
            case Treatment.Destination:
                ReplaceAddress(payload, scheme.DestinationLength);
                break;
            case Treatment.Source:
                ReplaceAddress(payload, scheme.SourceLength);
                break;
            case Treatment.Layer2:
                pseudonyms.ReplaceLayer2(payload);
                break;
            case Treatment.Via when payload.Length > sizeof(ushort):
                ReplaceAddress(payload[sizeof(ushort)..], null);
                break;
            case Treatment.LinkKind:
                ReplaceAttributes(payload, new("link kind", AttributeTreatment.OfLinkKind, null, null));
                break;
            case Treatment.Legs:
                ReplaceLegs(payload);
                break;
            default:
                Zero(scheme.Of, type, payload);
                break;
        }
    }

    // The bits that do not count stay zeros where they are, for a decoder takes others for a fault.
    private void ReplaceAddress(Span<byte> payload, byte? length)
    {
        if (!IpAddress.TryFromBytes(payload, out var address))
        {
            payload.Clear();
            return;
        }

        var other =
            length is { } bits && Prefix.TryCreate(address, bits, out var prefix)
                ? pseudonyms.Of(prefix).Address
                : pseudonyms.Of(address);
        other.WriteBytes(payload);
    }

    private void ReplaceLegs(Span<byte> rest)
    {
        var headerBytes = Unsafe.SizeOf<LegHeader>();
        while (rest.Length >= headerBytes)
        {
            var header = MemoryMarshal.Read<LegHeader>(rest);
            if (header.LengthBytes < headerBytes || header.LengthBytes > rest.Length)
            {
                break;
            }

            ReplaceAttributes(rest[headerBytes..header.LengthBytes], new("route", OfLeg, null, null));
            rest = AfterPadding(rest, header.LengthBytes);
        }

        rest.Clear();
    }

    // A leg has no legs: nesting ends here.
    private static Treatment OfLeg(ushort type) =>
        AttributeTreatment.OfRoute(type) is var treatment && treatment == Treatment.Legs ? Treatment.Zero : treatment;

    private void Zero(string of, ushort type, Span<byte> payload)
    {
        if (payload.ContainsAnyExcept((byte)0) && _zeroed.Count < ZeroedNamedMax)
        {
            _zeroed.Add(string.Create(CultureInfo.InvariantCulture, $"{of} attribute {type}"));
        }

        payload.Clear();
    }

    private static Span<byte> AfterPadding(Span<byte> rest, int lengthBytes)
    {
        var next = Math.Min((lengthBytes + 3) & ~3, rest.Length);
        rest[lengthBytes..next].Clear();
        return rest[next..];
    }

    /// <summary>What the attributes of one message are.</summary>
    private readonly record struct Scheme(
        string Of,
        Func<ushort, Treatment> TreatmentOf,
        byte? DestinationLength,
        byte? SourceLength
    );
}
