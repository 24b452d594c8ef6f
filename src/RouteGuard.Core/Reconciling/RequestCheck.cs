using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Core.Reconciling;

/// <summary>Refuses requests that make no sense, in the words of the command line.</summary>
internal static class RequestCheck
{
    /// <summary>IFNAMSIZ less the terminating zero.</summary>
    private const int InterfaceNameLengthMax = 15;

    private static readonly TimeSpan ConfirmMax = TimeSpan.FromHours(1);

    /// <returns>The owner's process, or null when none was named.</returns>
    public static ProcessIdentity? Begin(BeginRequest request, IMachine machine)
    {
        if (request.Label.Length > Session.LabelLengthMax || request.Label.Any(char.IsControl))
        {
            throw Invalid(
                $"the label is not printable text of at most {Session.LabelLengthMax} characters. Choose a shorter one."
            );
        }

        if (request.Lease is { } lease && (lease < Session.LeaseMin || lease > Session.LeaseMax))
        {
            throw Invalid(
                $"the lease is not {Session.LeaseMin.TotalSeconds:0} to {Session.LeaseMax.TotalSeconds:0} seconds."
            );
        }

        if (request.Tunnel is not null)
        {
            InterfaceName(request.Tunnel);
        }

        if (request.OwnerPid is not { } pid)
        {
            return null;
        }

        var owner = machine.TryIdentify(pid) ?? throw Invalid($"process {pid} does not run. Give the pid of the VPN.");
        return request.Uid == 0 || machine.TryOwnerOf(pid) == request.Uid
            ? owner
            : throw new GuardException(
                GuardRefusal.NotPermitted,
                $"Cannot begin a session: process {pid} belongs to another user. Begin it as that user or as root."
            );
    }

    /// <returns>The address to ask, or null when none was named.</returns>
    public static IpAddress? Probe(BeginRequest request, IProbes? probes) =>
        request.Probe is null ? null
        : !IpAddress.TryParse(request.Probe, out var address)
        || address.IsUnspecified
        || address.IsMulticast
        || address.IsLinkLocal
            ? throw Invalid("the probe is not the address of one machine, as 192.0.2.1 or 2001:db8::1.")
        : probes is null ? throw Invalid("this machine cannot ask a probe. Begin it without one.")
        : address;

    public static void Up(UpRequest request)
    {
        if (request.Tunnel is not null)
        {
            InterfaceName(request.Tunnel);
        }

        if (request.ConfirmWithin is { } wait && (wait <= TimeSpan.Zero || wait > ConfirmMax))
        {
            throw new GuardException(
                GuardRefusal.Invalid,
                $"Cannot take the session up: the time to confirm is not 1 to {ConfirmMax.TotalSeconds:0} seconds."
            );
        }

        if (request.Routes?.Count > UpRequest.RoutesMax)
        {
            throw new GuardException(
                GuardRefusal.Invalid,
                $"Cannot take the session up: more than {UpRequest.RoutesMax} routes are declared. Let them be learned."
            );
        }
    }

    /// <summary>Reads declared routes in the words of <c>ip route</c>.</summary>
    public static IReadOnlyList<Route> Routes(IReadOnlyList<string> lines, InterfaceNames names)
    {
        List<Route> routes = [];
        foreach (var line in lines)
        {
            if (!RouteText.TryParse(line, names, out var route, out var problem))
            {
                throw new GuardException(
                    GuardRefusal.Invalid,
                    $"Cannot take the session up: the route '{line}' cannot be read: {problem}."
                );
            }

            routes.Add(route);
        }

        return routes;
    }

    private static void InterfaceName(string name)
    {
        if (
            name.Length is 0 or > InterfaceNameLengthMax
            || name.Any(letter => letter is '/' or ':' || letter <= ' ' || letter > '~')
        )
        {
            throw Invalid(
                $"the tunnel's name is not one of an interface (1 to {InterfaceNameLengthMax} characters, no blank, '/' or ':')."
            );
        }
    }

    private static GuardException Invalid(string what) => new(GuardRefusal.Invalid, $"Cannot begin a session: {what}");
}
