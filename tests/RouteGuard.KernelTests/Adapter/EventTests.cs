using System.Diagnostics;
using System.Runtime.Versioning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Sessions;
using RouteGuard.Platform.Linux;

namespace RouteGuard.KernelTests.Adapter;

/// <summary>What the adapter tells of the kernel, of processes and of nudges.</summary>
[SupportedOSPlatform("linux")]
public sealed class EventTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private readonly AdapterWorld _world = new();
    private readonly LinuxKernelEvents _events;

    public EventTests() => _events = _world.Net.Do(() => new LinuxKernelEvents());

    public void Dispose()
    {
        _events.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void Nothing_is_told_when_nothing_happens_and_the_wait_has_an_end()
    {
        var clock = Stopwatch.StartNew();

        Assert.Empty(Wait(TimeSpan.FromMilliseconds(50)));
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(49), $"{clock.Elapsed}");
        Assert.Empty(Wait(TimeSpan.Zero));
    }

    [Fact]
    public void Many_changes_of_the_table_are_told_once_a_wait()
    {
        _world.Net.IpBatch(
            """
            route add 10.1.0.0/16 via 192.0.2.1
            route add 2001:db8:77::/48 via 2001:db8:1::1
            rule add pref 77 table 77
            addr add 192.0.2.77/24 dev p0
            nexthop add id 7 dev p0
            """
        );

        Assert.Equal([KernelEvent.TableChanged.Instance], Wait(Long));
        Assert.Empty(Wait(TimeSpan.Zero));
    }

    /// <summary>Each thing that a table is made of, and ip's word for its change.</summary>
    [Theory]
    [InlineData("route add 10.1.0.0/16 via 192.0.2.1")]
    [InlineData("-6 route add 2001:db8:77::/48 via 2001:db8:1::1")]
    [InlineData("rule add pref 77 table 77")]
    [InlineData("-6 rule add pref 77 table 77")]
    [InlineData("addr add 192.0.2.77/24 dev p0")]
    [InlineData("-6 addr add 2001:db8:1::77/64 dev p0 nodad")]
    [InlineData("nexthop add id 7 dev p0")]
    public void Every_kind_of_entry_is_listened_to(string words)
    {
        _world.Net.Ip(words);

        Assert.Equal([KernelEvent.TableChanged.Instance], Wait(Long));
    }

    [Fact]
    public void A_tunnel_whose_program_closes_it_is_told_down_and_gone()
    {
        var tun = _world.Net.Do(() => TunDevice.Open("tun7"));
        _world.Net.Ip("link set tun7 up");
        Forget();

        tun.Dispose();

        var told = WaitUntil(happened => happened is KernelEvent.LinkChanged { IsGone: true });
        var links = told.OfType<KernelEvent.LinkChanged>().ToArray();
        Assert.Equal(new KernelEvent.LinkChanged(tun.Index, "tun7", IsUsable: false, IsGone: false), links[0]);
        Assert.Equal(new KernelEvent.LinkChanged(tun.Index, "tun7", IsUsable: false, IsGone: true), links[^1]);
    }

    [Fact]
    public void A_link_that_is_no_longer_usable_does_not_wait_for_the_rest()
    {
        _world.Net.Ip("link set p0 down");
        _world.Net.IpBatch(
            string.Join('\n', Enumerable.Range(0, 100).Select(at => $"route add 10.1.{at}.0/24 via 198.51.100.1"))
        );

        var first = Wait(Long);

        Assert.False(Assert.IsType<KernelEvent.LinkChanged>(first[^1]).IsUsable);
        Assert.Contains(KernelEvent.TableChanged.Instance, WaitUntil(happened => happened is KernelEvent.TableChanged));
    }

    [Theory]
    [InlineData("link set p0 down", "p0", false)]
    [InlineData("link set q0 down", "p0", false)]
    [InlineData("link set p0 mtu 1400", "p0", true)]
    [InlineData("link set tun0 down", "tun0", false)]
    public void A_link_says_whether_it_can_be_used(string words, string name, bool isUsable)
    {
        _world.Net.Ip(words);

        var told = WaitUntil(happened =>
            happened is KernelEvent.LinkChanged link && link.Name == name && link.IsUsable == isUsable
        );
        Assert.DoesNotContain(told, happened => happened is KernelEvent.LinkChanged { IsGone: true });
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_gone()
    {
        _world.Net.IpBatch("link add br0 type bridge\nlink set p1 master br0");
        Forget();

        _world.Net.Ip("link set p1 nomaster");

        var told = WaitUntil(happened => happened is KernelEvent.LinkChanged { Name: "p1" });
        Thread.MemoryBarrier();
        told.AddRange(Drain());
        Assert.DoesNotContain(told, happened => happened is KernelEvent.LinkChanged { IsGone: true });
    }

    [Fact]
    public void Messages_that_did_not_fit_are_told_as_lost()
    {
        using var narrow = _world.Net.Do(() => new LinuxKernelEvents(receiveBytes: 1));
        _world.Net.IpBatch(
            string.Join(
                '\n',
                Enumerable.Range(0, 500).Select(at => $"route add 10.1.{at / 250}.{at % 250}/32 via 192.0.2.1")
            )
        );

        List<KernelEvent> told = [];
        narrow.Wait(Long, told);
        Assert.Single(told, KernelEvent.Lost.Instance);

        told.Clear();
        _world.Net.Ip("route add 10.2.0.0/16 via 192.0.2.1");
        narrow.Wait(Long, told);
        told.RemoveAll(IsName);
        Assert.Equal([KernelEvent.TableChanged.Instance], told);
    }

    [Fact]
    public void Whoever_writes_a_route_is_named_by_the_number_of_its_process()
    {
        _world.Net.Ip("route add 10.3.0.0/16 via 192.0.2.1");

        var told = WaitUntil(one => one is KernelEvent.RouteWritten);

        var written = Assert.Single(told.OfType<KernelEvent.RouteWritten>());
        Assert.Equal("10.3.0.0/16", written.Destination.ToString());
        Assert.EndsWith($"(pid {written.Pid})", written.Writer, StringComparison.Ordinal);
        Assert.InRange(written.Pid!.Value, 2, int.MaxValue);
    }

    [Fact]
    public void Ten_thousand_changes_fit_while_nobody_listens()
    {
        _world.Net.IpBatch(
            string.Join(
                '\n',
                Enumerable.Range(0, 10_000).Select(at => $"route add 10.1.{at / 250}.{at % 250}/32 via 192.0.2.1")
            )
        );

        var told = Drain();

        Assert.DoesNotContain(KernelEvent.Lost.Instance, told);
        Assert.InRange(told.Count, 1, 1 + (10_000 / LinuxKernelEvents.DatagramsPerWaitMax));
    }

    [Fact]
    public void A_nudge_from_another_thread_ends_the_wait_and_nudges_before_it_count_as_one()
    {
        var nudger = new Thread(() => _events.Wake());
        nudger.Start();
        Assert.Empty(Wait(Long));
        nudger.Join();

        _events.Wake();
        _events.Wake();
        var clock = Stopwatch.StartNew();
        Assert.Empty(Wait(Long));
        Assert.True(clock.Elapsed < Long);
        Assert.Empty(Wait(TimeSpan.FromMilliseconds(20)));
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void The_end_of_a_process_is_told_once()
    {
        using var sleeper = Process.Start("sleep", "60");
        var identity = new LinuxMachine().TryIdentify(sleeper.Id)!.Value;
        Assert.True(_events.TryWatch(identity));
        Assert.True(_events.TryWatch(identity));
        Assert.Empty(Wait(TimeSpan.Zero));

        sleeper.Kill();

        Assert.Equal([new KernelEvent.ProcessExited(identity)], Wait(Long));
        Assert.Empty(Wait(TimeSpan.Zero));
        sleeper.WaitForExit();
        Assert.False(_events.TryWatch(identity));
    }

    [Fact]
    public void A_process_that_has_ended_and_was_not_told_yet_cannot_be_watched_again()
    {
        using var sleeper = Process.Start("sleep", "60");
        var identity = new LinuxMachine().TryIdentify(sleeper.Id)!.Value;
        Assert.True(_events.TryWatch(identity));

        sleeper.Kill();
        sleeper.WaitForExit();

        Assert.False(_events.TryWatch(identity));
        Assert.Equal([new KernelEvent.ProcessExited(identity)], Wait(Long));
    }

    [Fact]
    public void A_later_process_with_the_same_number_is_not_taken_for_the_earlier()
    {
        var self = new LinuxMachine().TryIdentify(Environment.ProcessId)!.Value;

        Assert.False(_events.TryWatch(self with { StartTime = self.StartTime - 1 }));
        Assert.True(_events.TryWatch(self));
        Assert.False(_events.TryWatch(new ProcessIdentity(0, 1)));
        Assert.False(_events.TryWatch(new ProcessIdentity(int.MaxValue, 1)));
    }

    [Fact]
    public void A_process_that_is_no_longer_watched_is_not_told()
    {
        using var sleeper = Process.Start("sleep", "60");
        var identity = new LinuxMachine().TryIdentify(sleeper.Id)!.Value;
        Assert.True(_events.TryWatch(identity));
        _events.Unwatch(identity);
        _events.Unwatch(identity);

        sleeper.Kill();
        sleeper.WaitForExit();

        Assert.Empty(Wait(TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public void No_more_processes_are_watched_than_the_bound_says()
    {
        var sleepers = Enumerable
            .Range(0, ProcessWatch.WatchedMax + 1)
            .Select(_ => Process.Start("sleep", "60"))
            .ToArray();
        try
        {
            var machine = new LinuxMachine();
            foreach (var sleeper in sleepers[1..])
            {
                Assert.True(_events.TryWatch(machine.TryIdentify(sleeper.Id)!.Value));
            }

            Assert.Throws<InvalidOperationException>(() =>
                _events.TryWatch(machine.TryIdentify(sleepers[0].Id)!.Value)
            );
            _events.Unwatch(machine.TryIdentify(sleepers[1].Id)!.Value);
            Assert.True(_events.TryWatch(machine.TryIdentify(sleepers[0].Id)!.Value));
        }
        finally
        {
            foreach (var sleeper in sleepers)
            {
                sleeper.Kill();
                sleeper.Dispose();
            }
        }
    }

    private List<KernelEvent> Wait(TimeSpan timeout)
    {
        List<KernelEvent> told = [];
        _events.Wait(timeout, told);
        told.RemoveAll(IsName);
        return told;
    }

    private List<KernelEvent> WaitUntil(Predicate<KernelEvent> isIt)
    {
        List<KernelEvent> told = [];
        var clock = Stopwatch.StartNew();
        while (!told.Exists(isIt) && clock.Elapsed < Long)
        {
            _events.Wait(Long, told);
        }

        Assert.True(told.Exists(isIt), string.Join('\n', told));
        return told;
    }

    private List<KernelEvent> Drain()
    {
        List<KernelEvent> told = [];
        for (var before = -1; before != told.Count; )
        {
            before = told.Count;
            _events.Wait(TimeSpan.Zero, told);
        }

        told.RemoveAll(IsName);
        return told;
    }

    // Who wrote is said beside what happened, and only some of the time.
    private static bool IsName(KernelEvent told) => told is KernelEvent.RouteWritten;

    private void Forget() => Drain();
}
