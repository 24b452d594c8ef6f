using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.Storage;

/// <summary>What the operating system said of its networks, in words.</summary>
internal sealed record TruthEntry(string? PrimaryV4, string? PrimaryV6, IReadOnlyList<ServiceEntry> Services)
{
    public static TruthEntry Of(LiveTruth truth) =>
        new(truth.PrimaryV4, truth.PrimaryV6, [.. truth.Services.Select(ServiceEntry.Of)]);

    public LiveTruth ToTruth() =>
        new()
        {
            PrimaryV4 = PrimaryV4,
            PrimaryV6 = PrimaryV6,
            Services = [.. Services.Select(service => service.ToService())],
        };
}

/// <summary>A service; addresses as ADDRESS/LENGTH.</summary>
internal sealed record ServiceEntry(
    string Id,
    string Key,
    IpFamily Family,
    string InterfaceName,
    string? Router,
    IReadOnlyList<string> Addresses,
    string? NetworkSignature,
    bool IsConfigured
)
{
    public static ServiceEntry Of(TruthService service) =>
        new(
            service.Id,
            service.Key,
            service.Family,
            service.InterfaceName,
            service.Router?.ToString(),
            [.. service.Addresses.Select(address => address.ToString())],
            service.NetworkSignature,
            service.IsConfigured
        );

    public TruthService ToService() =>
        new()
        {
            Id = Id,
            Key = Key,
            Family = Family,
            InterfaceName = InterfaceName,
            Router = Router is null ? null : IpAddress.Parse(Router),
            Addresses = new(Addresses.Select(ParseAddress)),
            NetworkSignature = NetworkSignature,
            IsConfigured = IsConfigured,
        };

    private static InterfaceAddress ParseAddress(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && byte.TryParse(text.AsSpan(slash + 1), out var length)
            ? new(IpAddress.Parse(text[..slash]), length)
            : throw new FormatException($"'{text}' is no address with a length");
    }
}
