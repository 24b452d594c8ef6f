using RouteGuard.Core.Planning;
using RouteGuard.Core.Ports;
using RouteGuard.Core.Routes;
using RouteGuard.Platform.MacOS;

namespace RouteGuard.Tests.Darwin.Conformance;

/// <summary>All that the adapter does, against any Darwin kernel.</summary>
/// <remarks>
/// The kernel may be in whatever state others left it: each test works on a tunnel and prefixes of its own, and takes
/// away what it made. What it finds as defaults it puts back.
/// </remarks>
public abstract class AdapterConformance : IDisposable
{
    private const int TunnelNumber = 42;
    private const int RivalPid = 66;
    private const string Tunnel = "utun42";
    private const string Why = "is tested";

    private static readonly TimeSpan EventMax = TimeSpan.FromSeconds(5);

    private readonly IDarwinLab _lab;
    private readonly RecordingKernel _kernel;
    private readonly DarwinKernelRoutes _routes;
    private readonly RouteTable _before;

    private protected AdapterConformance(IDarwinLab lab)
    {
        _lab = lab;
        _lab.Command($"utun {TunnelNumber}");
        _lab.Command($"addr4 {Tunnel} 10.42.0.2 255.255.255.255 10.42.0.1");
        _lab.Command($"up {Tunnel}");
        _kernel = new(lab.Kernel);
        _routes = new(_kernel, lab.ProcessId);
        _before = _routes.Read();
    }

    public void Dispose()
    {
        GoBack();
        _routes.Dispose();
        _lab.Command($"utunclose {TunnelNumber}");
        _lab.Dispose();
        GC.SuppressFinalize(this);
        Assert.DoesNotContain(RoutingMessageType.Change, _kernel.Written);
    }

