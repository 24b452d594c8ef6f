using RouteGuard.KernelTests.Lab;
using RouteGuard.KernelTests.Vpn;

namespace RouteGuard.KernelTests.Daemon;

/// <summary>A stranger does what he can to the daemon; everybody else notices nothing.</summary>
/// <remarks>How long things take then, <c>tests/bench flood</c> measures; here it counts that they happen.</remarks>
[Collection(nameof(AloneCollection))]
public sealed class FloodTests
{
    private const int Pollers = 100;
    private const int Rounds = 10;

    /// <summary>A flood that did not do more was none.</summary>
    private const int RefusedMin = 1000;

    private static readonly TimeSpan FloodDuration = TimeSpan.FromSeconds(18);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(1);

    [Fact]
    public void In_a_flood_a_hundred_pollers_are_answered_and_a_dead_vpn_is_undone()
    {
        Needs.RootAnd("setpriv", "gcc");
        using var guarded = new GuardedVpn(VpnKind.TunFourSteps, BaselineKind.Dhcp100);
        guarded.StartAndConfirm();
        var socket = Path.Combine(guarded.Guard.RuntimeFolder, "routeguard.sock");
        var before = DaemonGauges.Of(guarded.Guard);

        var flood = new Flood(guarded.Lab, Person.Stranger, socket, FloodDuration);
        using var root = new HttpConnection(Person.Root, socket);
        var pollers = Enumerable.Range(0, Pollers).Select(_ => new HttpConnection(Person.Owner, socket)).ToArray();
        List<int> statuses = [];
        for (var round = 0; round < Rounds; round++)
        {
            if (round == Rounds / 2)
            {
                guarded.MustBeBroken();
                guarded.Vpn.Kill();
                guarded.MustBecomeAsBefore();
                guarded.Guard.WaitForNoSession();
            }

            Array.ForEach(pollers, poller => poller.Ask("GET /health"));
            Array.ForEach(pollers, poller => statuses.Add(poller.Hear().Status));
            Assert.Equal(200, root.Send("GET /v1/status").Status);
            Thread.Sleep(BetweenRounds);
        }

        Assert.True(flood.IsRunning, "The flood ended before the test did.");
        Array.ForEach(pollers, poller => poller.Dispose());
        var count = flood.Count();
        TestContext.Current.TestOutputHelper?.WriteLine($"{count}\n{before}\n{DaemonGauges.Of(guarded.Guard)}");
        Assert.Equal(Enumerable.Repeat(200, Pollers * Rounds), statuses);
        Assert.True(count.Refused > RefusedMin, $"That was no flood: {count}");
        Assert.Equal(200, root.Send("GET /health").Status);
    }
}

/// <summary>Tests that take the whole machine: no other one runs beside them.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
