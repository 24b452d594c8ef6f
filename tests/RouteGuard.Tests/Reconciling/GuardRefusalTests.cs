using RouteGuard.Core.Reconciling;
using RouteGuard.Core.Sessions;
using RouteGuard.Tests.Fakes;

namespace RouteGuard.Tests.Reconciling;

public sealed class GuardRefusalTests
{
    private readonly GuardWorld _world = new();

    [Theory]
    [InlineData(1, null, GuardRefusal.Invalid)]
    [InlineData(4711, "tun0/../x", GuardRefusal.Invalid)]
    [InlineData(4711, "a-name-that-is-too-long", GuardRefusal.Invalid)]
    public void A_session_that_makes_no_sense_is_refused(int pid, string? tunnel, GuardRefusal refusal) =>
        Assert.Equal(
            refusal,
            Assert
                .Throws<GuardException>(() => _world.Guard.Begin(new("x", pid, tunnel, DeathPolicy.Restore, 0)))
                .Refusal
        );

    [Fact]
    public void A_user_may_not_begin_a_session_for_somebody_elses_process() =>
        Assert.Equal(
            GuardRefusal.NotPermitted,
            Assert
                .Throws<GuardException>(() =>
                    _world.Guard.Begin(new("x", GuardWorld.Vpn.Pid, null, DeathPolicy.Restore, 1000))
                )
                .Refusal
        );

    [Fact]
    public void An_unknown_session_is_refused_and_one_that_is_closed_already_is_not()
    {
        var unknown = Assert.Throws<GuardException>(() => _world.Guard.End(SessionId.Parse("nobody")));
        Assert.Equal(GuardRefusal.NotFound, unknown.Refusal);

        var session = _world.Begin();
        _world.Machine.Kill(GuardWorld.Vpn);
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(RestoreResult.NothingToDo, _world.Guard.End(session.Id).Result);
    }

    [Fact]
    public void A_declared_tunnel_that_dies_before_the_first_look_is_noticed()
    {
        _world.Guard.Begin(new("hook", null, "tun0", DeathPolicy.Restore, 0));
        _world.FourSteps();
        _world.Run(TimeSpan.FromMilliseconds(50));
        _world.TunnelVanishes();
        _world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(GuardWorld.Home, _world.Now);
        Assert.Empty(_world.Guard.Sessions);
    }

    [Fact]
    public void Somebody_who_asks_is_told_that_the_kernel_takes_nothing_and_the_session_stays()
    {
        _world.Begin();
        _world.FourSteps();
        _world.Run(TimeSpan.FromSeconds(3));
        _world.Kernel.Broken = new("change routes", 1, "EPERM", "Run routeguard as root or with CAP_NET_ADMIN.");
        var refused = Assert.Throws<GuardException>(() => _world.Guard.Restore(null, isDryRun: false));
        Assert.Equal(GuardRefusal.NotPermitted, refused.Refusal);
        Assert.Equal(
            "Cannot change routes: the kernel says EPERM (1). Run routeguard as root or with CAP_NET_ADMIN.",
            refused.Message
        );
        Assert.Single(_world.Guard.Sessions);

        _world.Kernel.Broken = null;
        Assert.Equal(RestoreResult.Restored, _world.Guard.Restore(null, isDryRun: false).Result);
    }
}
