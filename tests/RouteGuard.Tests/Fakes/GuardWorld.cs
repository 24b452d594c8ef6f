using Microsoft.Extensions.Time.Testing;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;

namespace RouteGuard.Tests.Fakes;

/// <summary>A guard with everything around it in memory, and time that passes only when it waits.</summary>
internal sealed class GuardWorld
{
    public static readonly ProcessIdentity Vpn = new(4711, 99);

    public const string HomeLines = """
        default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100
        192.0.2.0/24 dev phys0 proto kernel src 192.0.2.10
        172.16.0.0/16 via 192.0.2.1 dev phys0 proto static metric 50
        ::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100
        rule pref 0 lookup local protocol kernel
        rule pref 32766 lookup main protocol kernel
        """;

    public GuardWorld()
    {
        Machine.OnWait = wait => Time.Advance(wait);
        Machine.Processes[Vpn] = 0;
        Kernel.Become(Tables.Parse(HomeLines, Tables.Phys0Link, Tables.Phys1Link));
        Guard = NewGuard();
    }

    public MemoryKernel Kernel { get; } = new();

    public FakeMachine Machine { get; } = new();

    public FakeProbes Probes { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Of the guard that is started next.</summary>
    public GuardOptions Options { get; set; } = new();

    public Guard Guard { get; private set; }

    public static string Home => Tables.Text(HomeLines);

    public string Now => Tables.Lines(Kernel.Table);

    /// <summary>The guard dies and is started again.</summary>
    public void Restart()
    {
        Guard = NewGuard();
        Guard.Start();
    }

    /// <summary>The guard dies; whoever comes next has to load what is on disk.</summary>
    public void NewProcess() => Guard = NewGuard();

    /// <summary>The guard dies; a command without a daemon takes its place.</summary>
    public void GoOffline()
    {
        Guard = NewGuard();
        Guard.Load();
    }

    public Session Begin(string? tunnel = null) => Guard.Begin(new("test", Vpn.Pid, tunnel, DeathPolicy.Restore, 0));

    public void TunnelComes()
    {
        Kernel.AddLink(Tables.Tun0Link);
        Kernel.Add("10.8.0.0/24 dev tun0 proto kernel src 10.8.0.2");
        Machine.Tell(new KernelEvent.LinkChanged(Tables.Tun0, "tun0", IsUsable: true, IsGone: false));
    }

    /// <summary>The four steps of the forum: host route, default deleted, default added again worse, default by the
    /// tunnel.</summary>
    public void FourSteps()
    {
        TunnelComes();
        Kernel.Add("203.0.113.2 via 192.0.2.1 dev phys0");
        Kernel.Delete("default via 192.0.2.1 dev phys0 proto dhcp src 192.0.2.10 metric 100");
        Kernel.Add("default via 192.0.2.1 dev phys0 metric 4000");
        Kernel.Add("default dev tun0");
        Machine.Tell(KernelEvent.TableChanged.Instance);
    }

    /// <summary>OpenVPN's redirect-gateway def1: a host route, and two halves that leave the default where it
    /// is.</summary>
    public void Halves()
    {
        TunnelComes();
        Kernel.Add("203.0.113.2 via 192.0.2.1 dev phys0");
        Kernel.Add("0.0.0.0/1 via 10.8.0.1 dev tun0");
        Kernel.Add("128.0.0.0/1 via 10.8.0.1 dev tun0");
        Machine.Tell(KernelEvent.TableChanged.Instance);
    }

    /// <summary>A rival changes the table, and the kernel says so.</summary>
    public void Somebody(Action<MemoryKernel> change)
    {
        change(Kernel);
        Machine.Tell(KernelEvent.TableChanged.Instance);
    }

    /// <summary>SIGKILL: the kernel takes the tunnel and its routes away, tells of the link, and later of the
    /// process.</summary>
    public void TunnelVanishes()
    {
        Kernel.RemoveLink("tun0");
        Machine.Tell(new KernelEvent.LinkChanged(Tables.Tun0, "tun0", IsUsable: false, IsGone: true));
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

    private Guard NewGuard() =>
        new(
            new GuardPorts(Kernel, Machine, Machine, Machine, Machine, Machine, NoLiveTruth.Instance)
            {
                Probes = Probes,
            },
            Options,
            Time,
            new Random(1)
        );
}
