using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;

namespace RouteGuard.Platform.MacOS;

/// <summary>What configd says the routes should be.</summary>
/// <remarks>
/// configd never reads the routing socket, so its settings stay true after a VPN moved its routes (configd
/// Plugins/IPMonitor/ip_plugin.c). Notifying a service's IPv4 key makes it write that service's routes again.
/// </remarks>
public sealed class DynamicStoreTruth : ILiveTruth
{
    private const string GlobalV4 = "State:/Network/Global/IPv4";
    private const string GlobalV6 = "State:/Network/Global/IPv6";
    private const string Order = "Setup:/Network/Global/IPv4";
    private const string StateServices = "State:/Network/Service/";
    private const string SetupServices = "Setup:/Network/Service/";

    /// <summary>More services than any Mac has; the rest is not looked at.</summary>
    private const int ServicesMax = 256;

    private const int KeysPerServiceMax = 32;

    private static readonly string[] Keys = [GlobalV4, GlobalV6, Order];

    private static readonly string[] Patterns =
    [
        "State:/Network/Service/[^/]+/IPv[46]",
        "Setup:/Network/Service/[^/]+/(Interface|IPv[46])",
    ];

    private readonly IDynamicStore _store;

    internal DynamicStoreTruth(IDynamicStore store) => _store = store;

    public LiveTruth Read()
    {
        var status = _store.Read(Keys, Patterns, out var values);
        if (status != DynamicStoreStatus.Ok)
        {
            return new() { Problem = $"configd cannot be asked: {Describe(status)}" };
        }

        string[] order = [.. Texts(Entry(values, Order), "ServiceOrder")];
        var configured = values
            .Keys.Where(key => key.StartsWith(SetupServices, StringComparison.Ordinal))
            .Select(key => IdOf(key, SetupServices))
            .Concat(order)
            .ToHashSet(StringComparer.Ordinal);
        return new()
        {
            PrimaryV4 = Text(Entry(values, GlobalV4), "PrimaryService"),
            PrimaryV6 = Text(Entry(values, GlobalV6), "PrimaryService"),
            Services =
            [
                .. values
                    .Keys.Where(key => key.StartsWith(StateServices, StringComparison.Ordinal))
                    .OrderBy(key => RankOf(order, IdOf(key, StateServices)))
                    .ThenBy(key => key, StringComparer.Ordinal)
                    .Take(ServicesMax)
                    .Select(key => ReadService(key, Entry(values, key), configured))
                    .OfType<TruthService>(),
            ],
        };
    }

    /// <inheritdoc/>
    /// <remarks>All that the service has goes with it: its resolver and proxies would outlive it else.</remarks>
    public string? RemoveOrphan(string key)
    {
        if (
            !key.StartsWith(StateServices, StringComparison.Ordinal)
            || IdOf(key, StateServices) is not { Length: > 0 } id
        )
        {
            return $"{key} is not the state of a service";
        }

        var status = _store.Read([], [$"{StateServices}{Escaped(id)}/[^/]+"], out var values);
        foreach (var one in values.Keys.Append(key).Distinct(StringComparer.Ordinal).Take(KeysPerServiceMax))
        {
            var removed = _store.Remove(one);
            status = status == DynamicStoreStatus.Ok && removed != DynamicStoreStatus.NoKey ? removed : status;
        }

        return WhyNot(status);
    }

    public string? Reapply(TruthService service) =>
        service.Family == IpFamily.V4
            ? WhyNot(_store.Notify(service.Key))
            : "the kernel itself keeps the IPv6 routes of a service";

    public string? Refresh(string interfaceName) => WhyNot(_store.Refresh(interfaceName));

