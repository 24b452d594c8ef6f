using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin;

/// <summary>The simulated configd keeps Apple's rules (configd-1405 Plugins/IPMonitor/ip_plugin.c).</summary>
public class SimulatedConfigdTests
{
    private const string WifiKey = "State:/Network/Service/WIFI/IPv4";
    private const string GlobalKey = "State:/Network/Global/IPv4";

    private static readonly SimulatedService Wifi = new("WIFI", "en0", "192.168.1.50", 24, "192.168.1.1");
    private static readonly SimulatedService Vpn = new("VPN", "utun3", "10.8.0.2", 32, "10.8.0.1")
    {
        IsConfigured = false,
        OverridesPrimary = true,
    };

    private readonly XnuSimulator _kernel = new();
    private readonly SimulatedConfigd _configd;
    private readonly SimulatedSocket _rival;
    private readonly SimulatedSocket _listener;
    private readonly DarwinTableReader _reader;
    private readonly RouteRequests _requests = new();

    public SimulatedConfigdTests()
    {
        _configd = new(_kernel, new SimulatedQueue(new FakeTimeProvider(), new()));
        _rival = _kernel.Open(0);
        _listener = _kernel.Open(0);
        _reader = new(_kernel);
        _configd.Publish(Wifi);
        Heard();
    }

    [Fact]
    public void A_deleted_default_is_not_noticed_and_a_notification_writes_it_again()
    {
        Rival("del default via 192.168.1.1 dev en0 proto static");
        Assert.DoesNotContain("default via 192.168.1.1 dev en0", Now(), StringComparison.Ordinal);
        Assert.Equal("en0", Global("PrimaryInterface"));

        _configd.Notify(WifiKey);

        Assert.Contains("default via 192.168.1.1 dev en0", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_notification_replaces_a_foreign_default_by_a_removal_and_an_addition()
    {
        TunnelComes();
        Rival("del default via 192.168.1.1 dev en0 proto static");
        Rival("add default via 10.8.0.1 dev utun3 proto static");

        _configd.Notify(WifiKey);

        Assert.DoesNotContain("default via 10.8.0.1", Now(), StringComparison.Ordinal);
        Assert.Contains("default via 192.168.1.1 dev en0", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_settings_are_not_sent_again()
    {
        _configd.Publish(Wifi);

        Assert.Empty(Heard());
    }

    [Fact]
    public void What_configd_writes_bears_its_process_number()
    {
        _configd.Notify(WifiKey);

        Assert.All(Heard(), pid => Assert.Equal(SimulatedConfigd.ProcessId, pid));
    }

    [Fact]
    public void A_vpn_that_overrides_the_primary_gets_the_default_and_the_other_one_is_scoped()
    {
        TunnelComes();
        _configd.Publish(Vpn);

        Assert.Contains("default via 10.8.0.1 dev utun3", Now(), StringComparison.Ordinal);
        Assert.Contains(
            Now().Split('\n'),
            line =>
                line.StartsWith("default via 192.168.1.1 dev en0", StringComparison.Ordinal)
                && line.Contains("ifscope en0", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_service_that_is_lost_takes_whatever_default_has_its_key()
    {
        TunnelComes();
        Rival("del default via 192.168.1.1 dev en0 proto static");
        Rival("add default via 10.8.0.1 dev utun3 proto static");

        _configd.Withdraw("WIFI");

        Assert.DoesNotContain("default via 10.8.0.1", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_whose_tunnel_is_gone_stays_elected_until_it_is_removed()
    {
        TunnelComes();
        _configd.Publish(Vpn);
        _kernel.CloseTunnel(3);
        _configd.Notify("State:/Network/Service/VPN/IPv4");
        Assert.Equal("VPN", Global("PrimaryService"));
        Assert.Null(Global("PrimaryInterface"));

        Assert.Equal(DynamicStoreStatus.Ok, _configd.Remove("State:/Network/Service/VPN/IPv4"));

        Assert.Equal("WIFI", Global("PrimaryService"));
        Assert.Contains(
            Now().Split('\n'),
            line =>
                line.StartsWith("default via 192.168.1.1 dev en0", StringComparison.Ordinal)
                && !line.Contains("ifscope", StringComparison.Ordinal)
        );
        Assert.Equal(DynamicStoreStatus.NoKey, _configd.Remove("State:/Network/Service/VPN/IPv4"));
    }

    [Fact]
    public void Asking_dhcp_once_more_publishes_only_what_differs()
    {
        _configd.Dhcp["en0"] = Wifi;
        Rival("del default via 192.168.1.1 dev en0 proto static");
        Heard();
        _configd.Refresh("en0");
        Assert.Empty(Heard());

        _configd.Dhcp["en0"] = Wifi with { Router = "192.168.1.254" };
        _configd.Refresh("en0");

        Assert.Contains("default via 192.168.1.254 dev en0", Now(), StringComparison.Ordinal);
        Assert.Equal("192.168.1.254", Global("Router"));
    }

    private void TunnelComes()
    {
        var link = _kernel.OpenTunnel(3);
        _kernel.AddInetAddress(link, "10.8.0.2", "255.255.255.255", "10.8.0.1");
        _kernel.SetUp(link, isUp: true);
    }

    private string Now()
    {
        var table = _reader.Read();
        return string.Join('\n', table.Routes.Select(route => RouteText.Print(route, table.Names)));
    }

    private string? Global(string name)
    {
        Assert.Equal(DynamicStoreStatus.Ok, _configd.Read([GlobalKey], [], out var values));
        var entry = Assert.IsType<StoreValue.Dictionary>(values[GlobalKey]);
        return (entry.Values.GetValueOrDefault(name) as StoreValue.Text)?.Value;
    }

    private void Rival(string words)
    {
        var route = RouteText.Parse(words[4..], _reader.Read().Names);
        var isSaid = words.StartsWith("add ", StringComparison.Ordinal)
            ? _requests.TryAdd(route, 1, out var request, out var why)
            : _requests.TryDelete(route, 1, out request, out why);
        Assert.True(isSaid, why);
        Assert.Equal(DarwinErrno.None, _rival.Write(request));
    }

    // The writers of the requests about routes that were heard since the last time.
    private List<int> Heard()
    {
        List<int> pids = [];
        var bytes = new byte[RoutingMessage.LengthBytesMax];
        while (_listener.TryRead(bytes, out var length))
        {
            if (RoutingMessage.TryDecode(bytes.AsSpan(0, length), out var message, out _) && message.IsAboutRoute)
            {
                pids.Add(message.Header<RouteHeader>().ProcessId);
            }
        }

        return pids;
    }
}
