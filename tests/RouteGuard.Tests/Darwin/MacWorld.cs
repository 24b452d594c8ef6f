using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Journal;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Routes;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.MacOS;
using RouteGuard.Platform.Storage;
using RouteGuard.Tests.Storage;

namespace RouteGuard.Tests.Darwin;

/// <summary>A whole simulated Mac with RouteGuard on it: kernel, configd, processes, disk, and virtual time.</summary>
internal sealed class MacWorld
{
    public const int VpnPid = 4711;
    public const string Server = "203.0.113.7";

    private const int GuardPid = 501;

    private static readonly TimeSpan[] Rechecks =
    [
        TimeSpan.FromMilliseconds(500),
        TimeSpan.FromMilliseconds(2500),
        TimeSpan.FromMilliseconds(12500),
    ];

    private readonly RouteRequests _requests = new();
    private readonly SimulatedSocket _vpn;
    private readonly MemoryDisk _disk = new();

    public MacWorld()
    {
        Queue = new(Time, System);
        Configd = new(Kernel, Queue);
        System.Processes[VpnPid] = (new(1_000_000, 0), "/Library/VPN/vpnd");
        System.Processes[SimulatedConfigd.ProcessId] = (new(1, 0), "/usr/libexec/configd");
        System.Processes[66] = (new(2, 0), "/opt/rival");
        _vpn = Kernel.Open(0);
        _vpn.ProcessId = VpnPid;
        Configd.Publish(Wifi);
        Configd.Dhcp["en0"] = Wifi;
        NewGuard();
        Home = Now;
    }

    /// <summary>The network at home, as configd knows it.</summary>
    public static SimulatedService Wifi { get; } =
        new("WIFI", "en0", "192.168.1.50", 24, "192.168.1.1") { Signature = "IPv4.Router=192.168.1.1;home" };

    public XnuSimulator Kernel { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public SimulatedSystem System { get; } = new();

    public SimulatedQueue Queue { get; }

    public SimulatedConfigd Configd { get; }

    public DarwinPlatform Platform { get; private set; } = null!;

    public Guard Guard { get; private set; } = null!;

    public JournalFile Journal { get; private set; } = null!;

    /// <summary>The table before any VPN.</summary>
    public string Home { get; }

    /// <summary>What programs asked for: no connected networks, addresses, groups.</summary>
    public string Now
    {
        get
        {
            var table = Platform.Kernel.Read();
            return string.Join(
                '\n',
                table
                    .Routes.Where(route => route.Attributes.Protocol != RouteProtocol.Kernel)
                    .Select(route => RouteText.Print(route, table.Names))
            );
        }
    }

    public IReadOnlyList<JournalRecord> Records => Journal.ReadTail(1000).Records;

    public Session Begin(DeathPolicy onDeath = DeathPolicy.Restore) =>
        Guard.Begin(new("test", VpnPid, null, onDeath, 0));

    /// <summary>The four commands of the forum, as route(8) sends them, and the tunnel they need.</summary>
    public void FourCommands(int number = 3)
    {
        TunnelComes(number);
        var tunnel = $"utun{number}";
        Vpn($"add {Server}/32 via 192.168.1.1 dev en0 proto static host");
        Vpn("delete default via 192.168.1.1 dev en0 proto static");
        Vpn("add default via 192.168.1.1 dev en0 proto static ifscope en0");
        Vpn($"add default via 10.8.0.1 dev {tunnel} proto static");
    }

    public void TunnelComes(int number)
    {
        var link = Kernel.OpenTunnel(number);
        Kernel.AddInetAddress(link, "10.8.0.2", "255.255.255.255", "10.8.0.1");
        Kernel.SetUp(link, isUp: true);
    }

    /// <summary>A router advertises itself; the kernel makes the IPv6 default, and configd says so.</summary>
    public void Advertise()
    {
        using var kernel = Kernel.Open(0);
        kernel.ProcessId = 0;
        Assert.Equal(DarwinErrno.None, Send(kernel, "add default via fe80::1 dev en0 proto ra"));
        Configd.SayV6("WIFI", "en0", "2001:db8:1::50", "fe80::1");
    }

    /// <summary>SIGKILL: the kernel closes the control socket, and with it goes the tunnel.</summary>
    public void VpnDies(int number = 3)
    {
        Kernel.CloseTunnel(number);
        Queue.Exit(VpnPid);
    }

    /// <summary>The VPN's program sends a request.</summary>
    public void Vpn(string words) => Assert.Equal(DarwinErrno.None, Send(_vpn, words));

    /// <summary>Another program does.</summary>
    public void Rival(string words)
    {
        using var socket = Kernel.Open(0);
        socket.ProcessId = 66;
        Assert.Equal(DarwinErrno.None, Send(socket, words));
    }

    /// <summary>Turns the loop for this much virtual time.</summary>
    public void Run(TimeSpan span)
    {
        const int TurnsMax = 10_000;
        var end = Time.GetUtcNow() + span;
        for (var turn = 0; Time.GetUtcNow() < end; turn++)
        {
            Assert.True(turn < TurnsMax, "the guard spins");
            Guard.RunOnce(end - Time.GetUtcNow());
        }
    }

    /// <summary>The guard dies and is started again.</summary>
    public void Restart()
    {
        Platform.Dispose();
        NewGuard();
        Guard.Start();
    }

    private int Send(SimulatedSocket socket, string words)
    {
        var table = Platform.Kernel.Read();
        var isAdd = words.StartsWith("add ", StringComparison.Ordinal);
        var route = RouteText.Parse(words[(words.IndexOf(' ', StringComparison.Ordinal) + 1)..], table.Names);
        var isSaid = isAdd
            ? _requests.TryAdd(route, 1, out var request, out var why)
            : _requests.TryDelete(route, 1, out request, out why);
        Assert.True(isSaid, why);
        return socket.Write(request);
    }

    private void NewGuard()
    {
        Journal = new(_disk, JournalFile.PartBytesMax);
        Platform = DarwinPlatform.Over(Kernel, Queue, System, Configd, GuardPid);
        Guard = new(
            new(
                Platform.Kernel,
                Platform.Events,
                Platform.Machine,
                new StateStore(_disk),
                Journal,
                Platform.Dns,
                Platform.Truth
            ),
            new() { RechecksAfterRestore = Rechecks },
            Time,
            new Random(1)
        );
    }
}
