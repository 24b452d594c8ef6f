using System.Text.RegularExpressions;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>What a program tells configd about a network.</summary>
internal sealed record SimulatedService(string Id, string Interface, string Address, byte PrefixLength, string? Router)
{
    /// <summary>False for one that a VPN made up in the State domain.</summary>
    public bool IsConfigured { get; init; } = true;

    public bool OverridesPrimary { get; init; }

    public string? Signature { get; init; }
}

/// <summary>configd with its store, and IPMonitor's rules for IPv4 routes.</summary>
/// <remarks>
/// Each rule is one of Apple's source (configd Plugins/IPMonitor/ip_plugin.c: ElectionResultsGetPrimary,
/// IPv4RouteListCreateWithDictionary, RouteListApply, RouteProcess): it never reads the routing socket; equal routes
/// are not sent again unless the service's key is notified; an elected service stays so when its interface is gone.
/// Left out: multicast and broadcast routes, proxies, NAT64, coupling of the families.
/// </remarks>
internal sealed class SimulatedConfigd : IDynamicStore
{
    public const int ProcessId = 62;

    private static readonly TimeSpan MatchMax = TimeSpan.FromSeconds(1);

    private readonly XnuSimulator _kernel;
    private readonly SimulatedQueue _queue;
    private readonly SimulatedSocket _socket;
    private readonly RouteRequests _requests = new();
    private readonly Dictionary<string, StoreValue> _values = new(StringComparer.Ordinal);
    private readonly List<SimulatedService> _services = [];
    private readonly List<string> _order = [];
    private List<(string Service, Route Route)> _installed = [];

    public SimulatedConfigd(XnuSimulator kernel, SimulatedQueue queue)
    {
        _kernel = kernel;
        _queue = queue;
        _socket = kernel.Open(0);
        _socket.ProcessId = ProcessId;
    }

    /// <summary>What every call is answered with, while it is not 0.</summary>
    public int Status { get; set; }

    /// <summary>How often somebody asked to write routes again, and to find settings out anew.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Changes are not told to anybody: a notification that comes too late.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What DHCP would say now, by interface.</summary>
    public Dictionary<string, SimulatedService> Dhcp { get; } = new(StringComparer.Ordinal);

    /// <summary>When false, routes are not written again for the asking (configd before macOS 11).</summary>
    public bool Reapplies { get; set; } = true;

    /// <summary>A service comes, or its settings change.</summary>
    public void Publish(SimulatedService service)
    {
        _services.RemoveAll(known => known.Id == service.Id);
        _services.Add(service);
        if (service.IsConfigured && !_order.Contains(service.Id))
        {
            _order.Add(service.Id);
        }

        Elect(null);
    }

    /// <summary>A service goes with its keys.</summary>
    public void Withdraw(string id)
    {
        _services.RemoveAll(known => known.Id == id);
        Elect(null);
    }

    /// <summary>The user prefers services in another order.</summary>
    public void Prefer(params string[] ids)
    {
        _order.Clear();
        _order.AddRange(ids);
        Elect(null);
    }

    /// <summary>A router advertisement came: the kernel keeps the route, configd only says so.</summary>
    public void SayV6(string service, string interfaceName, string address, string router)
    {
        _values["State:/Network/Global/IPv6"] = Entry(("PrimaryService", service), ("PrimaryInterface", interfaceName));
        _values[$"State:/Network/Service/{service}/IPv6"] = new StoreValue.Dictionary(
            new Dictionary<string, StoreValue>
            {
                ["InterfaceName"] = new StoreValue.Text(interfaceName),
                ["Router"] = new StoreValue.Text(router),
                ["Addresses"] = new StoreValue.Items([new StoreValue.Text(address)]),
                ["PrefixLength"] = new StoreValue.Items([new StoreValue.Number(64)]),
            }
        );
    }

    public int Read(
        IReadOnlyList<string> keys,
        IReadOnlyList<string> patterns,
        out IReadOnlyDictionary<string, StoreValue> values
    )
    {
        values = new Dictionary<string, StoreValue>();
        if (Status == DynamicStoreStatus.Ok)
        {
            values = _values
                .Where(value => keys.Contains(value.Key) || patterns.Any(pattern => Matches(value.Key, pattern)))
                .ToDictionary(value => value.Key, value => value.Value, StringComparer.Ordinal);
        }

        return Status;
    }

    public int Notify(string key)
    {
        Asked.Add($"notify {key}");
        var service = _services.Find(one => KeyOf(one) == key);
        if (service is not null && Reapplies)
        {
            Elect(service.Id);
        }

        return Status;
    }

    public int Remove(string key)
    {
        if (!_values.Remove(key))
        {
            return DynamicStoreStatus.NoKey;
        }

        Asked.Add($"remove {key}");
        _services.RemoveAll(one => KeyOf(one) == key);
        Elect(null);
        return DynamicStoreStatus.Ok;
    }

    public int Refresh(string interfaceName)
    {
        Asked.Add($"refresh {interfaceName}");
        if (Dhcp.TryGetValue(interfaceName, out var answer) && !_services.Contains(answer))
        {
            Publish(answer);
        }

        return Status;
    }

