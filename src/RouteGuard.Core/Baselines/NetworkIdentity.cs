using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Baselines;

/// <summary>Does the machine still stand where the baseline was taken? Asked for each interface that a route
/// needs.</summary>
/// <remarks>
/// An interface is the same when name and layer 2 address are; its number may have changed. A network is the same when
/// the own address that made the gateway reachable is still there. Anything else means that the stored gateway may be
/// another network's, and a stale route is never written.
/// </remarks>
public sealed class NetworkIdentity(RouteTable baseline, RouteTable observed)
{
    private readonly Dictionary<InterfaceIndex, string?> _whyNot = [];
    private readonly Dictionary<(InterfaceIndex Device, IpAddress Gateway), string?> _whyNoGateway = [];
    private readonly Dictionary<InterfaceIndex, InterfaceIndex> _numbers = [];

    /// <summary>The route with today's interface numbers.</summary>
    public Route Today(Route route) =>
        route.NextHop switch
        {
            NextHop.Via via => Moved(route, via.Device, today => via with { Device = today }),
            NextHop.OnLink onLink => Moved(route, onLink.Device, today => onLink with { Device = today }),
            NextHop.Multipath multipath => route with
            {
                NextHop = new NextHop.Multipath(
                    new(multipath.Legs.Select(leg => leg with { Device = Today(leg.Device) }))
                ),
            },
            _ => route,
        };

    /// <summary>Why the route must not be written now, as a sentence; null when it may.</summary>
    /// <param name="route">A route of the baseline, as it was stored.</param>
    public string? WhyNot(Route route) =>
        route.NextHop switch
        {
            NextHop.Via via => WhyNot(via.Device, via.IsOnLink ? null : via.Gateway, route),
            NextHop.OnLink onLink => WhyNot(onLink.Device, null, route),
            NextHop.Multipath multipath => multipath
                .Legs.Select(leg => WhyNot(leg.Device, leg.IsOnLink ? null : leg.Gateway, route))
                .FirstOrDefault(why => why is not null),
            _ => WhyNoSource(route),
        };

    private Route Moved(Route route, InterfaceIndex device, Func<InterfaceIndex, NextHop> nextHop)
    {
        var today = Today(device);
        return today == device ? route : route with { NextHop = nextHop(today) };
    }

    private InterfaceIndex Today(InterfaceIndex device)
    {
        if (!_numbers.TryGetValue(device, out var today))
        {
            var stored = baseline.FindLink(device);
            today = stored is null ? device : observed.FindLink(stored.Name)?.Index ?? device;
            _numbers[device] = today;
        }

        return today;
    }

    private string? WhyNot(InterfaceIndex device, IpAddress? gateway, Route route) =>
        WhyNoInterface(device) ?? WhyNoGateway(device, gateway) ?? WhyNoSource(route);

    private string? WhyNoInterface(InterfaceIndex device)
    {
        if (device.IsNone)
        {
            return null;
        }

        if (!_whyNot.TryGetValue(device, out var why))
        {
            why = FindWhyNoInterface(device);
            _whyNot[device] = why;
        }

        return why;
    }

    private string? FindWhyNoInterface(InterfaceIndex device)
    {
        var stored = baseline.FindLink(device);
        if (stored is null)
        {
            return $"the baseline does not know interface {device}";
        }

        var now = observed.FindLink(stored.Name);
        if (now is null)
        {
            return $"interface {stored.Name} is gone";
        }

        if (!string.Equals(now.Mac, stored.Mac, StringComparison.Ordinal))
        {
            return $"interface {stored.Name} is another one now (its address was {stored.Mac} and is {now.Mac})";
        }

        if (!now.IsUp)
        {
            return $"interface {stored.Name} is down";
        }

        // A point-to-point device has no layer 2 address to tell it by; its number tells.
        return stored.Mac.Length == 0 && now.Index != stored.Index
            ? $"interface {stored.Name} was made anew (it was {stored.Index} and is {now.Index})"
            : null;
    }

    private string? WhyNoGateway(InterfaceIndex device, IpAddress? gateway)
    {
        if (gateway is not { } address || device.IsNone)
        {
            return null;
        }

        if (!_whyNoGateway.TryGetValue((device, address), out var why))
        {
            why = FindWhyNoGateway(device, address);
            _whyNoGateway[(device, address)] = why;
        }

        return why;
    }

    // A link-local gateway looks the same on every network, so there the own global addresses tell.
    private string? FindWhyNoGateway(InterfaceIndex device, IpAddress address)
    {
        var stored = baseline.FindLink(device)!;
        var covering = stored
            .Addresses.Where(own =>
                address.IsLinkLocal
                    ? own.Address.Family == IpFamily.V6 && !own.Address.IsLinkLocal
                    : own.Network.Contains(address)
            )
            .ToArray();
        var now = observed.FindLink(stored.Name)!;
        return covering.Length == 0 || covering.Any(own => now.Addresses.Contains(own))
            ? null
            : $"the network is another one: {stored.Name} had {covering[0]} and has it no more, so {address} may be a stranger";
    }

    private string? WhyNoSource(Route route) =>
        route.Attributes.PreferredSource is { } source
        && !observed.Links.Any(link => link.Addresses.Any(own => own.Address == source))
            ? $"its source address {source} is gone"
            : null;
}
