using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Core.Planning;

/// <summary>Which service the operating system would send a family's traffic by. A closed choice.</summary>
internal abstract record WayOut
{
    private WayOut() { }

    /// <summary>By this service, which is no tunnel.</summary>
    public sealed record By(TruthService Service, NetworkLink Link) : WayOut;

    /// <summary>A VPN that is not ours has it: its routes are not our business.</summary>
    public sealed record Foreign(TruthService Service) : WayOut;

    /// <summary>There was a network, and now there is none.</summary>
    public sealed record Gone : WayOut;

    /// <summary>The system does not say, and did not say then: the baseline decides.</summary>
    public sealed record Unsaid : WayOut;

    /// <summary>The primary service if it is no tunnel; else the first service in order that could be it.</summary>
    /// <remarks>
    /// A State entry of a tunnel that is gone may still be elected (configd does not ask whether its link is there),
    /// so being primary is not enough.
    /// </remarks>
    public static WayOut Of(IpFamily family, RestoreInputs inputs)
    {
        var truth = inputs.Truth;
        var primaryId = PrimaryOf(truth, family);
        var services = truth.Services.Where(service => service.Family == family).ToArray();
        var primary = Array.Find(services, service => string.Equals(service.Id, primaryId, StringComparison.Ordinal));
        if (primary is not null && IsForeignTunnel(primary, inputs))
        {
            return new Foreign(primary);
        }

        // The kernel keeps IPv6 defaults by itself; without a primary there is no router to send to.
        var candidates =
            family == IpFamily.V6 && primaryId is null ? [] : services.Prepend(primary).OfType<TruthService>();
        foreach (var service in candidates.Where(service => service is { Router: not null, Addresses.Count: > 0 }))
        {
            if (FindOwnLink(service, inputs) is { } link)
            {
                return new By(service, link);
            }
        }

        return PrimaryOf(inputs.TruthThen, family) is null ? new Unsaid() : new Gone();
    }

    /// <summary>The interface of a service if it is up and the machine's own: no tunnel that came later.</summary>
    public static NetworkLink? FindOwnLink(TruthService service, RestoreInputs inputs)
    {
        var link = inputs.Observed.FindLink(service.InterfaceName);
        return link is { IsUp: true, IsLoopback: false } && (!link.IsPointToPoint || WasThere(service, inputs))
            ? link
            : null;
    }

    private static bool IsForeignTunnel(TruthService service, RestoreInputs inputs) =>
        inputs.Observed.FindLink(service.InterfaceName) is { IsUp: true, IsPointToPoint: true }
        && !inputs.Tunnels.Contains(service.InterfaceName, StringComparer.Ordinal)
        && !WasThere(service, inputs);

    // A line that is dialled (ppp0) is a point-to-point link too, but it was there before the VPN.
    private static bool WasThere(TruthService service, RestoreInputs inputs) =>
        inputs.TruthThen.Services.Any(then =>
            then.Family == service.Family
            && string.Equals(then.InterfaceName, service.InterfaceName, StringComparison.Ordinal)
        );

    private static string? PrimaryOf(LiveTruth truth, IpFamily family) =>
        family == IpFamily.V4 ? truth.PrimaryV4 : truth.PrimaryV6;
}
