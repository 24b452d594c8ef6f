using RouteGuard.Core.Journal;
using RouteGuard.Core.Routes;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

/// <summary>What the journal says of the default path of each family.</summary>
public sealed class PathWatchTests
{
    /// <summary>As many are searched; the table of the test has some more.</summary>
    private const int RoutesMax = 50_000;

    private readonly GuardWorld _world = new();

    private IEnumerable<PathMark> Marks => _world.Machine.Records.SelectMany(record => record.Paths);

    [Fact]
    public void The_path_is_told_at_the_beginning_with_the_tunnel_after_a_drift_and_at_the_end()
    {
        Up();
        _world.Run(TimeSpan.FromMinutes(1));
        _world.Somebody(kernel => kernel.Delete("default dev tun0"));
        _world.Guard.RunOnce(TimeSpan.Zero);
        _world.Run(TimeSpan.FromMinutes(1));
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(GuardWorld.Home, Tables.Lines(_world.Kernel.Table.WithRoutes(WithoutTunnel())));
        Assert.Equal(
            ["Baseline phys0", "Session tun0", "Beside phys0", "Session tun0", "Baseline phys0"],
            Told(IpFamily.V4)
        );
        Assert.Equal(["Baseline phys0"], Told(IpFamily.V6));
    }

    [Fact]
    public void Before_a_session_nobody_looked_and_after_it_nobody_says_otherwise()
    {
        Up();
        Assert.All(_world.Machine.Records[0].Paths, mark => Assert.True(mark.IsAfterGap));
        Assert.Equal(2, _world.Machine.Records[0].Paths.Count);
        Assert.DoesNotContain(
            _world.Machine.Records.Skip(1).SelectMany(record => record.Paths),
            mark => mark.IsAfterGap
        );
    }

    [Fact]
    public void A_guard_that_was_started_again_says_that_it_did_not_look()
    {
        Up();
        _world.Somebody(kernel => kernel.Delete("default dev tun0"));
        _world.Machine.Forget();
        _world.Restart();
        var taken = _world.Machine.Records.Last(record =>
            record.Text.StartsWith("taken up again", StringComparison.Ordinal)
        );
        Assert.Equal(2, taken.Paths.Count);
        Assert.All(taken.Paths, mark => Assert.True(mark.IsAfterGap));
        Assert.Equal(PathOwner.Beside, taken.Paths.Single(mark => mark.Family == IpFamily.V4).Owner);
    }

    [Fact]
    public void A_default_that_leaves_no_way_out_is_none_and_one_that_a_dead_session_holds_is_held()
    {
        var session = _world.Guard.Begin(new("test", GuardWorld.Vpn.Pid, "tun0", Core.Sessions.DeathPolicy.Hold, 0));
        _world.FourSteps();
        _world.Guard.Up(session.Id, new("tun0"));
        _world.Run(TimeSpan.FromSeconds(1));
        _world.Kernel.Delete("::/0 via 2001:db8:1::1 dev phys0 proto ra metric 100");
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(30));
        _world.Guard.Restore(session.Id, isDryRun: false);
        Assert.Contains("Held ", Told(IpFamily.V4));
        Assert.Equal(session.Id.Value, Marks.First(mark => mark.Owner == PathOwner.Held).Session);
    }

    [Fact]
    public void Halves_by_two_ways_are_told_as_two()
    {
        var session = _world.Begin("tun0");
        _world.TunnelComes();
        _world.Kernel.Add("0.0.0.0/1 via 10.8.0.1 dev tun0");
        _world.Guard.Up(session.Id, new("tun0"));
        var mark = Marks.Last(mark => mark.Family == IpFamily.V4);
        Assert.Equal(PathOwner.Mixed, mark.Owner);
        Assert.Contains("0.0.0.0/1 via 10.8.0.1 dev tun0; default via 192.0.2.1", mark.Route, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_too_long_is_not_searched()
    {
        _world.Kernel.Become(
            _world.Kernel.Table.WithRoutes(
                _world.Kernel.Table.Routes.Concat(
                    Enumerable
                        .Range(0, RoutesMax)
                        .Select(number => new Route
                        {
                            Destination = Prefix.Host(IpAddress.V4(0x0a00_0000u + (uint)number)),
                            NextHop = new NextHop.OnLink(Tables.Phys0),
                        })
                )
            )
        );
        _world.Begin();
        Assert.All(Marks, mark => Assert.Equal(PathOwner.Unknown, mark.Owner));
        Assert.Equal(2, Marks.Count());
    }

    [Fact]
    public void A_journal_that_refuses_costs_no_change_and_its_memory_is_bounded()
    {
        Up();
        _world.Machine.DiskProblem = "the disk is full";
        const int Changes = 40;
        for (var change = 0; change < Changes; change++)
        {
            var route = $"198.51.100.0/24 via 192.0.2.9 dev phys0 metric {change + 1}";
            _world.Somebody(kernel => kernel.Add(route));
            _world.Somebody(kernel => kernel.Delete("default dev tun0"));
            _world.Run(TimeSpan.FromMinutes(1));
        }

        _world.Machine.DiskProblem = null;
        _world.Somebody(kernel => kernel.Delete("default dev tun0"));
        _world.Run(TimeSpan.FromMinutes(1));
        var late = _world.Machine.Records.Where(record => record.Paths.Count > 2).ToArray();
        Assert.All(late, record => Assert.InRange(record.Paths.Count, 1, JournalRecord.PathsMax));
        Assert.Contains(late, record => record.Paths[^1].IsAfterGap);
    }

    private void Up()
    {
        var session = _world.Begin("tun0");
        _world.FourSteps();
        _world.Guard.Up(session.Id, new("tun0"));
    }

    private IEnumerable<Route> WithoutTunnel() =>
        _world.Kernel.Table.Routes.Where(route => route.NextHop.Device != Tables.Tun0);

    private IEnumerable<string> Told(IpFamily family) =>
        Marks.Where(mark => mark.Family == family).Select(mark => $"{mark.Owner} {mark.Device}");
}
