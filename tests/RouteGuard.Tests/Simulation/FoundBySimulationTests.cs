using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Simulation;

/// <summary>What the simulation found and no longer plays, because the oracle could not tell it from bad luck.</summary>
public sealed class FoundBySimulationTests
{
    [Fact]
    public void A_state_that_the_disk_refused_is_stored_when_it_takes_it()
    {
        var world = new GuardWorld();
        var session = world.Begin();
        world.FourSteps();
        world.Machine.DiskProblem = "Cannot store: input/output error.";
        world.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(SessionPhase.Begun, world.Machine.Stored[session.Id].Session.Phase);

        world.Machine.DiskProblem = null;
        world.Run(TimeSpan.FromSeconds(16));
        Assert.Equal(SessionPhase.Up, world.Machine.Stored[session.Id].Session.Phase);
    }
}
