using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Recording;

/// <summary>A table with other addresses, the same as in the bytes that it was read from. Pure.</summary>
/// <param name="pseudonyms">The key.</param>
/// <param name="raw">What becomes of bytes that are not modelled.</param>
public sealed class TableRedaction(Pseudonyms pseudonyms, IRawRedaction raw)
{
    public RouteTable Of(RouteTable table) =>
        RouteTable.FromDump(
            table.Routes.Select(Of),
            table.Rules.Select(Of),
            table.Links.Select(Of),
            table.NextHops.Select(one => one with { Raw = raw.OfNextHop(one.Raw) })
        );

    public Route Of(Route route)
    {
        var attributes = route.Attributes;
        return route with
        {
            Destination = pseudonyms.Of(route.Destination),
            NextHop = Of(route.NextHop),
            Attributes = attributes with
            {
                PreferredSource = attributes.PreferredSource is { } preferred ? pseudonyms.Of(preferred) : null,
                Source = attributes.Source is { } source ? pseudonyms.Of(source) : null,
                Raw = raw.OfRoute(attributes.Raw),
            },
        };
    }

    public PolicyRule Of(PolicyRule rule) =>
        rule with
        {
            From = rule.From is { } from ? pseudonyms.Of(from) : null,
            To = rule.To is { } to ? pseudonyms.Of(to) : null,
            Raw = raw.OfRule(rule.Raw),
        };

    public NetworkLink Of(NetworkLink link) =>
        link with
        {
            Mac = pseudonyms.OfLayer2(link.Mac),
            Addresses = new(link.Addresses.Select(pseudonyms.Of)),
        };

    private NextHop Of(NextHop nextHop) =>
        nextHop switch
        {
            NextHop.Via via => via with { Gateway = pseudonyms.Of(via.Gateway) },
            NextHop.Multipath multipath => new NextHop.Multipath(new(multipath.Legs.Select(Of))),
            _ => nextHop,
        };

    private MultipathLeg Of(MultipathLeg leg) =>
        leg with
        {
            Gateway = leg.Gateway is { } gateway ? pseudonyms.Of(gateway) : null,
            Raw = raw.OfRoute(leg.Raw),
        };
}

/// <summary>What becomes of bytes that the kernel gave and that are not modelled. Lengths stay.</summary>
public interface IRawRedaction
{
    RawAttributes OfRoute(RawAttributes raw);

    RawAttributes OfRule(RawAttributes raw);

    RawAttributes OfNextHop(RawAttributes raw);
}

/// <summary>Nothing is known of the bytes, so nothing of them stays.</summary>
public sealed class ZeroedRaw : IRawRedaction
{
    public static ZeroedRaw Instance { get; } = new();

    private ZeroedRaw() { }

    public RawAttributes OfRoute(RawAttributes raw) => RawAttributes.Of(new byte[raw.Bytes.Length]);

    public RawAttributes OfRule(RawAttributes raw) => OfRoute(raw);

    public RawAttributes OfNextHop(RawAttributes raw) => OfRoute(raw);
}