    /// <summary>Every kind of route that a VPN or configd makes.</summary>
    public static TheoryData<string> Kinds =>
        [
            "203.0.113.7 via 10.42.0.1 dev utun42 proto static host",
            "203.0.113.64/26 via 10.42.0.1 dev utun42 proto static",
            "203.0.113.9/32 via 10.42.0.1 dev utun42 proto static",
            "198.51.100.0/24 dev utun42 proto static",
            "0.0.0.0/1 via 10.42.0.1 dev utun42 proto static",
            "128.0.0.0/1 via 10.42.0.1 dev utun42 proto static",
            "default via 10.42.0.1 dev utun42 proto static ifscope utun42",
            "blackhole 203.0.113.128/26 proto static",
            "unreachable 198.51.100.128/25 proto static",
            "blackhole 2001:db8:66::/48 proto static",
            "unreachable 8000::/1 proto static",
        ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_route_that_is_added_is_read_back_and_a_second_time_it_is_there_already(string line)
    {
        var route = Parse(line);
        Assert.Equal(StepResult.Applied, Do(new PlanStep.AddRoute(route, false, Why)).Result);

        var read = Assert.Single(_routes.Read().Routes, other => RouteOrder.ComparePlace(other, route) == 0);
        Assert.Equal(route.NextHop, read.NextHop);
        Assert.Equal(route.Attributes.Protocol, read.Attributes.Protocol);
        Assert.Equal(StepResult.AlreadyDone, Do(new PlanStep.AddRoute(read, false, Why)).Result);

        Assert.Equal(StepResult.Applied, Do(new PlanStep.DeleteRoute(read, Why)).Result);
        Assert.Equal(StepResult.AlreadyDone, Do(new PlanStep.DeleteRoute(read, Why)).Result);
        Assert.DoesNotContain(_routes.Read().Routes, other => RouteOrder.ComparePlace(other, route) == 0);

        // What was read is enough to make it again, as it was.
        Assert.Equal(StepResult.Applied, Do(new PlanStep.AddRoute(read, false, Why)).Result);
        Assert.True(_routes.Read().Find(read)!.HasValueOf(read));
    }

    [Fact]
    public void A_route_that_stands_in_the_place_of_the_one_to_add_stays()
    {
        Add("203.0.113.64/26 via 10.42.0.1 dev utun42 proto static");
        var other = Parse("203.0.113.64/26 dev utun42 proto static");

        Assert.Equal(StepResult.Refused, Do(new PlanStep.AddRoute(other, false, Why)).Result);
        Assert.Equal(StepResult.Refused, Do(new PlanStep.DeleteRoute(other, Why)).Result);

        Assert.Contains("203.0.113.64/26 via 10.42.0.1", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replacement_in_one_place_is_a_removal_and_an_addition()
    {
        var before = Add("203.0.113.64/26 via 10.42.0.1 dev utun42 proto static");
        var after = Parse("203.0.113.64/26 dev utun42 proto static");

        Assert.Equal(StepResult.Applied, Do(new PlanStep.ReplaceRoute(before, after, Why)).Result);
        Assert.Contains("203.0.113.64/26 dev utun42", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replacement_that_the_kernel_refuses_leaves_what_was_there()
    {
        var before = Add("203.0.113.7 via 10.42.0.1 dev utun42 proto static host");
        var byItself = Parse("203.0.113.7 via 203.0.113.7 dev utun42 proto static host");

        Assert.Equal(StepResult.Refused, Do(new PlanStep.ReplaceRoute(before, byItself, Why)).Result);
        Assert.Contains("203.0.113.7 via 10.42.0.1 dev utun42", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_is_asked_where_a_packet_goes()
    {
        Add("203.0.113.64/26 via 10.42.0.1 dev utun42 proto static");

        var found = _routes.LookUp(IpAddress.Parse("203.0.113.70"));

        Assert.Equal("203.0.113.64/26", found!.Destination.ToString());
    }

    [Fact]
    public void A_default_through_a_link_local_router_names_its_interface_inside_the_address()
    {
        _lab.Command($"attach6 {Tunnel}");
        _lab.Command($"ll6 {Tunnel}");
        var scoped = Parse("default via fe80::1 dev utun42 proto ra ifscope utun42");

        Assert.Equal(StepResult.Applied, Do(new PlanStep.AddRoute(scoped, false, Why)).Result);
        var read = Assert.Single(_routes.Read().Routes, other => RouteOrder.ComparePlace(other, scoped) == 0);
        Assert.Equal(scoped.NextHop, read.NextHop);
        Assert.Equal(StepResult.Applied, Do(new PlanStep.DeleteRoute(read, Why)).Result);
    }

    [Fact]
    public void What_goes_with_a_tunnel_is_gone_from_the_next_read_and_comes_back_by_steps()
    {
        var kept =
            _before.Routes.FirstOrDefault(route =>
                route is { Destination.IsDefault: true, Family: IpFamily.V4, ScopeInterface.IsNone: true }
            ) ?? Add("default via 192.168.1.1 dev en0 proto static");
        var tunnelDefault = Parse("default via 10.42.0.1 dev utun42 proto static");
        Assert.Equal(StepResult.Applied, Do(new PlanStep.ReplaceRoute(kept, tunnelDefault, Why)).Result);

        _lab.Command($"utunclose {TunnelNumber}");
        Assert.DoesNotContain(_routes.Read().Routes, route => RouteOrder.ComparePlace(route, kept) == 0);

        Assert.Equal(StepResult.Applied, Do(new PlanStep.AddRoute(kept, false, Why)).Result);
        Assert.True(_routes.Read().Find(kept)!.HasValueOf(kept));
        _lab.Command($"utun {TunnelNumber}");
    }

    [Fact]
    public void Changes_of_others_are_told_with_their_writer_and_ours_are_not()
    {
        using var events = NewEvents();
        Add("203.0.113.64/26 via 10.42.0.1 dev utun42 proto static");
        List<KernelEvent> told = [];
        events.Wait(TimeSpan.FromMilliseconds(50), told);
        Assert.Empty(told);

        using var rival = _lab.OpenAs(RivalPid);
        var requests = new RouteRequests();
        Assert.True(requests.TryAdd(Parse("198.51.100.0/24 dev utun42 proto static"), 1, out var request, out _));
        Assert.Equal(DarwinErrno.None, rival.Write(request));
        events.Wait(EventMax, told);

        Assert.Contains(KernelEvent.TableChanged.Instance, told);
        var written = Assert.Single(told.OfType<KernelEvent.RouteWritten>());
        Assert.Equal(("198.51.100.0/24", RivalPid), (written.Destination.ToString(), written.Pid));
    }

    [Fact]
    public void A_tunnel_that_is_closed_is_told_as_not_usable()
    {
        using var events = NewEvents();
        var index = _lab.Kernel.IndexOf(Tunnel);
        _lab.Command($"utunclose {TunnelNumber}");
        var told = ListenFor(
            events,
            one => one is KernelEvent.LinkChanged { IsUsable: false } change && change.Index.Value == index
        );

        var link = told.OfType<KernelEvent.LinkChanged>().Last(change => change.Index.Value == index);
        Assert.False(link.IsUsable);
        Assert.Equal(Tunnel, link.Name);
        _lab.Command($"utun {TunnelNumber}");
    }

    [Fact]
    public void A_lookup_or_a_refused_request_of_somebody_says_nothing()
    {
        using var events = NewEvents();
        using var rival = _lab.OpenAs(RivalPid);
        var requests = new RouteRequests();
        rival.Write(requests.Get(IpAddress.Parse("203.0.113.1"), InterfaceIndex.None, 1));
        Assert.True(requests.TryDelete(Parse("203.0.113.192/26 dev utun42 proto static"), 2, out var request, out _));
        Assert.NotEqual(DarwinErrno.None, rival.Write(request));
        rival.Write([1, 2, 3]);

        List<KernelEvent> told = [];
        events.Wait(TimeSpan.FromMilliseconds(100), told);

        Assert.Empty(told);
    }

    [Fact]
    public void Nobody_can_forge_the_death_of_a_tunnel()
    {
        using var events = NewEvents();
        using var rival = _lab.OpenAs(RivalPid);
        var forged = new byte[112];
        forged[0] = 112;
        forged[2] = RoutingMessage.Version;
        forged[3] = (byte)RoutingMessageType.Interface;
        forged[12] = (byte)_lab.Kernel.IndexOf(Tunnel);
        rival.Write(forged);

        List<KernelEvent> told = [];
        events.Wait(TimeSpan.FromMilliseconds(100), told);

        Assert.DoesNotContain(told, one => one is KernelEvent.LinkChanged { IsUsable: false });
    }

    [Fact]
    public void What_takes_the_place_between_our_look_and_our_removal_is_put_back()
    {
        var ours = Add("203.0.113.64/26 via 10.42.0.1 dev utun42 proto static");
        var theirs = Parse("203.0.113.64/26 dev utun42 proto static");
        using var rival = _lab.OpenAs(RivalPid);
        _kernel.BeforeDelete = () =>
        {
            Assert.Equal(DarwinErrno.None, Send(rival, isAdd: false, ours));
            Assert.Equal(DarwinErrno.None, Send(rival, isAdd: true, theirs));
        };

        Assert.Equal(StepResult.Refused, Do(new PlanStep.DeleteRoute(ours, Why)).Result);

        Assert.Null(_kernel.BeforeDelete);
        Assert.Contains("203.0.113.64/26 dev utun42", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_full_buffer_lost_is_seen_by_the_next_read()
    {
        // The largest buffer that is given holds 3,276 messages (8 MiB of 2,560 bytes each).
        const int Pairs = 2000;
        using var events = NewEvents();
        _lab.Pause();
        using (var rival = _lab.OpenAs(RivalPid))
        {
            var noise = Parse("203.0.113.64/26 dev utun42 proto static");
            for (var pair = 0; pair < Pairs; pair++)
            {
                Assert.Equal(DarwinErrno.None, Send(rival, isAdd: true, noise));
                Assert.Equal(DarwinErrno.None, Send(rival, isAdd: false, noise));
            }

            Assert.Equal(DarwinErrno.None, Send(rival, isAdd: true, Parse("198.51.100.0/24 dev utun42 proto static")));
        }

        _lab.Resume();
        var told = ListenUntilQuiet(events);

        Assert.Contains(KernelEvent.TableChanged.Instance, told);
        Assert.DoesNotContain(
            told.OfType<KernelEvent.RouteWritten>(),
            written => written.Destination == Prefix.Parse("198.51.100.0/24")
        );
        Assert.Contains("198.51.100.0/24 dev utun42", Now(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_routes_are_read_whole()
    {
        PlanStep[] steps =
        [
            .. Enumerable
                .Range(0, 1000)
                .Select(at => new PlanStep.AddRoute(
                    Parse($"203.0.{at / 256}.{at % 256}/32 via 10.42.0.1 dev utun42 proto static"),
                    false,
                    Why
                )),
        ];
        Assert.All(_routes.Apply(_routes.Prepare(steps)), outcome => Assert.Equal(StepResult.Applied, outcome.Result));

        Assert.Equal(1000, Made(_routes.Read()).Count());
    }

    private DarwinKernelEvents NewEvents() => new(_lab.Kernel, _lab.NewQueue(), new SimulatedSystem(), _lab.ProcessId);

    // A death is many messages, and a wait may return with the first of them.
    private static List<KernelEvent> ListenFor(DarwinKernelEvents events, Predicate<KernelEvent> isIt)
    {
        const int WaitsMax = 100;
        List<KernelEvent> told = [];
        for (var wait = 0; wait < WaitsMax && !told.Exists(isIt); wait++)
        {
            events.Wait(TimeSpan.FromMilliseconds(50), told);
        }

        return told;
    }

    private static List<KernelEvent> ListenUntilQuiet(DarwinKernelEvents events)
    {
        const int WaitsMax = 1000;
        List<KernelEvent> told = [];
        for (int wait = 0, before = -1; wait < WaitsMax && told.Count > before; wait++)
        {
            before = told.Count;
            events.Wait(TimeSpan.FromMilliseconds(200), told);
        }

        return told;
    }

    private static int Send(IRoutingSocket socket, bool isAdd, Route route)
    {
        var requests = new RouteRequests();
        var isSaid = isAdd
            ? requests.TryAdd(route, 1, out var request, out var why)
            : requests.TryDelete(route, 1, out request, out why);
        Assert.True(isSaid, why);
        return socket.Write(request);
    }

    private Route Parse(string line) => RouteText.Parse(line, _before.Names);

    private StepOutcome Do(PlanStep step) => Assert.Single(_routes.Apply(_routes.Prepare([step])));

    private Route Add(string line)
    {
        var route = Parse(line);
        Assert.Equal(StepResult.Applied, Do(new PlanStep.AddRoute(route, false, Why)).Result);
        return _routes.Read().Routes.First(other => RouteOrder.ComparePlace(other, route) == 0);
    }

    private string Now()
    {
        var table = _routes.Read();
        return string.Join('\n', table.Routes.Select(route => RouteText.Print(route, table.Names)));
    }

    private IEnumerable<Route> Made(RouteTable now) =>
        now.Routes.Where(route =>
            route.Attributes.Protocol is RouteProtocol.Static or RouteProtocol.Ra
            && _before.Find(route)?.HasValueOf(route) != true
        );

    private void GoBack()
    {
        var now = _routes.Read();
        PlanStep[] steps =
        [
            .. Made(now).Select(route => new PlanStep.DeleteRoute(route, Why)),
            .. _before
                .Routes.Where(route =>
                    route.Attributes.Protocol == RouteProtocol.Static && now.Find(route)?.HasValueOf(route) != true
                )
                .Select(route => new PlanStep.AddRoute(route, false, Why)),
        ];
        _routes.Apply(_routes.Prepare(steps));
    }
}

/// <summary>On the kernel in memory.</summary>
public sealed class SimulatedKernelConformance() : AdapterConformance(new SimulatedLab());

/// <summary>On the kernel in memory behind a socket, so that the client is tested too.</summary>
public sealed class FrontedKernelConformance() : AdapterConformance(Front())
{
    private static SocketLab Front()
    {
        var service = new XnuSocketService();
        return new(service.Path, service);
    }
}

/// <summary>On a real XNU kernel, where a service fronts one.</summary>
public sealed class RealKernelConformance() : AdapterConformance(Open())
{
    private const string Variable = "ROUTEGUARD_XNU_SOCKET";

    private static SocketLab Open()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"Needs a service in front of an XNU kernel: set {Variable}.");
        return new(path!);
    }
}