    public void Dispose() { }

    private static string KeyOf(SimulatedService service) => $"State:/Network/Service/{service.Id}/IPv4";

    private static bool Matches(string key, string pattern) =>
        Regex.IsMatch(key, $"^(?:{pattern})$", RegexOptions.ExplicitCapture, MatchMax);

    private void Elect(string? forced)
    {
        var ranked = _services
            .OrderBy(service => service is { OverridesPrimary: true, Router: not null } ? 0 : 1)
            .ThenBy(service => _order.IndexOf(service.Id) is var at && at < 0 ? int.MaxValue : at)
            .ToArray();
        var primary = Array.Find(ranked, service => service.Router is not null);
        Say(primary);
        List<(string, Route)> wanted = [];
        foreach (var service in ranked)
        {
            wanted.AddRange(RoutesOf(service, isPrimary: service == primary).Select(route => (service.Id, route)));
        }

        foreach (var (_, route) in _installed.Where(old => !wanted.Exists(one => IsSame(one.Item2, old.Route))))
        {
            Send(isAdd: false, route);
        }

        foreach (var (id, route) in wanted)
        {
            if (id == forced || !_installed.Exists(old => IsSame(old.Route, route)))
            {
                Add(route);
            }
        }

        _installed = wanted;
        if (!IsSilent)
        {
            _queue.TellNetworkChanged();
        }
    }

    private void Say(SimulatedService? primary)
    {
        foreach (var key in _values.Keys.Where(key => key.EndsWith("/IPv4", StringComparison.Ordinal)).ToArray())
        {
            _values.Remove(key);
        }

        _values["Setup:/Network/Global/IPv4"] = new StoreValue.Dictionary(
            new Dictionary<string, StoreValue>
            {
                ["ServiceOrder"] = new StoreValue.Items([.. _order.Select(id => new StoreValue.Text(id))]),
            }
        );
        foreach (var service in _services)
        {
            _values[KeyOf(service)] = Describe(service);
            if (service.IsConfigured)
            {
                _values[$"Setup:/Network/Service/{service.Id}/Interface"] = Entry(("DeviceName", service.Interface));
            }
        }

        if (primary is not null)
        {
            _values["State:/Network/Global/IPv4"] =
                _kernel.IndexOf(primary.Interface) > 0
                    ? Entry(
                        ("PrimaryService", primary.Id),
                        ("PrimaryInterface", primary.Interface),
                        ("Router", primary.Router!)
                    )
                    : Entry(("PrimaryService", primary.Id));
        }
    }

    private IEnumerable<Route> RoutesOf(SimulatedService service, bool isPrimary)
    {
        var index = new InterfaceIndex(_kernel.IndexOf(service.Interface));
        if (index.IsNone)
        {
            yield break;
        }

        var address = IpAddress.Parse(service.Address);
        var attributes = new RouteAttributes { Protocol = RouteProtocol.Static, PreferredSource = address };
        var onLink = new NextHop.OnLink(index);
        yield return new()
        {
            Destination = new InterfaceAddress(address, service.PrefixLength).Network,
            NextHop = onLink,
            Attributes = attributes,
        };
        if (service.Router is { } text && IpAddress.Parse(text) is var router)
        {
            yield return new()
            {
                Destination = Prefix.Host(router),
                NextHop = onLink,
                Attributes = attributes,
            };
            yield return new()
            {
                Destination = Prefix.DefaultV4,
                NextHop = new NextHop.Via(router, index),
                ScopeInterface = isPrimary ? InterfaceIndex.None : index,
                Attributes = attributes,
            };
        }
    }

    private void Add(Route route)
    {
        if (Send(isAdd: true, route) == DarwinErrno.Exists)
        {
            Send(isAdd: false, route);
            Send(isAdd: true, route);
        }
    }

    private int Send(bool isAdd, Route route)
    {
        var isSaid = isAdd
            ? _requests.TryAdd(route, 0, out var request, out var why)
            : _requests.TryDelete(route, 0, out request, out why);
        Assert.True(isSaid, why);
        return _socket.Write(request);
    }

    private static bool IsSame(Route one, Route other) =>
        RouteOrder.ComparePlace(one, other) == 0 && one.HasValueOf(other);

    private static StoreValue.Dictionary Describe(SimulatedService service)
    {
        var mask = uint.MaxValue << (32 - service.PrefixLength);
        var values = new Dictionary<string, StoreValue>
        {
            ["InterfaceName"] = new StoreValue.Text(service.Interface),
            ["Addresses"] = new StoreValue.Items([new StoreValue.Text(service.Address)]),
            ["SubnetMasks"] = new StoreValue.Items([new StoreValue.Text(IpAddress.V4(mask).ToString())]),
        };
        if (service.Router is { } router)
        {
            values["Router"] = new StoreValue.Text(router);
        }

        if (service.Signature is { } signature)
        {
            values["NetworkSignature"] = new StoreValue.Text(signature);
        }

        return new(values);
    }

    private static StoreValue.Dictionary Entry(params (string Name, string Value)[] texts) =>
        new(texts.ToDictionary(text => text.Name, text => (StoreValue)new StoreValue.Text(text.Value)));
}