    private static TruthService? ReadService(
        string key,
        IReadOnlyDictionary<string, StoreValue> entry,
        HashSet<string> configured
    )
    {
        var family = key.EndsWith("/IPv6", StringComparison.Ordinal) ? IpFamily.V6 : IpFamily.V4;
        var id = IdOf(key, StateServices);
        var addresses = ReadAddresses(entry, family);
        return Text(entry, "InterfaceName") is { Length: > 0 } interfaceName
            ? new()
            {
                Id = id,
                Key = key,
                Family = family,
                InterfaceName = interfaceName,
                Router = ReadRouter(entry, family),
                Addresses = new(addresses),
                NetworkSignature = Text(entry, "NetworkSignature"),
                IsConfigured = configured.Contains(id),
            }
            : null;
    }

    private static IEnumerable<InterfaceAddress> ReadAddresses(
        IReadOnlyDictionary<string, StoreValue> entry,
        IpFamily family
    )
    {
        var addresses = Texts(entry, "Addresses").ToArray();
        var masks = Texts(entry, "SubnetMasks").ToArray();
        var lengths = Numbers(entry, "PrefixLength").ToArray();
        for (var at = 0; at < addresses.Length; at++)
        {
            if (!IpAddress.TryParse(addresses[at], out var address) || address.Family != family)
            {
                continue;
            }

            var length =
                family == IpFamily.V6 ? lengths.ElementAtOrDefault(at)
                : at < masks.Length && IpAddress.TryParse(masks[at], out var mask) ? MaskLength(mask)
                : address.BitLength;
            if (length >= 0 && length <= address.BitLength)
            {
                yield return new(address, (byte)length);
            }
        }
    }

    // A mask with a zero before a one has no length.
    private static long MaskLength(IpAddress mask)
    {
        var bits = (uint)mask.Low;
        var length = System.Numerics.BitOperations.LeadingZeroCount(~bits);
        return mask.Family == IpFamily.V4 && (length == 32 || bits << length == 0) ? length : -1;
    }

    // configd itself takes the peer of a point-to-point link where there is no router.
    private static IpAddress? ReadRouter(IReadOnlyDictionary<string, StoreValue> entry, IpFamily family) =>
        IpAddress.TryParse(
            Text(entry, "Router") ?? Texts(entry, "DestAddresses").FirstOrDefault() ?? string.Empty,
            out var router
        )
        && router.Family == family
            ? router
            : null;

    private static int RankOf(string[] order, string id) =>
        Array.IndexOf(order, id) is var at && at < 0 ? int.MaxValue : at;

    private static string IdOf(string key, string start)
    {
        var end = key.IndexOf('/', start.Length);
        return end < 0 ? key[start.Length..] : key[start.Length..end];
    }

    // An identifier is a program's own choice, and a pattern is not.
    private static string Escaped(string id) =>
        string.Concat(
            id.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-' ? $"{letter}" : $"[{letter}]")
        );

    private static string? WhyNot(int status) => status == DynamicStoreStatus.Ok ? null : Describe(status);

    private static string Describe(int status) => $"it says {DynamicStoreStatus.NameOf(status)} ({status})";

    private static readonly IReadOnlyDictionary<string, StoreValue> NoEntry = new Dictionary<string, StoreValue>();

    private static IReadOnlyDictionary<string, StoreValue> Entry(
        IReadOnlyDictionary<string, StoreValue> values,
        string key
    ) => values.GetValueOrDefault(key) is StoreValue.Dictionary entry ? entry.Values : NoEntry;

    private static string? Text(IReadOnlyDictionary<string, StoreValue> entry, string name) =>
        (entry.GetValueOrDefault(name) as StoreValue.Text)?.Value;

    private static IEnumerable<string> Texts(IReadOnlyDictionary<string, StoreValue> entry, string name) =>
        Items(entry, name).OfType<StoreValue.Text>().Select(text => text.Value);

    private static IEnumerable<long> Numbers(IReadOnlyDictionary<string, StoreValue> entry, string name) =>
        Items(entry, name).OfType<StoreValue.Number>().Select(number => number.Value);

    private static IEnumerable<StoreValue> Items(IReadOnlyDictionary<string, StoreValue> entry, string name) =>
        (entry.GetValueOrDefault(name) as StoreValue.Items)?.Values ?? [];
}
